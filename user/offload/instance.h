/* SPDX-License-Identifier: MIT */
/* An open instance, as the files of this room see it. */
#ifndef USER_OFFLOAD_INSTANCE_H
#define USER_OFFLOAD_INSTANCE_H

#include <stdbool.h>
#include <stddef.h>

#include <bpf/libbpf.h>

#include "arpkeeper/event.h"
#include "offload/carry.h"
#include "offload/pins.h"
#include "offload/types.h"

#define MAP_TABLE       "neigh_slots"
#define MAP_LAYOUT      "layout"
#define MAP_LAYOUT_NEXT "layout_next" /* between two layouts; see maps_pin() */
#define MAP_INDEX6      "neigh_index6"
#define MAP_INDEX6_NEXT "neigh_index6_next" /* likewise */
#define MAP_PORT        "port"

struct ring_buffer;

struct offload {
	struct pins pins;
	struct layout layout;
	struct bpf_object *object; /* loaded for its maps alone */
	struct neigh_slot *slots;  /* mapped */
	size_t slots_size;
	union index6_line *index6; /* mapped */
	struct carried carried;
	int layout_fd;    /* the record of a new table; -1 when the table was taken over */
	bool table_taken; /* it is the pinned one */
	bool pinned;      /* all maps are */
	struct ring_buffer *ring;
	void (*handle)(void *context, const struct event *event);
	void *context;
	struct detaching detaching;
};

#endif

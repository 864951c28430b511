/* SPDX-License-Identifier: MIT */
/*
 * The maps of an instance, as the other files of this folder see them.
 */
#ifndef USER_OFFLOAD_MAPS_H
#define USER_OFFLOAD_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bpf/libbpf.h>

#include "offload/carry.h"
#include "offload/offload.h"
#include "offload/pins.h"

#define MAP_TABLE       "neigh_slots"
#define MAP_LAYOUT      "layout"
#define MAP_LAYOUT_NEXT "layout_next" /* between two layouts; see maps_pin() */
#define MAP_PORT        "port"

#define MAPS_SHARED_MAX 16

struct ring_buffer;

struct offload {
	struct pins pins;
	struct layout layout;
	struct bpf_object *object; /* loaded for its maps alone */
	struct neigh_slot *slots;  /* mapped */
	size_t slots_size;
	struct carried carried;
	int layout_fd;    /* the record of a new table; -1 when the table was taken over */
	bool table_taken; /* it is the one that is pinned */
	bool pinned;      /* all is pinned */
	struct ring_buffer *ring;
	void (*handle)(void *context, const struct event *event);
	void *context;
};

/* Whether the XDP program's `map` is one that all interfaces share: pinned by its own name. */
bool maps_is_shared(const struct bpf_map *map);
/* The open map of that name; NULL if there is none. */
struct bpf_map *maps_find(const struct offload *offload, const char *name);
/*
 * Pins what is not yet pinned. The table and its layout record cannot be switched in one
 * instant, so the record names its table: first the record is pinned as `layout_next`, then the
 * table gets its name (from here on the new table counts), then the record gets its own.
 * Whoever opens the instance takes the record that names the pinned table. So a crash at any
 * point leaves either the old table or the new one, with its record.
 */
int maps_pin(struct offload *offload, struct fault *fault);
/* Numbers of the shared maps that are pinned, by which a program of this instance is known. */
size_t maps_pinned_ids(const struct pins *pins, uint32_t ids[MAPS_SHARED_MAX]);

/* The ring buffer, which hands events to offload->handle. */
int events_open(struct offload *offload, struct fault *fault);
void events_close(struct offload *offload);

#endif

/* SPDX-License-Identifier: MIT */
/* A port's handle, as the files of this room see it. */
#ifndef USER_OFFLOAD_PORT_STATE_H
#define USER_OFFLOAD_PORT_STATE_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "arpkeeper/port.h"
#include "offload/mode.h"
#include "offload/pins.h"
#include "offload/types.h"

struct offload_port {
	struct pins pins;
	char interface[IFNAMSIZ];
	unsigned ifindex;
	uint32_t mode;
	bool redirect; /* PORT_REDIRECT */
	int map_fd;
	struct port *map;    /* mapped */
	uint32_t configured; /* coarse seconds: when the active configuration last changed */
	int program_fd;
	uint32_t program_id;
	int dispatcher_fd; /* -1: attached alone */
	uint32_t attached_id;
	bool dispatcher_ours; /* no other programs in it */
	uint32_t table_id;    /* of the map that the program answers from */
	struct detaching detaching;
	char reason[MODE_REASON];
};

#endif

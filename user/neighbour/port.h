/* SPDX-License-Identifier: MIT */
/* Where a segment's senders are heard. */
#ifndef USER_NEIGHBOUR_PORT_H
#define USER_NEIGHBOUR_PORT_H

#include "neighbour/state.h"

#define PORTS_MAX 127 /* of a segment; more share the last */

struct learn_port {
	char interface[INTERFACE_TEXT]; /* "": loaded, or inherited */
	uint32_t learned;               /* addresses, of the MACs that were first heard there */
	uint32_t until;                 /* of its rate (rate.h) */
	bool slowed;                    /* too fast, and the alert was given */
};

/* The number of the segment's port with that name (NULL: ""). */
unsigned port_number(struct segment_state *segment, const char *interface);
/* Whether senders are heard on more than one interface. */
bool port_is_one_of_many(const struct segment_state *segment);

#endif

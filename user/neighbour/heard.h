/* SPDX-License-Identifier: MIT */
/* Events from the wire: a sender was heard, an address was asked for. */
#ifndef USER_NEIGHBOUR_HEARD_H
#define USER_NEIGHBOUR_HEARD_H

#include "neighbour/types.h"

struct neighbour_heard {
	uint32_t slot;
	struct mac mac;
	bool reply;  /* or a request */
	bool answer; /* a reply sent to the agent alone: it may answer a request of the agent's */
	bool gratuitous;
	const char *interface;
	const char *trigger; /* a string literal; NULL: "request", "reply" or "announcement" */
};
void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock);
/* A host asked for the slot's address, and the table had no answer. */
void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock);

#endif

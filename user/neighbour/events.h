/* SPDX-License-Identifier: MIT */
/* Events: a sender was heard, an address was asked for, the sponge answered, a link changed. */
#ifndef USER_NEIGHBOUR_EVENTS_H
#define USER_NEIGHBOUR_EVENTS_H

#include "neighbour/types.h"

struct neighbour_heard {
	uint32_t slot;
	struct mac mac;
	bool reply;  /* or a request */
	bool answer; /* a reply sent to the agent alone: it may answer a request of the agent's */
	bool gratuitous;
	bool advertised; /* a neighbour advertisement, whose R says whether the host routes */
	bool router;     /* that R */
	const char *interface;
	const char *trigger; /* a string literal; NULL: "request", "reply" or "announcement" */
};
void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock);
/* A host asked for the slot's address, and the table had no answer. */
void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock);

/* `holder` got the sponge's MAC for the slot's address. */
void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, struct address holder,
                       struct mac holder_mac, const struct neighbour_clock *clock);
/* The sponge's MAC from now on: policy's was zero, or it changed. */
void neighbour_sponge_at(struct neighbour *neighbour, unsigned segment, struct mac mac);

/* A segment's last link went down: silence proves nothing until its first link is up again, and
 * then every older binding is verified. At start all links are up. */
void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock);

#endif

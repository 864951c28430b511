/* SPDX-License-Identifier: MIT */
/*
 * Addresses where main may not be what the fleet says, each with the node that was the last to
 * change it; and addresses that were learned, and that this node claims later.
 */
#ifndef USER_HISTORY_DOUBTS_H
#define USER_HISTORY_DOUBTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/protocol.h"

/* An empty one is all zeros. */
struct doubts {
	struct addresses set;
	unsigned *by; /* the nodes' numbers, in the order of the set; owned */
	size_t room;
};

int doubts_add(struct doubts *doubts, unsigned segment, struct address address,
               unsigned node); /* 0 or -ENOMEM */
/* The node; 0 if the address is not among them. */
unsigned doubts_by(const struct doubts *doubts, unsigned segment, struct address address);
size_t doubts_count(const struct doubts *doubts);
void doubts_empty(struct doubts *doubts); /* keeps the memory */
void doubts_clear(struct doubts *doubts);

struct wait {
	unsigned segment;
	struct address address;
	uint64_t due; /* milliseconds; 0: it waits no longer */
};

/* An empty one is all zeros. */
struct waits {
	struct addresses set;
	struct wait *wait; /* in the order of the set; owned */
	size_t room;
	size_t count;  /* those that do wait */
	uint32_t next; /* where waits_take() goes on */
};

int waits_add(struct waits *waits, unsigned segment, struct address address,
              uint64_t due); /* 0 or -ENOMEM */
bool waits_have(const struct waits *waits, unsigned segment, struct address address);
void waits_drop(struct waits *waits, unsigned segment, struct address address);
/* One that is due, which waits no longer then. False: all were looked at; the next call begins
 * anew. */
bool waits_take(struct waits *waits, uint64_t now, unsigned *segment, struct address *address);
/* When the first is due; UINT64_MAX: none waits. */
uint64_t waits_next(const struct waits *waits);
void waits_clear(struct waits *waits);

#endif

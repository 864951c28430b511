/* SPDX-License-Identifier: MIT */
/*
 * The proposal under way: it comes in pieces, the table's owner merges it, and the answer goes
 * back.
 *
 * While the owner merges a large proposal in many steps, the log stays linear. For each address,
 * the recorder gets changes in the order in which the table made them. The answer says what the
 * table held when it merged that address. So a change of an address that is merged already is held
 * until the answer is posted; others are posted at once, and may overtake it. While anything is
 * held, so is the end of a task.
 */
#ifndef USER_LEDGER_OFFER_H
#define USER_LEDGER_OFFER_H

#include "ledger/posts.h"

struct offer {
	struct history_proposal proposal;
	size_t expected, room;
	bool begun, complete; /* complete: the owner has it */
	void **memory;        /* owned: what the items point into */
	size_t memories, memory_room;
	struct post *held, **last;
};

void offer_init(struct offer *offer);
/* Drops it; what is held must be gone. */
void offer_clear(struct offer *offer);
/* A proposal begins. `most`: addresses that there are. -EPROTO, -ENOMEM. */
int offer_begin(struct offer *offer, const struct packet_propose *propose, size_t most);
/* A frame with items, which is copied. 1: it is complete now. */
int offer_add(struct offer *offer, const char *frame, size_t length,
              const struct packet_source *source);
/* Takes over a change or the end of a task, if it must wait for the answer. */
bool offer_holds(struct offer *offer, struct post *post);
/* Posts the answer, then everything held, and drops the proposal. `cancelled`: the owner merges no
 * further item. -ENOMEM: nothing was posted. */
int offer_answer(struct offer *offer, struct posts *posts, bool cancelled);
/* The recorder that proposed it is gone: posts what is held, and drops the proposal. */
void offer_withdraw(struct offer *offer, struct posts *posts);

#endif

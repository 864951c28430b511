/* SPDX-License-Identifier: MIT */
/*
 * What the owner posts while it merges a proposal, slice by slice.
 *
 * The invariant: for each address, history gets changes in the order in which the table made them,
 * and the answer to a proposal says what the table held when it merged that address. So a
 * change of an address that the table has merged already waits until the answer is posted, since it
 * comes after the merge; one of an address that it has not merged yet goes at once, since the merge
 * comes after it. The end of a task waits behind whatever waits. Changes of different addresses
 * may change places; at rest it makes no difference.
 */
#ifndef USER_HISTORY_HOLDING_H
#define USER_HISTORY_HOLDING_H

#include <stdbool.h>

#include "history/mailbox.h"

struct holding {
	const struct history_proposal *proposal; /* that the owner merges; NULL: none */
	struct message *first, **last;           /* owned: what waits */
};

void holding_init(struct holding *holding);
void holding_clear(struct holding *holding);
/* The owner has this proposal from now on; from now on no longer, and the answer is posted: what
 * waits follows it. */
void holding_begin(struct holding *holding, const struct history_proposal *proposal);
void holding_end(struct holding *holding, struct queue *in);
/* Posts a change, or the end of a task, or keeps it to be posted later. Takes it over. */
void holding_post(struct holding *holding, struct queue *in, struct message *message);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Keeps the log linear while the owner merges a large proposal in many steps.
 *
 * For each address, history gets changes in the order in which the table made them. The answer to a
 * proposal says what the table held when it merged that address. So a change of an address that is
 * merged already waits here until the answer is posted. A change of an address that is not merged
 * yet is posted at once. While anything waits, so does the end of a task. Changes of different
 * addresses may overtake each other.
 */
#ifndef USER_HISTORY_HOLDING_H
#define USER_HISTORY_HOLDING_H

#include "history/mailbox.h"
#include "history/message.h"

/* For the owner's thread. */
struct holding {
	const struct history_proposal *proposal; /* the owner is merging it; NULL: none */
	struct mails held;
};

void holding_init(struct holding *holding);
void holding_clear(struct holding *holding);
/* The owner begins to merge this. */
void holding_begin(struct holding *holding, const struct history_proposal *proposal);
/* The answer is posted: posts everything held. */
void holding_end(struct holding *holding, struct mailbox *in);
/* Posts or holds a change or the end of a task. Takes it over. */
void holding_post(struct holding *holding, struct mailbox *in, struct message *message);

#endif

/* SPDX-License-Identifier: MIT */
/* Proposals: what the rule makes of an item, and what the owner sets in it. */
#ifndef USER_PROTOCOL_PROPOSAL_H
#define USER_PROTOCOL_PROPOSAL_H

#include "protocol/types.h"

/* The source of what other nodes say. */
#define PROPOSAL_FLEET "fleet"

bool proposal_is_fleet(const struct history_proposal *proposal);

/* Decides an item against the table's entry `ours`, and sets item->choice. Returns `ours`, or one
 * of the item's entries. What other nodes say is decided already: it is taken, unless the table's
 * binding has changed from the base meanwhile, which is a word of this node's own. Of people's
 * edits, see `retimed`. */
const struct entry *proposal_decide(const struct history_proposal *proposal,
                                    struct history_item *item, const struct entry *ours);
/* Sets item->result, which is copied unless it is the item's own. 0 or -ENOMEM. */
int proposal_set_result(struct history_item *item, const struct entry *result);
/* Orders items by segment and address; for qsort() and bsearch(). */
int proposal_compare(const void *a, const void *b);
/* NULL is fine. */
void proposal_free(struct history_proposal *proposal);

#endif

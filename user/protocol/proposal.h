/* SPDX-License-Identifier: MIT */
/* Proposals: what the rule makes of an item, and what the owner sets in it. */
#ifndef USER_PROTOCOL_PROPOSAL_H
#define USER_PROTOCOL_PROPOSAL_H

#include "protocol/types.h"

/* Decides an item against the table's entry `ours`, and sets item->choice. Returns `ours`, or one
 * of the item's entries. */
const struct entry *proposal_decide(const struct history_proposal *proposal,
                                    struct history_item *item, const struct entry *ours);
/* Sets item->result, which is copied unless it is the item's own. 0 or -ENOMEM. */
int proposal_set_result(struct history_item *item, const struct entry *result);
/* Orders items by segment and address; for qsort() and bsearch(). */
int proposal_compare(const void *a, const void *b);
/* NULL is fine. */
void proposal_free(struct history_proposal *proposal);

#endif

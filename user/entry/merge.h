/* SPDX-License-Identifier: MIT */
/*
 * The merge rule: three versions of one entry in, one out. Pure. The agent, a start and the tests
 * all decide by it.
 *
 *   changed on one side                   that side
 *   removed on one, unchanged on other    removed
 *   removed and changed                   the change stays
 *   changed on both                       static beats dynamic, then later `since`, then lower
 *                                         MAC, then the lower text of the rest
 *
 * For a given base the rule takes the greatest of a total order, so it is commutative, associative
 * and idempotent. Over a history it is not, because bases differ from merge to merge: what people
 * push is therefore merged edit by edit (store/authored.h).
 */
#ifndef USER_ENTRY_MERGE_H
#define USER_ENTRY_MERGE_H

#include "entry/value.h"

enum merge_choice {
	MERGE_TRIVIAL,     /* sides agree, or one alone changed */
	MERGE_TOOK_OURS,   /* both changed, differently: ours stands */
	MERGE_TOOK_THEIRS, /* both changed, differently: theirs stands */
	MERGE_REFUSED      /* the table cannot have theirs: the address is the host's own */
};

/* NULL means absent. Returns one of the three pointers given (never a copy). */
const struct entry *entry_merge(const struct entry *base, const struct entry *ours,
                                const struct entry *theirs, enum merge_choice *choice);

/* Undoes a change. If `ours` is still as the change left it (`left`), `before` comes back. Else
 * ours stays, and the choice is MERGE_TOOK_OURS, unless ours equals `before` already. Returns one
 * of the three. */
const struct entry *entry_undo(const struct entry *left, const struct entry *ours,
                               const struct entry *before, enum merge_choice *choice);

/* Why theirs is not taken, where the choice is MERGE_REFUSED. */
#define MERGE_WHY_REFUSED "the address is the host's own"

/* Why the winner won: "static beats dynamic", "later since", "lower MAC",
 * "the change outlives the removal", "order of text". Static string. */
const char *entry_merge_reason(const struct entry *winner, const struct entry *loser);

#endif

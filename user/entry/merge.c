/* SPDX-License-Identifier: MIT */
/*
 * The merge rule. For a given base each version has a place in a total order, unchanged <
 * removed < changed by rank, and the greater one wins. Which side is "ours" never decides: so the
 * order of merges does not matter.
 */
#include "entry/merge.h"

#include <string.h>

/* Absent is lower than any text, also the empty one. */
static int compare_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* Positive: `a` wins over `b`; 0 only for equal entries. `reason` says why. */
static int compare_rank(const struct entry *a, const struct entry *b, const char **reason)
{
	int order;

	*reason = "static beats dynamic";
	if (a->state != b->state)
		return a->state == ENTRY_STATIC ? 1 : -1;
	*reason = "later since";
	if (a->since != b->since)
		return a->since > b->since ? 1 : -1;
	*reason = "lower MAC";
	order = mac_compare(b->mac, a->mac);
	if (order)
		return order;
	*reason = "order of text";
	if (a->after != b->after)
		return a->after < b->after ? 1 : -1;
	order = compare_text(b->origin, a->origin);
	if (!order)
		order = compare_text(b->note, a->note);
	if (!order)
		order = b->router - a->router;
	if (!order)
		order = compare_text(b->extra, a->extra);
	return order;
}

const struct entry *entry_merge(const struct entry *base, const struct entry *ours,
                                const struct entry *theirs, enum merge_choice *choice)
{
	const char *reason;
	bool ours_wins;

	*choice = MERGE_TRIVIAL;
	if (entry_equal(ours, theirs) || entry_equal(base, theirs))
		return ours;
	if (entry_equal(base, ours))
		return theirs;
	/* Both changed, and differently; at most one of them is a removal. */
	if (!ours || !theirs)
		ours_wins = ours != NULL;
	else
		ours_wins = compare_rank(ours, theirs, &reason) > 0;
	*choice = ours_wins ? MERGE_TOOK_OURS : MERGE_TOOK_THEIRS;
	return ours_wins ? ours : theirs;
}

const struct entry *entry_undo(const struct entry *left, const struct entry *ours,
                               const struct entry *before, enum merge_choice *choice)
{
	*choice = MERGE_TRIVIAL;
	if (entry_equal(ours, before))
		return ours;
	if (entry_equal(ours, left))
		return before;
	*choice = MERGE_TOOK_OURS;
	return ours;
}

const char *entry_merge_reason(const struct entry *winner, const struct entry *loser)
{
	const char *reason;

	if (!winner || !loser)
		return "the change outlives the removal";
	compare_rank(winner, loser, &reason);
	return reason;
}

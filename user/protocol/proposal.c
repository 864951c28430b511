// SPDX-License-Identifier: MIT
/* Proposals as values: they own their entries. Touches neither git nor the table. */
#include "protocol/proposal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool proposal_is_fleet(const struct history_proposal *proposal)
{
	return proposal->source && strcmp(proposal->source, PROPOSAL_FLEET) == 0;
}

static bool same_binding(const struct entry *a, const struct entry *b)
{
	return a && b ? mac_equal(a->mac, b->mac) && a->state == b->state : a == b;
}

static bool same_but_for_times(const struct entry *a, const struct entry *b)
{
	struct entry alike;

	if (!a || !b)
		return false;
	alike = *a;
	alike.since = b->since;
	alike.after = b->after;
	return entry_equal(&alike, b);
}

const struct entry *proposal_decide(const struct history_proposal *proposal,
                                    struct history_item *item, const struct entry *ours)
{
	const struct entry *base;

	if (proposal_is_fleet(proposal)) {
		bool same = same_binding(ours, item->base);

		item->choice = same ? MERGE_TRIVIAL : MERGE_TOOK_OURS;
		return same ? item->theirs : ours;
	}
	base = proposal->retimed && same_but_for_times(item->base, ours) ? ours : item->base;
	return proposal->undo ? entry_undo(base, ours, item->theirs, &item->choice)
	                      : entry_merge(base, ours, item->theirs, &item->choice);
}

int proposal_set_result(struct history_item *item, const struct entry *result)
{
	if (result == item->theirs)
		item->result = item->theirs;
	else if (result == item->base)
		item->result = item->base;
	else
		item->result = entry_copy(result);
	return result && !item->result ? -ENOMEM : 0;
}

int proposal_compare(const void *a, const void *b)
{
	const struct history_item *left = a, *right = b;

	if (left->segment != right->segment)
		return left->segment < right->segment ? -1 : 1;
	return address_compare(left->address, right->address);
}

void proposal_free(struct history_proposal *proposal)
{
	if (!proposal)
		return;
	for (size_t i = 0; i < proposal->items; i++) {
		struct history_item *item = &proposal->item[i];

		if (item->result != item->theirs && item->result != item->base)
			entry_free(item->result);
		if (proposal->arena)
			continue;
		/* An unchanged item has one entry for both. */
		if (item->theirs != item->base)
			entry_free(item->theirs);
		entry_free(item->base);
	}
	if (proposal->arena) {
		free(proposal->arena);
		return;
	}
	free(proposal->item);
	free((char *)proposal->source);
	free(proposal);
}

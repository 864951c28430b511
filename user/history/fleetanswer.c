// SPDX-License-Identifier: MIT
/* What the owner answered, and what it means for this node's words. Asks nothing. */
#include "history/fleetanswer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/claims.h"
#include "history/gather.h"
#include "history/tasklog.h"

#define COMMIT_CHANGES 10000 /* a person can still page through it */

/* --- the answer ------------------------------------------------------------------------------- */

/* Whose word a result is. */
static unsigned node_of(const struct claims *claims, const struct history_item *item)
{
	struct claim winner;
	unsigned node;

	fleet_view(claims->fleet, item->segment, item->address, &winner, &node);
	return winner.state == CLAIM_NONE ? doubts_by(&claims->asked, item->segment, item->address)
	                                  : node;
}

static int collect(struct state *state, struct transitions *changed, struct fault *fault)
{
	const struct history_proposal *proposal = state->door.proposal;
	const struct claims *claims = state->claims;

	if (transitions_reserve(changed, proposal->items) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < proposal->items; i++) {
		const struct history_item *item = &proposal->item[i];
		struct transition one = {.segment = item->segment, .address = item->address};
		struct entry *ours = NULL;
		int error;

		if (item->choice == MERGE_REFUSED || item->result != item->theirs)
			continue;
		error = archive_entry(&state->archive, &ours, &state->head.tree, item->segment,
		                      item->address, fault);
		if (error)
			return error;
		if (!entry_equal(ours, item->result)) {
			one.after = entry_copy(item->result);
			one.node = fleet_node_name(claims->fleet, node_of(claims, item));
			if (item->result && !one.after)
				error = fault_set(fault, -ENOMEM, "out of memory");
			else
				transitions_add(changed, &one);
		}
		entry_free(ours);
		if (error)
			return error;
	}
	return 0;
}

static int record(struct state *state, struct transitions *changed, struct fault *fault)
{
	struct context context = {.trigger = (char *)PROPOSAL_FLEET};
	int error = 0;

	for (size_t at = 0; at < changed->count && !error; at += COMMIT_CHANGES) {
		const struct transitions part = {.item = changed->item + at,
		                                 .count = changed->count - at < COMMIT_CHANGES
		                                                  ? changed->count - at
		                                                  : COMMIT_CHANGES};

		error = tasklog_record(state, "sync", &context, &part, fault);
		if (error == -EALREADY)
			error = 0;
	}
	return error;
}

/* The table keeps what others removed: the host was heard here. So it is this node's. */
static int claim_kept(struct state *state, struct fault *fault)
{
	const struct history_proposal *proposal = state->door.proposal;
	int error = 0;

	for (size_t i = 0; i < proposal->items && !error; i++) {
		const struct history_item *item = &proposal->item[i];
		struct transition kept = {.segment = item->segment, .address = item->address};
		struct word word;

		if (item->theirs || !item->result || item->choice == MERGE_REFUSED)
			continue;
		kept.after = entry_copy(item->result);
		if (!kept.after)
			return fault_set(fault, -ENOMEM, "out of memory");
		error = claims_word(state, &word, "learn", &kept, fault);
		if (!error) {
			word.due = 0;
			claims_say(state, &word);
		}
		entry_free(kept.after);
	}
	return error;
}

int fleetanswer_settle(struct state *state, struct fault *fault)
{
	struct transitions changed = {0};
	bool cancelled = state->door.cancelled;
	/* The table had all of this when it merged. */
	int error = tasklog_commit_all(state, fault);

	if (!error)
		error = collect(state, &changed, fault);
	if (!error)
		error = record(state, &changed, fault);
	transitions_clear(&changed);
	if (!error)
		error = claim_kept(state, fault);
	if (!error && !cancelled)
		error = gather_publish(state, fault);
	if (error)
		return error;
	doubts_empty(&state->claims->asked);
	return 0;
}

void fleetanswer_cancel(struct state *state)
{
	struct history_proposal *proposal = state->door.proposal;

	for (size_t i = proposal->merged; i < proposal->items; i++)
		proposal->item[i].choice = MERGE_REFUSED;
	state->door.cancelled = state->door.answered = true;
}

/* --- what people ask for ---------------------------------------------------------------------- */

static int word_item(struct state *state, struct history_item *item, struct word *word,
                     struct fault *fault)
{
	struct transition one = {.segment = item->segment, .address = item->address};
	struct entry *ours = NULL;
	int error;

	if (item->choice == MERGE_REFUSED || item->result != item->theirs)
		return 0;
	error = archive_entry(&state->archive, &ours, &state->head.tree, item->segment,
	                      item->address, fault);
	if (!error && !entry_equal(ours, item->result)) {
		one.after = entry_copy(item->result);
		error = item->result && !one.after
		                ? fault_set(fault, -ENOMEM, "out of memory")
		                : claims_word(state, word, "operator", &one, fault);
	}
	/* With the claim's times. */
	if (!error && one.after && !entry_equal(one.after, item->result))
		item->result = one.after;
	else
		entry_free(one.after);
	entry_free(ours);
	return error;
}

int fleetanswer_word(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	size_t items = door->proposal->items;
	int error = 0;

	if (!state->claims || items == 0)
		return 0;
	if (!door->word)
		door->word = calloc(items, sizeof(*door->word));
	if (!door->word)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (; door->words < items && !error; door->words += !error)
		error = word_item(state, &door->proposal->item[door->words],
		                  &door->word[door->words], fault);
	return error;
}

void fleetanswer_say(struct state *state)
{
	const struct door *door = &state->door;

	for (size_t i = 0; i < door->words; i++)
		claims_say(state, &door->word[i]);
}

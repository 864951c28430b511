// SPDX-License-Identifier: MIT
/* Asks the owner about what others say, and records the answer. */
#include "history/fleetdoor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/changes.h"
#include "history/door.h"
#include "history/gather.h"
#include "history/tasklog.h"

#define COMMIT_CHANGES 10000 /* a person can still page through it */

/* --- asking ----------------------------------------------------------------------------------- */

struct asking {
	struct state *state;
	struct claimfile file;
	struct changes changes;
};

/* What this node learned, or does not share, is its own business. */
static bool is_private(const struct claims *claims, unsigned segment, uint32_t address,
                       const struct entry *ours)
{
	return waits_have(&claims->waits, segment, address) ||
	       (claims->share[segment] == SHARE_STATIC && ours->state == ENTRY_DYNAMIC);
}

static int add_item(struct asking *asking, unsigned segment, uint32_t address, struct fault *fault)
{
	struct state *state = asking->state;
	struct claims *claims = state->claims;
	struct validated validated = {
	        .what = VALIDATED_ENTRY, .segment = segment, .address = address};
	struct history_item *item;
	struct entry *base = NULL;
	struct claim winner;
	struct fault why;
	unsigned node;
	bool want = claims_want(claims, segment, address, &winner, &node), has;
	git_oid ours = {{0}};
	int error =
	        archive_find(&state->archive, &ours, &state->head.tree, segment, address, fault);

	if (error && error != -ENOENT)
		return error;
	has = error == 0;
	if (want ? has && !memcmp(ours.id, winner.text, sizeof(winner.text)) : !has)
		return 0;
	error = has ? archive_entry(&state->archive, &base, &state->head.tree, segment, address,
	                            fault)
	            : 0;
	if (error || (base && !want && is_private(claims, segment, address, base)))
		goto out;
	if (want) {
		memcpy(ours.id, winner.text, sizeof(ours.id));
		error = claimfile_entry(&asking->file, &validated.entry, &ours, &why);
	}
	if (error) {
		/* Its text is not there any more: the next of its owner's words is. */
		log_warning("what node %s says of an address cannot be read: %s",
		            fleet_node_name(claims->fleet, node), why.text);
		error = archive_is_at_fault(error) ? 0 : fault_set(fault, error, "%s", why.text);
		goto out;
	}
	if (changes_add(&asking->changes, &validated, base))
		return fault_set(fault, -ENOMEM, "out of memory");
	item = &asking->changes.item[asking->changes.items - 1];
	item->foreign =
	        want ? node != FLEET_OWN : doubts_by(&claims->asked, segment, address) != FLEET_OWN;
	return 0;
out:
	entry_free(base);
	return error;
}

/* Hands the items to the owner. */
static int propose(struct asking *asking, struct fault *fault)
{
	struct state *state = asking->state;
	struct door *door = &state->door;
	struct message *message = message_new(MESSAGE_PROPOSE);
	int error = message ? request_fleet(&door->request) : -ENOMEM;

	if (error) {
		message_free(message);
		return fault_set(fault, error, "out of memory");
	}
	error = changes_propose(&door->proposal, &asking->changes, PROPOSAL_FLEET, fault);
	if (error) {
		message_free(message);
		door_clear(door);
		return error;
	}
	message->proposal = door->proposal;
	mailbox_put(state->out, &message->mail);
	return 0;
}

/* Doubts that come meanwhile are asked about later. */
static void swap_doubts(struct claims *claims)
{
	const struct doubts doubts = claims->doubts;

	claims->doubts = claims->asked;
	claims->asked = doubts;
}

static int ask(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	struct asking asking = {.state = state};
	uint32_t cursor = 0, address;
	unsigned segment;
	int error = claimfile_open(&asking.file, state->archive.repository, fault);

	if (error)
		return error;
	while (!error && addresses_next(&claims->asked.set, &cursor, &segment, &address))
		error = add_item(&asking, segment, address, fault);
	if (!error && asking.changes.items > 0)
		error = propose(&asking, fault);
	changes_clear(&asking.changes);
	claimfile_close(&asking.file);
	return error;
}

int fleetdoor_step(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	int error = claims && !state->closing ? claims_claim_due(state, fault) : 0;

	if (error || !claims || state->closing || state->door.request)
		return error;
	if (claims->look)
		error = gather_look(state, fault);
	if (!error && doubts_count(&claims->doubts) > 0) {
		error = tasklog_commit_all(state, fault);
		/* Own claims are read by what reads others'. */
		if (!error)
			error = writer_flush(state->archive.writer, fault);
		if (!error) {
			swap_doubts(claims);
			error = ask(state, fault);
			if (error)
				swap_doubts(claims);
			else if (!state->door.request)
				doubts_empty(&claims->asked);
		}
	}
	if (!error && !state->door.request && gather_waits(state))
		error = gather_publish(state, fault);
	return error;
}

void fleetdoor_arm(struct state *state)
{
	struct claims *claims = state->claims;
	uint64_t next = claims ? waits_next(&claims->waits) : UINT64_MAX, now;

	if (next == UINT64_MAX || state->closing)
		return;
	now = uv_now(&state->loop);
	uv_timer_start(&claims->timer, claims_due, next > now ? next - now : 1, 0);
}

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

int fleetdoor_settle(struct state *state, struct fault *fault)
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
	door_conclude(state, &(struct history_outcome){0});
	return 0;
}

void fleetdoor_cancel(struct state *state)
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

int fleetdoor_word(struct state *state, struct fault *fault)
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

void fleetdoor_say(struct state *state)
{
	const struct door *door = &state->door;

	for (size_t i = 0; i < door->words; i++)
		claims_say(state, &door->word[i]);
}

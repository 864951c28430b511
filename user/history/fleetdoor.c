// SPDX-License-Identifier: MIT
/* Asks the owner about what others say, and records the answer. */
#include "history/fleetdoor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/claims.h"
#include "history/door.h"
#include "history/gather.h"
#include "history/tasklog.h"
#include "merge/merge.h"

/* Those that were learned and whose time has come are claimed. */
static int claim_due(struct state *state, struct fault *fault)
{
	struct claims *claims = state->claims;
	uint64_t now = uv_now(&state->loop);
	struct transition one = {.after = NULL};
	struct word word;
	int error = 0;

	if (waits_next(&claims->waits) > now)
		return 0;
	/* What main has is claimed. */
	error = tasklog_commit_all(state, fault);
	while (!error && waits_take(&claims->waits, now, &one.segment, &one.address)) {
		error = archive_entry(&state->archive, &one.after, &state->head.tree, one.segment,
		                      one.address, fault);
		if (!error && one.after)
			error = claims_word(state, &word, "learn", &one, fault);
		if (!error && one.after) {
			word.due = 0;
			claims_say(state, &word);
		}
		if (error)
			(void)waits_add(&claims->waits, one.segment, one.address, now);
		entry_free(one.after);
	}
	return error;
}

/* --- asking ----------------------------------------------------------------------------------- */

struct asking {
	struct state *state;
	struct claimfile file;
	struct changes changes;
};

/* What this node learned, or does not share, is its own business. */
static bool is_private(const struct claims *claims, unsigned segment, struct address address,
                       const struct entry *ours)
{
	return waits_have(&claims->waits, segment, address) ||
	       (claims->share[segment] == SHARE_STATIC && ours->state == ENTRY_DYNAMIC);
}

static int add_item(struct asking *asking, unsigned segment, struct address address,
                    struct fault *fault)
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
	bool want = claims_want(claims, segment, address, &winner, &node), has, same;
	git_oid ours = {{0}};
	int error =
	        archive_find(&state->archive, &ours, &state->head.tree, segment, address, fault);

	if (error && error != -ENOENT)
		return error;
	has = error == 0;
	/* What main has already may have another owner now, which the table must know. */
	same = has && want && !memcmp(ours.id, winner.text, sizeof(winner.text));
	if ((same && node == FLEET_OWN) || (!has && !want))
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
		error = trouble_is_lasting(error) ? 0 : fault_set(fault, error, "%s", why.text);
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
	struct address address;
	uint32_t cursor = 0;
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
	int error = claims && !state->closing ? claim_due(state, fault) : 0;

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

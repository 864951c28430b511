/* SPDX-License-Identifier: MIT */
#include "agent/proposals.h"

#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/events.h"

#define SLICE_NS    1000000 /* of the loop's time */
#define CLOCK_EVERY 16      /* items, a few microseconds */

int proposals_store(struct agent *agent, const struct history_item *item, const struct entry *ours,
                    bool was_foreign, const struct entry *winner,
                    const struct neighbour_clock *clock)
{
	bool same = winner == ours || entry_equal(winner, ours);
	bool theirs = entry_equal(winner, item->theirs), foreign = item->foreign && theirs;
	int error;

	if (same && (!winner || !theirs || foreign == was_foreign))
		return 1;
	error = neighbour_apply(agent->neighbour, item->segment, item->address, winner,
	                        APPLY_VERIFY | (foreign ? APPLY_FOREIGN : 0), clock);
	return error < 0 ? error : same;
}

static void merge_item(struct agent *agent, const struct history_proposal *proposal,
                       struct history_item *item, const struct neighbour_clock *clock)
{
	const char *source = proposal->source;
	struct neighbour_view view = {0};
	const struct entry *winner;
	struct entry *ours;

	neighbour_view(agent->neighbour, item->segment, item->address, &view);
	ours = entry_copy(view.entry); /* the table frees its own when it takes the result */
	winner = proposal_decide(proposal, item, ours);
	if (view.state == SLOT_LOCAL) {
		/* Main's entry is not the table's, and stays, also where a removal is merged. */
		winner = ours;
		item->choice = MERGE_REFUSED;
	} else {
		int error = proposals_store(agent, item, ours, view.foreign, winner, clock);

		if (error < 0) {
			char address[ADDRESS_TEXT];

			/* The table stays, and history follows. */
			log_warning("%s: %s is not taken over: %s", source,
			            address_format(address, item->address), strerror(-error));
			winner = ours;
			item->choice = MERGE_REFUSED;
		}
	}
	/* Without a copy, history would record what the table does not hold. */
	if (proposal_set_result(item, winner) < 0) {
		log_error("out of memory: a merge cannot be answered");
		abort();
	}
	if (winner != ours && !entry_equal(winner, ours)) {
		struct neighbour_change change = {
		        .kind = item->foreign ? TASK_SYNC : TASK_OPERATOR,
		        .segment = item->segment,
		        .address = item->address,
		        .before = ours,
		        .after = item->result,
		        .trigger = source,
		};

		events_changed(agent, &change);
	}
	entry_free(ours);
}

/* True: all of it is merged. */
static bool merge_slice(struct agent *agent)
{
	struct history_proposal *proposal = agent->proposals.proposal;
	struct neighbour_clock clock = clock_now();
	uint64_t end = uv_hrtime() + SLICE_NS;

	while (proposal->merged < proposal->items) {
		merge_item(agent, proposal, &proposal->item[proposal->merged], &clock);
		proposal->merged++;
		if (proposal->merged % CLOCK_EVERY == 0 && uv_hrtime() >= end)
			break;
	}
	if (proposal->merged < proposal->items)
		return false;
	agent->proposals.proposal = NULL;
	ledger_proposal_done(agent->ledger);
	clock_wake(agent);
	return true;
}

/* An idle handle keeps the loop turning. */
static void on_idle(uv_idle_t *idle)
{
	struct agent *agent = idle->data;

	if (agent->stopping || merge_slice(agent))
		uv_idle_stop(idle);
}

void proposals_take(void *context, struct history_proposal *proposal)
{
	struct agent *agent = context;

	agent->proposals.proposal = proposal;
	proposal->retimed = agent->config.fleet != NULL;
	if (!merge_slice(agent))
		uv_idle_start(&agent->proposals.idle, on_idle);
}

void proposals_withdraw(void *context)
{
	struct agent *agent = context;

	agent->proposals.proposal = NULL;
	uv_idle_stop(&agent->proposals.idle);
}

/* SPDX-License-Identifier: MIT */
/*
 * People's changes become the table's: each item of a proposal is merged, with the one
 * merge rule, into what the table holds at this moment, and the table takes the result.
 */
#include <string.h>

#include "agent/internal.h"
#include "log/log.h"

static void merge_item(struct agent *agent, const struct history_proposal *proposal,
                       struct history_item *item, const struct neighbour_clock *clock)
{
	const char *source = proposal->source;
	struct neighbour_view view = {0};
	const struct entry *winner;
	struct entry *ours;

	neighbour_view(agent->neighbour, item->segment, item->address, &view);
	ours = entry_copy(view.entry); /* the table's own goes away when it takes the result */
	winner = history_decide(proposal, item, ours);
	if (!entry_equal(winner, ours)) {
		int error = neighbour_apply(agent->neighbour, item->segment, item->address, winner,
		                            false, clock);

		if (error < 0) {
			char address[IPV4_TEXT];

			/* The host's own address, say: what the table holds stands, and history
			 * follows. */
			log_warning("%s: %s is not taken over: %s", source,
			            ipv4_format(address, item->address), strerror(-error));
			winner = ours;
			if (proposal->undo)
				item->choice = MERGE_TOOK_OURS;
		}
	}
	item->result = entry_copy(winner);
	if (!entry_equal(winner, ours)) {
		struct neighbour_change change = {
		        .kind = TASK_OPERATOR,
		        .segment = item->segment,
		        .address = item->address,
		        .before = ours,
		        .after = item->result,
		        .trigger = source,
		};

		record_publish(agent, &change);
	}
	entry_free(ours);
}

void merge_propose(void *context, struct history_proposal *proposal)
{
	struct agent *agent = context;
	struct neighbour_clock clock = agent_clock();

	for (size_t i = 0; i < proposal->items; i++)
		merge_item(agent, proposal, &proposal->item[i], &clock);
	history_proposal_done(agent->history, proposal);
	agent_wake(agent);
}

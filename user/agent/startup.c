/* SPDX-License-Identifier: MIT */
#include "agent/startup.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/clock.h"
#include "agent/events.h"
#include "agent/prefixes.h"
#include "agent/proposals.h"

int startup_layout(struct agent *agent, struct fault *fault)
{
	int error = 0;

	if (prefixes_fill(&agent->config, agent->ports) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (agent->strict && ((error = ports_check_present(agent->ports, fault)) ||
	                      (error = prefixes_check(&agent->config, fault))))
		return error;
	return prefixes_layout(&agent->layout, &agent->config, fault);
}

/* --- another recorder ------------------------------------------------------------------------- */

/* What others changed in main meanwhile, merged into the table. Returns the winner, which is the
 * table's entry (`ours`), or one of the item's. */
static const struct entry *merge_reloaded(struct agent *agent, struct history_item *item,
                                          const struct entry *ours, bool foreign)
{
	struct neighbour_clock clock = clock_now();
	const struct entry *winner = entry_merge(item->base, ours, item->theirs, &item->choice);
	struct neighbour_change change = {.kind = TASK_OPERATOR,
	                                  .segment = item->segment,
	                                  .address = item->address,
	                                  .before = ours,
	                                  .after = winner,
	                                  .trigger = "main"};

	/* Main must not keep what the table cannot hold. */
	if (proposals_store(agent, item, ours, foreign, winner, &clock) != 0)
		return ours;
	events_changed(agent, &change);
	return winner;
}

static void mark_reloaded(struct agent *agent, uint32_t slot)
{
	if (slot == NEIGHBOUR_NO_SLOT)
		return;
	if (!agent->reloaded)
		agent->reloaded = calloc(agent->layout.slots / 8 + 1, 1);
	if (agent->reloaded)
		agent->reloaded[slot / 8] |= (uint8_t)(1u << (slot % 8));
}

void startup_reload(void *context, struct history_item *item, bool pending)
{
	static const struct task_context told = {.trigger = "start"};
	struct agent *agent = context;
	struct neighbour_view view = {0};
	const struct entry *winner;
	struct entry *ours;

	item->result = item->theirs;
	if (!neighbour_view(agent->neighbour, item->segment, item->address, &view))
		return;
	mark_reloaded(agent, view.slot);
	/* The table lacks what could not be read. It has not removed it: that would wait. */
	if (!view.entry && !pending && ledger_was_partial(agent->ledger))
		item->base = NULL;
	/* An own address: main's entry is left alone. */
	if (view.state == SLOT_LOCAL) {
		item->choice = MERGE_REFUSED;
		return;
	}
	ours = entry_copy(view.entry);
	winner = merge_reloaded(agent, item, ours, view.foreign);
	if (view.slot == NEIGHBOUR_NO_SLOT) {
		neighbour_view(agent->neighbour, item->segment, item->address, &view);
		mark_reloaded(agent, view.slot);
	}
	if (!pending && proposal_set_result(item, winner) < 0)
		log_error("out of memory: an entry is not compared with main");
	/* What waits says what the table held before. */
	if (pending && winner != ours)
		(void)ledger_record(agent->ledger, "recover", &told, item->segment, item->address,
		                    entry_copy(winner), NULL, NULL);
	entry_free(ours);
}

static bool is_reloaded(const struct agent *agent, uint32_t slot)
{
	return agent->reloaded && agent->reloaded[slot / 8] & 1u << (slot % 8);
}

/* What the table has, and neither main nor what was applied: the repository is another one. */
void startup_reloaded(void *context)
{
	struct agent *agent = context;
	struct neighbour_view view;

	for (uint32_t slot = 0;
	     neighbour_next(agent->neighbour, &slot, agent->layout.slots - 1, &view);) {
		struct entry *result;

		if (!view.entry || is_reloaded(agent, view.slot) ||
		    ledger_is_pending(agent->ledger, view.segment, view.address))
			continue;
		result = entry_copy(view.entry);
		if (!result ||
		    ledger_load_found(agent->ledger, view.segment, view.address, result) < 0)
			log_error("out of memory: an entry is not compared with main");
	}
	free(agent->reloaded);
	agent->reloaded = NULL;
}

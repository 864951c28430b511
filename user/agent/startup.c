/* SPDX-License-Identifier: MIT */
#include "agent/startup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/events.h"
#include "agent/prefixes.h"

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

static bool is_nonsense(union binding binding, bool host)
{
	switch (binding.state) {
	case SLOT_STATIC:
	case SLOT_DYNAMIC:
	case SLOT_STALE: {
		struct mac mac;

		memcpy(mac.octet, binding.mac, sizeof(mac.octet));
		return !host || !mac_is_station(mac);
	}
	default:
		return binding.state >= SLOT_STATES;
	}
}

/*
 * Slots that another program gave an impossible content while no agent looked. Few, if any: keys
 * are the slots' numbers, 64 bits wide. Call it before the neighbour rules tidy the table.
 */
static int nonsense_find(struct idmap *nonsense, const struct agent *agent)
{
	const struct neigh_slot *slots = offload_slots(agent->offload);

	for (size_t i = 0; i < agent->layout.ranges; i++) {
		const struct layout_range *range = &agent->layout.range[i];
		uint32_t size = (uint32_t)prefix_size(range->prefix);

		for (uint32_t part = 0; part < size; part++) {
			uint64_t slot = range->base + part;
			union binding binding = {.word = slots[slot].binding};

			if (binding.word &&
			    is_nonsense(binding, prefix_is_host(range->prefix,
			                                        range->prefix.network + part)) &&
			    idmap_add(nonsense, NULL, &slot) < 0)
				return -ENOMEM;
		}
	}
	return 0;
}

/*
 * What the inherited map held for an address, as an entry: that of main or of the base when it says
 * the same, since a slot has no room for `since`, origin and note; else `found`, filled in. NULL:
 * nothing durable. In place of nonsense, main counts.
 */
static const struct entry *map_entry(const struct agent *agent, const struct idmap *nonsense,
                                     uint64_t slot, const struct history_item *item,
                                     struct entry *found)
{
	const struct entry *const known[] = {item->theirs, item->base};

	if (!neighbour_inherited(agent->neighbour, (uint32_t)slot, &found->mac, &found->state))
		return idmap_find(nonsense, &slot) != IDMAP_NONE ? item->theirs : NULL;
	for (size_t i = 0; i < 2; i++)
		if (known[i] && mac_equal(known[i]->mac, found->mac) &&
		    known[i]->state == found->state)
			return known[i];
	return found;
}

static int load_item(struct agent *agent, const struct idmap *nonsense, struct history_item *item,
                     const struct neighbour_clock *clock)
{
	struct entry found = {.since = clock->wall, .origin = agent->hostname};
	int64_t slot = layout_slot(&agent->layout, item->segment, item->address);
	const struct entry *ours = NULL, *winner = item->theirs;
	bool inherited, verify;

	if (slot < 0)
		return -ERANGE;
	inherited = offload_slot_inherited(agent->offload, (uint32_t)slot);
	if (inherited) {
		ours = map_entry(agent, nonsense, (uint64_t)slot, item, &found);
		winner = entry_merge(item->base, ours, item->theirs, &item->choice);
	}
	/* What the map does not confirm is verified, while it is answered already. */
	verify = winner && winner->state == ENTRY_DYNAMIC &&
	         !(inherited && (winner == ours || entry_equal(winner, ours)));
	if (neighbour_apply(agent->neighbour, item->segment, item->address, winner, verify, clock) <
	    0)
		winner = NULL; /* main must not keep what the table cannot hold */
	return proposal_set_result(item, winner);
}

/* What the map holds, and neither main nor the base has. */
static int load_unrecorded(struct agent *agent, const struct neighbour_clock *clock)
{
	struct entry found = {.since = clock->wall, .origin = agent->hostname};
	int error = 0;

	for (uint32_t slot = 0; slot < agent->layout.slots && !error; slot++) {
		const struct layout_range *range;
		struct entry *result;
		uint32_t address;

		if (!neighbour_inherited(agent->neighbour, slot, &found.mac, &found.state))
			continue;
		range = layout_range_of(&agent->layout, slot);
		address = layout_address(range, slot);
		if (neighbour_apply(agent->neighbour, range->segment, address, &found, false,
		                    clock) < 0)
			continue;
		result = entry_copy(&found);
		error = result ? ledger_load_found(agent->ledger, range->segment, address, result)
		               : -ENOMEM;
	}
	return error;
}

static int neighbour_begin(struct agent *agent, struct fault *fault)
{
	static const enum neighbour_learn learn[] = {[LEARN_VERIFIED] = NEIGHBOUR_VERIFIED,
	                                             [LEARN_PASSIVE] = NEIGHBOUR_PASSIVE,
	                                             [LEARN_OFF] = NEIGHBOUR_UNTAUGHT};
	size_t segments = agent->config.segments;
	struct neighbour_policy *policy = calloc(segments, sizeof(*policy));
	uint32_t seed;
	int error;

	if (!policy)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t s = 0; s < segments; s++) {
		const struct config_segment *segment = &agent->config.segment[s];

		policy[s] = (struct neighbour_policy){
		        .answer_dynamic = segment->answer == ANSWER_KNOWN,
		        .answer_static = segment->answer != ANSWER_OFF,
		        .answer_local = segment->local_offload,
		        .learn = learn[segment->learn],
		        .learn_limit = segment->learn_limit,
		        .mac_limit = segment->mac_limit,
		        .mac_limit_refuses = segment->mac_limit_refuses,
		        .learn_rate = segment->learn_rate,
		        .sponge = segment->sponge,
		        .sponge_mac = segment->sponge_mac,
		        .sponge_rate = segment->sponge_rate,
		        .protect_static = segment->enforce,
		        .timeout = segment->timeout,
		        .hold = segment->hold,
		        .reclaim = segment->reclaim,
		        .duplicate_moves = segment->duplicate_moves,
		        .duplicate_time = segment->duplicate_time,
		        .duplicate_hold = segment->duplicate_hold,
		};
		snprintf(policy[s].origin, sizeof(policy[s].origin), "%s", agent->hostname);
	}
	if (uv_random(NULL, NULL, &seed, sizeof(seed), 0, NULL))
		seed = (uint32_t)uv_hrtime();
	error = neighbour_new(&agent->neighbour, offload_slots(agent->offload), &agent->layout,
	                      policy, (unsigned)segments, &events_of_table, agent, seed);
	free(policy);
	return error ? fault_set(fault, error, "the table: %s", strerror(-error)) : 0;
}

/* Chunk by chunk: history's thread reads the next ones meanwhile. */
static int load_all(struct agent *agent, const struct idmap *nonsense, uint64_t about,
                    struct fault *fault)
{
	struct neighbour_clock clock = clock_now();
	struct history_proposal *chunk;
	struct progress progress;
	uint64_t loaded = 0;
	char text[64];
	int error;

	snprintf(text, sizeof(text), "reading about %" PRIu64 " entries", about);
	progress_begin(&progress, text, about);
	while ((error = ledger_load_next(agent->ledger, &chunk, fault)) > 0) {
		for (size_t i = 0; i < chunk->items && error >= 0; i++)
			error = load_item(agent, nonsense, &chunk->item[i], &clock);
		if (error < 0)
			break;
		loaded += chunk->items;
		progress_step(&progress, loaded < about ? loaded : about);
	}
	progress_end(&progress);
	if (!error)
		error = load_unrecorded(agent, &clock);
	if (error && !fault->text[0])
		fault_set(fault, error, "the table cannot be loaded: %s", strerror(-error));
	if (!error)
		log_info("%" PRIu64 " entries are known from %s", loaded,
		         agent->config.history_path);
	return error;
}

int startup_table(struct agent *agent, struct fault *fault)
{
	struct idmap nonsense = IDMAP(sizeof(uint64_t));
	int error = 0;

	if (nonsense_find(&nonsense, agent) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = neighbour_begin(agent, fault);
	if (!error)
		error = load_all(agent, &nonsense, agent->about, fault);
	if (!error)
		ledger_loaded(agent->ledger);
	idmap_clear(&nonsense);
	return error;
}

/* --- another recorder ------------------------------------------------------------------------- */

/* What others changed in main meanwhile, merged into the table. Returns the winner, which is the
 * table's entry (`ours`), or one of the item's. */
static const struct entry *merge_reloaded(struct agent *agent, struct history_item *item,
                                          const struct entry *ours)
{
	struct neighbour_clock clock = clock_now();
	const struct entry *winner = entry_merge(item->base, ours, item->theirs, &item->choice);
	struct neighbour_change change = {.kind = TASK_OPERATOR,
	                                  .segment = item->segment,
	                                  .address = item->address,
	                                  .before = ours,
	                                  .after = winner,
	                                  .trigger = "main"};

	if (winner == ours || entry_equal(winner, ours))
		return ours;
	/* Main must not keep what the table cannot hold. */
	if (neighbour_apply(agent->neighbour, item->segment, item->address, winner, true, &clock) <
	    0)
		return ours;
	events_changed(agent, &change);
	return winner;
}

void startup_reload(void *context, struct history_item *item, bool pending)
{
	static const struct task_context told = {.trigger = "start"};
	struct agent *agent = context;
	int64_t slot = layout_slot(&agent->layout, item->segment, item->address);
	struct neighbour_view view = {0};
	const struct entry *winner;
	struct entry *ours;

	item->result = item->theirs;
	if (slot < 0)
		return;
	if (!agent->reloaded)
		agent->reloaded = calloc(agent->layout.slots / 8 + 1, 1);
	if (agent->reloaded)
		agent->reloaded[slot / 8] |= (uint8_t)(1u << (slot % 8));
	neighbour_view(agent->neighbour, item->segment, item->address, &view);
	/* The table lacks what could not be read. It has not removed it: that would wait. */
	if (!view.entry && !pending && ledger_was_partial(agent->ledger))
		item->base = NULL;
	ours = entry_copy(view.entry);
	winner = merge_reloaded(agent, item, ours);
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

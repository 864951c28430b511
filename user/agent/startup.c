/* SPDX-License-Identifier: MIT */
/*
 * Start-up: where the table begins. The prefixes (configured, or the interfaces' own), then
 * the three-way reconciliation of what was last applied (base), what the map holds now
 * (ours: it outlived the last agent, and others may have written it) and what `main` says
 * (theirs: people may have pushed meanwhile). Nothing is attached before it is done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/internal.h"
#include "log/log.h"

static int add_own_prefixes(struct agent *agent, unsigned index, struct fault *fault)
{
	struct config_segment *segment = &agent->config.segment[index];

	for (size_t p = 0; p < agent->ports.count; p++) {
		const struct agent_port *port = &agent->ports.port[p];
		bool ours = false;

		for (size_t s = 0; s < port->segments; s++)
			ours = ours || port->segment[s].segment == index;
		for (size_t a = 0; ours && a < port->addresses; a++) {
			struct prefix prefix = {.length = port->address[a].length};
			bool known = false;

			prefix.network = port->address[a].address & prefix_mask(prefix);
			for (size_t i = 0; i < segment->prefixes; i++)
				known = known || prefix_overlaps(segment->prefix[i], prefix);
			if (!known && config_segment_add_prefix(segment, prefix))
				return fault_set(fault, -ENOMEM, "out of memory");
		}
	}
	if (!segment->prefixes)
		return fault_set(fault, -EADDRNOTAVAIL,
		                 "segment '%s': no prefix is configured and %s has no IPv4 "
		                 "address: give one with --prefix, or 'prefix =' in its section",
		                 segment->name, segment->interfaces ? segment->interface[0] : "it");
	return 0;
}

int startup_layout(struct agent *agent, struct fault *fault)
{
	for (unsigned s = 0; s < agent->config.segments; s++) {
		struct config_segment *segment = &agent->config.segment[s];
		int error = segment->prefixes ? 0 : add_own_prefixes(agent, s, fault);

		for (size_t i = 0; !error && i < segment->prefixes; i++)
			error = layout_add(&agent->layout, s, segment->prefix[i], fault);
		if (error)
			return error;
	}
	return 0;
}

int startup_neighbour(struct agent *agent, struct fault *fault)
{
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
		        .learn = segment->learn == LEARN_PASSIVE,
		        .protect_static = segment->enforce,
		        .timeout = segment->timeout,
		};
		snprintf(policy[s].origin, sizeof(policy[s].origin), "%s", agent->hostname);
	}
	if (uv_random(NULL, NULL, &seed, sizeof(seed), 0, NULL))
		seed = (uint32_t)uv_hrtime();
	error = neighbour_new(&agent->neighbour, offload_slots(agent->offload), &agent->layout,
	                      policy, (unsigned)segments, &record_ops, agent, seed);
	free(policy);
	return error ? fault_set(fault, error, "the table: %s", strerror(-error)) : 0;
}

/* What the slot holds, as an entry: that of main or of the base when it says the same, since a
 * slot has no room for `since`, origin and note. Owned by the caller; NULL: nothing. */
static struct entry *slot_entry(const struct agent *agent, uint32_t slot,
                                const struct history_item *item, int64_t now)
{
	struct entry found = {.since = now};
	const struct entry *const known[] = {item->theirs, item->base};

	if (!neighbour_inherited(agent->neighbour, slot, &found.mac, &found.state))
		return NULL;
	for (size_t i = 0; i < 2; i++)
		if (known[i] && mac_equal(known[i]->mac, found.mac) &&
		    known[i]->state == found.state)
			return entry_copy(known[i]);
	found.origin = (char *)agent->hostname;
	return entry_copy(&found);
}

/* What somebody wrote into the map while nobody looked may be nonsense: such a slot holds nothing.
 */
static bool slot_is_sane(const struct entry *entry, const struct layout_range *range,
                         uint32_t address)
{
	return mac_is_station(entry->mac) && prefix_is_host(range->prefix, address);
}

static int load_item(struct agent *agent, struct history_item *item,
                     const struct neighbour_clock *clock)
{
	int64_t slot = layout_slot(&agent->layout, item->segment, item->address);
	bool inherited = slot >= 0 && offload_slot_inherited(agent->offload, (uint32_t)slot);
	struct entry *ours = NULL;
	const struct entry *winner = item->theirs;
	bool fresh;
	int error;

	if (slot < 0)
		return -ERANGE;
	if (inherited) {
		ours = slot_entry(agent, (uint32_t)slot, item, clock->wall);
		if (ours && !slot_is_sane(ours, layout_range_of(&agent->layout, (uint32_t)slot),
		                          item->address)) {
			entry_free(ours);
			ours = entry_copy(item->theirs);
		}
		winner = entry_merge(item->base, ours, item->theirs, &item->choice);
	}
	/* What the map did not vouch for must be asked for, while it is answered already. */
	fresh = !inherited || !entry_equal(winner, ours);
	error = neighbour_apply(agent->neighbour, item->segment, item->address, winner,
	                        fresh && winner && winner->state == ENTRY_DYNAMIC, clock);
	item->result = error < 0 ? entry_copy(item->theirs) : entry_copy(winner);
	entry_free(ours);
	return 0;
}

static int item_compare(const void *key, const void *element)
{
	const struct history_item *a = key, *b = element;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* Bindings in the map of which neither main nor the last applied commit knows. */
static int append_unrecorded(struct agent *agent, struct history_proposal *proposal)
{
	size_t known = proposal->items, room = proposal->items;

	for (uint32_t slot = 0; slot < agent->layout.slots; slot++) {
		const struct layout_range *range;
		struct history_item item = {0};
		struct mac mac;
		enum entry_state state;

		if (!offload_slots(agent->offload)[slot].binding ||
		    !offload_slot_inherited(agent->offload, slot))
			continue;
		range = layout_range_of(&agent->layout, slot);
		item.segment = range->segment;
		item.address = range->prefix.network + (slot - range->base);
		if (known && bsearch(&item, proposal->item, known, sizeof(item), item_compare))
			continue;
		/* PENDING, DEAD, LOCAL and nonsense do not outlive the agent that put them there.
		 */
		if (!neighbour_inherited(agent->neighbour, slot, &mac, &state) ||
		    !mac_is_station(mac) || !prefix_is_host(range->prefix, item.address)) {
			offload_slots(agent->offload)[slot].binding = 0;
			continue;
		}
		if (proposal->items == room) {
			struct history_item *grown;

			room = room ? room * 2 : 256;
			grown = realloc(proposal->item, room * sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			proposal->item = grown;
		}
		proposal->item[proposal->items++] = item;
	}
	return 0;
}

int startup_load(struct agent *agent, struct fault *fault)
{
	struct neighbour_clock clock = agent_clock();
	struct history_proposal *proposal;
	int error = history_load(agent->history, &proposal, fault);

	if (error)
		return error;
	if (offload_inherited(agent->offload))
		error = append_unrecorded(agent, proposal);
	for (size_t i = 0; !error && i < proposal->items; i++)
		error = load_item(agent, &proposal->item[i], &clock);
	if (error)
		fault_set(fault, error, "the table cannot be loaded: %s", strerror(-error));
	else
		log_info("%zu entries are known from %s", proposal->items,
		         agent->config.history_path);
	/* Handed back in any case: it is history's to free. */
	if (error)
		(void)history_loaded(agent->history, proposal, NULL);
	else
		error = history_loaded(agent->history, proposal, fault);
	return error;
}

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

/*
 * What the map holds for an address, as an entry: that of main or of the base when it says the
 * same, since a slot has no room for `since`, origin and note. NULL: nothing. What somebody wrote
 * there while nobody looked may be nonsense: then main's word stands.
 */
static struct entry *map_entry(const struct agent *agent, uint32_t slot,
                               const struct layout_range *range, const struct history_item *item,
                               int64_t now)
{
	union binding binding = {.word = offload_slots(agent->offload)[slot].binding};
	struct entry found = {.since = now, .origin = (char *)agent->hostname};
	const struct entry *const known[] = {item->theirs, item->base};

	switch (binding.state) {
	case SLOT_STATIC:
		found.state = ENTRY_STATIC;
		break;
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		found.state = ENTRY_DYNAMIC;
		break;
	case SLOT_EMPTY:
	case SLOT_LOCAL:
	case SLOT_PENDING:
	case SLOT_DEAD:
		return NULL; /* nothing durable */
	default:
		return entry_copy(item->theirs);
	}
	memcpy(found.mac.octet, binding.mac, sizeof(found.mac.octet));
	if (!mac_is_station(found.mac) || !prefix_is_host(range->prefix, item->address))
		return entry_copy(item->theirs);
	for (size_t i = 0; i < 2; i++)
		if (known[i] && mac_equal(known[i]->mac, found.mac) &&
		    known[i]->state == found.state)
			return entry_copy(known[i]);
	return entry_copy(&found);
}

static int item_compare(const void *key, const void *element)
{
	const struct history_item *a = key, *b = element;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* Adds an item for each slot that holds something of which neither main nor the base knows. */
static int append_unrecorded(struct agent *agent, struct history_proposal *proposal)
{
	size_t known = proposal->items, room = proposal->items;

	for (uint32_t slot = 0; slot < agent->layout.slots; slot++) {
		const struct layout_range *range;
		struct history_item item = {0};

		if (!offload_slots(agent->offload)[slot].binding ||
		    !offload_slot_inherited(agent->offload, slot))
			continue;
		range = layout_range_of(&agent->layout, slot);
		item.segment = range->segment;
		item.address = range->prefix.network + (slot - range->base);
		if (known && bsearch(&item, proposal->item, known, sizeof(item), item_compare))
			continue;
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

/* Before the neighbour rules take the table over, and tidy it: what did the map say? For each item,
 * `result` is that for now. */
static int read_map(struct agent *agent, struct history_proposal *proposal, int64_t now)
{
	int error = offload_inherited(agent->offload) ? append_unrecorded(agent, proposal) : 0;

	for (size_t i = 0; !error && i < proposal->items; i++) {
		struct history_item *item = &proposal->item[i];
		int64_t slot = layout_slot(&agent->layout, item->segment, item->address);

		if (slot < 0)
			return -ERANGE;
		if (offload_slot_inherited(agent->offload, (uint32_t)slot))
			item->result = map_entry(agent, (uint32_t)slot,
			                         layout_range_of(&agent->layout, (uint32_t)slot),
			                         item, now);
	}
	return error;
}

static void load_item(struct agent *agent, struct history_item *item,
                      const struct neighbour_clock *clock)
{
	int64_t slot = layout_slot(&agent->layout, item->segment, item->address);
	bool inherited = offload_slot_inherited(agent->offload, (uint32_t)slot);
	struct entry *ours = item->result;
	const struct entry *winner =
	        inherited ? entry_merge(item->base, ours, item->theirs, &item->choice)
	                  : item->theirs;
	/* What the map did not vouch for must be asked for, while it is answered already. */
	bool verify = winner && winner->state == ENTRY_DYNAMIC &&
	              !(inherited && entry_equal(winner, ours));

	if (neighbour_apply(agent->neighbour, item->segment, item->address, winner, verify, clock) <
	    0)
		winner = NULL; /* nothing that the table cannot hold stays in history's main */
	item->result = entry_copy(winner);
	entry_free(ours);
}

static int neighbour_begin(struct agent *agent, struct fault *fault)
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

int startup_table(struct agent *agent, struct fault *fault)
{
	struct neighbour_clock clock = agent_clock();
	struct history_proposal *proposal;
	int error = history_load(agent->history, &proposal, fault);

	if (error)
		return error;
	error = read_map(agent, proposal, clock.wall);
	if (error)
		fault_set(fault, error, "the table cannot be loaded: %s", strerror(-error));
	else
		error = neighbour_begin(agent, fault);
	if (error) {
		history_proposal_free(proposal);
		return error;
	}
	for (size_t i = 0; i < proposal->items; i++)
		load_item(agent, &proposal->item[i], &clock);
	log_info("%zu entries are known from %s", proposal->items, agent->config.history_path);
	return history_loaded(agent->history, proposal, fault);
}

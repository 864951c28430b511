/* SPDX-License-Identifier: MIT */
/*
 * The steps in their order. None takes long: a step that reads or walks much does a part of it. A
 * recorder that ends while it loads is followed by another; the table is then begun anew from the
 * map, which has what was loaded before.
 */
#include "agent/build.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/alerts.h"
#include "agent/clock.h"
#include "agent/events.h"
#include "agent/inherit.h"
#include "agent/kernel.h"
#include "agent/recording.h"
#include "agent/shared.h"

#define SLICE_NS    UINT64_C(4000000) /* of the loop's time */
#define SLICE_SLOTS 65536             /* a millisecond at most */
#define WAIT_MS     1000
#define POLL_MS     10000 /* without a remote that is fetched from */
#define TRIES       5     /* recorders, if they end before all is loaded */
#define AGAIN_MS    100   /* before the second; before each further one twice as long */

/* --- recorder and maps ------------------------------------------------------------------------
 */

/* How long another node's word takes to come here. */
static uint32_t longest_poll(const struct config *config)
{
	uint32_t longest = 0;

	for (size_t i = 0; i < config->remotes; i++)
		if (config->remote[i].fetch != FETCH_OFF && config->remote[i].poll_ms > longest)
			longest = config->remote[i].poll_ms;
	return longest ? longest : POLL_MS;
}

/* What history is to know of them. */
static int name_segments(struct agent *agent, struct fault *fault)
{
	static const uint8_t share[] = {[CONFIG_SHARE_ALL] = SHARE_ALL,
	                                [CONFIG_SHARE_STATIC] = SHARE_STATIC,
	                                [CONFIG_SHARE_OFF] = SHARE_OFF};
	size_t segments = agent->config.segments;

	free(agent->history_segment);
	free(agent->share);
	agent->history_segment = calloc(segments, sizeof(*agent->history_segment));
	agent->share = calloc(segments, 1);
	if (!agent->history_segment || !agent->share)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t s = 0; s < segments; s++) {
		const struct config_segment *segment = &agent->config.segment[s];

		agent->history_segment[s] =
		        (struct segment){segment->name, segment->prefix, segment->prefixes};
		agent->share[s] = share[segment->share];
	}
	agent->in_fleet = (struct fleet_options){agent->config.fleet, longest_poll(&agent->config),
	                                         agent->share};
	return 0;
}

/* The pinned maps, or new ones. What was open is closed only then: it may be all there is. */
static int open_maps(struct agent *agent, struct fault *fault)
{
	struct offload *offload;
	int error = offload_open(&offload, agent->config.instance, &agent->layout, fault);

	if (error)
		return error;
	offload_close(agent->offload);
	agent->offload = offload;
	offload_events_handler(offload, events_handle, agent);
	offload_ask_to_detach(offload, shared_detaching(agent));
	return 0;
}

/* --- the table --------------------------------------------------------------------------------
 */

static bool is_nonsense(union binding binding, bool host)
{
	switch (binding.state) {
	/* The host's own says nothing of what others have there. */
	case SLOT_LOCAL:
		return true;
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

/* Notes a slot that another program gave an impossible content while no agent looked, or that is
 * the host's own. Few, if any: keys are the slots' numbers, 64 bits wide. */
static int note_nonsense(struct agent *agent, uint32_t slot)
{
	const union binding binding = {.word = offload_slots(agent->offload)[slot].binding};
	const struct layout_range *range;
	const uint64_t key = slot;
	bool host;

	if (!binding.word)
		return 0;
	/* A sparse slot is a host's, or none's. */
	range = layout_range_of(&agent->layout, slot);
	host = !range || prefix_is_host(range->prefix, layout_address(range, slot));
	if (!is_nonsense(binding, host))
		return 0;
	return idmap_add(&agent->building.nonsense, NULL, &key) < 0 ? -ENOMEM : 0;
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

/* Whether main's entry of an own address is left alone: what others hold it for is theirs to say. A
 * person's word for another MAC stands, with an alert; what the map has is recorded as gone. */
static bool is_left(const struct agent *agent, int64_t slot, const struct history_item *item)
{
	const struct local *own = locals_find(&agent->building.own, item->segment, item->address);
	const struct entry *theirs = item->theirs;
	enum entry_state state;
	struct mac mac;

	return own &&
	       (slot < 0 || !neighbour_inherited(agent->neighbour, (uint32_t)slot, &mac, &state)) &&
	       !(theirs && theirs->state == ENTRY_STATIC && !mac_equal(theirs->mac, own->mac));
}

/* The entry stays in main as it is, and out of the table. */
static int leave_item(struct history_item *item)
{
	item->choice = MERGE_REFUSED;
	return proposal_set_result(item, item->theirs);
}

static int load_item(struct agent *agent, const struct idmap *nonsense, struct history_item *item,
                     const struct neighbour_clock *clock)
{
	struct entry found = {.since = clock->wall, .origin = agent->hostname};
	int64_t slot = neighbour_slot(agent->neighbour, item->segment, item->address);
	const struct entry *ours = NULL, *winner = item->theirs;
	bool inherited, verify, foreign;
	int error;

	if (!layout_find(&agent->layout, item->segment, item->address))
		return -ERANGE;
	if (is_left(agent, slot, item))
		return leave_item(item);
	/* An IPv6 address without a slot: the map said nothing of it. */
	inherited = slot >= 0 && offload_slot_inherited(agent->offload, (uint32_t)slot);
	if (inherited) {
		ours = map_entry(agent, nonsense, (uint64_t)slot, item, &found);
		winner = entry_merge(item->base, ours, item->theirs, &item->choice);
	}
	/* What the map does not confirm is verified, while it is answered already. */
	verify = winner && winner->state == ENTRY_DYNAMIC &&
	         !(inherited && (winner == ours || entry_equal(winner, ours)));
	foreign = item->foreign && (winner == item->theirs || entry_equal(winner, item->theirs));
	error = neighbour_apply(agent->neighbour, item->segment, item->address, winner,
	                        (verify ? APPLY_VERIFY : 0) | (foreign ? APPLY_FOREIGN : 0), clock);
	if (error == -ENOSPC) {
		agent->building.crowded++;
		return leave_item(item);
	}
	if (error < 0)
		winner = NULL; /* main must not keep what the table cannot hold */
	return proposal_set_result(item, winner);
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

static int load_chunk(struct agent *agent, struct history_proposal *chunk, struct fault *fault)
{
	const struct neighbour_clock clock = clock_now();
	struct building *building = &agent->building;
	uint64_t about = agent->about;
	int error = 0;

	for (size_t i = 0; i < chunk->items && error >= 0; i++)
		error = load_item(agent, &building->nonsense, &chunk->item[i], &clock);
	if (error < 0)
		return fault_set(fault, error, "the table cannot be loaded: %s", strerror(-error));
	building->loaded += chunk->items;
	progress_step(&building->progress, building->loaded < about ? building->loaded : about);
	return 0;
}

/* What has come, and meanwhile history's thread reads on. */
static int load_some(struct agent *agent, int wait_ms, struct fault *fault)
{
	uint64_t end = uv_hrtime() + SLICE_NS;
	struct history_proposal *chunk;
	int more, error;

	do {
		more = ledger_load_some(agent->ledger, wait_ms, &chunk, fault);
		error = more > 0 ? load_chunk(agent, chunk, fault) : more;
		wait_ms = 0;
	} while (more > 0 && !error && uv_hrtime() < end);
	return more > 0 && !error ? -EAGAIN : error;
}

/* What the map holds, and neither main nor the base has. */
static int load_unrecorded(struct agent *agent, uint32_t slot)
{
	struct entry found = {.origin = agent->hostname};
	struct neighbour_clock clock;
	unsigned segment;
	struct entry *result;
	struct address address;

	if (!neighbour_inherited(agent->neighbour, slot, &found.mac, &found.state) ||
	    !neighbour_place(agent->neighbour, slot, &segment, &address))
		return 0;
	clock = clock_now();
	found.since = clock.wall;
	if (neighbour_apply(agent->neighbour, segment, address, &found, 0, &clock) < 0)
		return 0;
	result = entry_copy(&found);
	return result ? ledger_load_found(agent->ledger, segment, address, result) : -ENOMEM;
}

/* Does it for some more slots. -EAGAIN: there are more. */
static int walk_on(struct agent *agent, int (*look)(struct agent *agent, uint32_t slot),
                   struct fault *fault)
{
	struct building *building = &agent->building;
	uint64_t end = uv_hrtime() + SLICE_NS;
	uint32_t slots = agent->layout.slots;
	int error = 0;

	while (building->cursor < slots && uv_hrtime() < end) {
		uint32_t rest = slots - building->cursor;
		uint32_t last = building->cursor + (rest < SLICE_SLOTS ? rest : SLICE_SLOTS);

		for (; building->cursor < last && !error; building->cursor++)
			error = look(agent, building->cursor);
		if (error)
			return fault_set(fault, error, "the table cannot be loaded: %s",
			                 strerror(-error));
	}
	return building->cursor < slots ? -EAGAIN : 0;
}

/* --- the steps --------------------------------------------------------------------------------
 */

static int start_recorder(struct agent *agent, int wait_ms, struct fault *fault)
{
	uint64_t now = uv_hrtime(), from = agent->building.from;
	uint64_t left_ms = now < from ? (from - now) / 1000000 + 1 : 0;
	int error;

	if (left_ms) {
		uv_sleep(left_ms < (uint64_t)wait_ms ? (unsigned)left_ms : (unsigned)wait_ms);
		return -EAGAIN;
	}
	error = name_segments(agent, fault);
	return error ? error : recording_start(agent, fault);
}

/* Once, also if several recorders are tried. */
static int find_maps(struct agent *agent, struct fault *fault)
{
	struct building *building = &agent->building;
	int error = building->mapped ? 0 : open_maps(agent, fault);

	building->mapped = !error;
	return error;
}

/* Likewise, before the table tidies the map. */
static int find_nonsense(struct agent *agent, struct fault *fault)
{
	struct building *building = &agent->building;
	int error = building->searched ? 0 : walk_on(agent, note_nonsense, fault);

	building->searched |= !error;
	return error;
}

static int begin_table(struct agent *agent, struct fault *fault)
{
	struct building *building = &agent->building;
	char text[64];
	int error;

	building->loaded = building->crowded = 0;
	building->cursor = 0;
	locals_clear(&building->own);
	if (domains_own(&building->own, agent->ports, &agent->layout, false) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(text, sizeof(text), "reading about %" PRIu64 " entries", agent->about);
	progress_begin(&building->progress, text, agent->about);
	error = neighbour_begin(agent, fault);
	return error ? error : inherit_places(agent, fault);
}

static int end_table(struct agent *agent, struct fault *fault)
{
	struct building *building = &agent->building;
	char words[FAULT_TEXT];

	progress_end(&building->progress);
	log_info("%" PRIu64 " %s known from %s", building->loaded,
	         building->loaded == 1 ? "entry is" : "entries are", agent->config.history_path);
	if (building->crowded)
		log_warning("%" PRIu64 " IPv6 entries are known, but not in the table, which has "
		            "%u slots for them: raise agent.neighbours6",
		            building->crowded, agent->layout.sparse);
	ledger_loaded(agent->ledger);
	if (building->tries) {
		snprintf(words, sizeof(words),
		         "%u recorder%s ended while the entries were read; the next one read them",
		         building->tries, text_plural(building->tries));
		alerts_recorder(agent, words);
	}
	return kernel_open(&agent->kernel, agent, fault);
}

static int take_step(struct agent *agent, int wait_ms, struct fault *fault)
{
	switch (agent->building.step) {
	case BUILD_RECORDER:
		return start_recorder(agent, wait_ms, fault);
	case BUILD_OPENING:
		return ledger_opened(agent->ledger, wait_ms, &agent->about, fault);
	case BUILD_MAPS:
		return find_maps(agent, fault);
	case BUILD_NONSENSE:
		return find_nonsense(agent, fault);
	case BUILD_TABLE:
		return begin_table(agent, fault);
	case BUILD_LOADING:
		return load_some(agent, wait_ms, fault);
	case BUILD_UNRECORDED:
		return walk_on(agent, load_unrecorded, fault);
	default:
		return end_table(agent, fault);
	}
}

static bool may_try_again(const struct agent *agent)
{
	const struct building *building = &agent->building;
	bool waits = building->step == BUILD_OPENING || building->step == BUILD_LOADING;

	return waits && ledger_may_retry(agent->ledger) && building->tries + 1 < TRIES;
}

static void try_again(struct agent *agent, const struct fault *why)
{
	struct building *building = &agent->building;
	uint64_t delay_ms = AGAIN_MS << building->tries;

	progress_end(&building->progress);
	log_warning("%s; another one is started", why->text);
	(void)recording_close(agent, false);
	neighbour_free(agent->neighbour);
	agent->neighbour = NULL;
	building->tries++;
	building->from = uv_hrtime() + delay_ms * 1000000;
	building->step = BUILD_RECORDER;
}

void build_begin(struct agent *agent)
{
	agent->building = (struct building){.nonsense = IDMAP(sizeof(uint64_t))};
}

int build_step(struct agent *agent, int wait_ms, struct fault *fault)
{
	struct building *building = &agent->building;
	int error = take_step(agent, wait_ms, fault);

	if (!error && building->step < BUILD_LAST) {
		building->step++;
		return -EAGAIN;
	}
	if (error == -EAGAIN)
		return error;
	if (error && may_try_again(agent)) {
		try_again(agent, fault);
		*fault = (struct fault){""};
		return -EAGAIN;
	}
	progress_end(&building->progress);
	idmap_clear(&building->nonsense);
	locals_clear(&building->own);
	return error;
}

int build_all(struct agent *agent, struct fault *fault)
{
	int error;

	build_begin(agent);
	do
		error = build_step(agent, WAIT_MS, fault);
	while (error == -EAGAIN);
	return error;
}

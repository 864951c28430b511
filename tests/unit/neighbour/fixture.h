/* SPDX-License-Identifier: MIT */
/*
 * A table in memory, a clock that only the test moves, and operations that record their arguments.
 * `history` holds what git would: the replay of every change.
 *
 * The rules are the same for both families, and so are the tests: they write an address as a
 * number, 10.0.0.17 as 0x0a000011, which in an IPv6 world is 2001:db8::a00:11. run_families() runs
 * a group of tests in both.
 */
#ifndef TESTS_NEIGHBOUR_FIXTURE_H
#define TESTS_NEIGHBOUR_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "neighbour/neighbour.h"

#define NOTES_MAX 65536 /* of each kind; enough for any test here */
#define TASKS_MAX 400000

struct asked_note {
	uint32_t address;
	bool unicast;
	struct mac to;
	uint64_t at_ms;
};

struct change_note {
	enum task_kind kind;
	uint64_t task;
	uint32_t address;
	bool had, has;
	struct mac before, after;
	char trigger[32], interface[32];
};

struct declared_note {
	uint32_t address;
	struct mac mac;
	bool local;
};

struct correct_note {
	uint32_t address, holder;
	struct mac mac, holder_mac;
};

struct world {
	struct layout layout;
	struct layout plan; /* of the same prefixes in IPv4: the numbers of the test's addresses */
	unsigned segments;
	struct neigh_slot *slots;
	struct entry **history; /* by the slot in `plan` */
	bool *placed;           /* IPv6: by slot */
	unsigned placings;
	struct neighbour *neighbour;
	struct neighbour_clock clock;
	struct neighbour_policy policy[3];
	bool router; /* the host is one */

	struct asked_note asks[NOTES_MAX];
	struct change_note changes[NOTES_MAX];
	struct neighbour_alert alerts[NOTES_MAX];
	char alert_interface[32]; /* the last one's */
	struct declared_note declared[NOTES_MAX], defended[NOTES_MAX];
	struct correct_note corrected[NOTES_MAX];
	unsigned asked, changed, alerted, declarations, defences, corrections;
	unsigned changed_by[TASK_KINDS], alerted_by[ALERT_KINDS];
	unsigned sponged, sponges; /* now; begun */

	unsigned char task[TASKS_MAX]; /* by token: 1 begun, 2 ended */
	enum task_kind task_kind[TASKS_MAX];
	uint32_t task_place[TASKS_MAX];
	uint64_t *open_at; /* likewise: the task in flight */
	unsigned begun, open;
};

static bool of_ipv6, of_link_local; /* the latter: fe80::a00:11 */
static uint32_t sparse_slots;       /* 0: enough for all */

static inline struct address address_at(uint32_t number)
{
	const uint64_t network =
	        of_link_local ? UINT64_C(0xfe80000000000000) : UINT64_C(0x20010db800000000);

	return of_ipv6 ? (struct address){network, number} : address_v4(number);
}

/* The address's place among all that the test may use. */
static inline uint32_t place_of(const struct world *world, unsigned segment, struct address where)
{
	int64_t place = layout_slot(&world->plan, segment, address_v4(address_number(where)));

	assert_true(place >= 0);
	assert_true(address_equal(where, address_at(address_number(where))));
	return (uint32_t)place;
}

static inline struct mac station(unsigned number)
{
	return (struct mac){{0x02, 0, 0, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static inline void note_ask(void *context, unsigned segment, struct address where,
                            const struct mac *to)
{
	struct world *world = context;
	struct asked_note *note = &world->asks[world->asked++ % NOTES_MAX];

	(void)place_of(world, segment, where);
	*note = (struct asked_note){
	        .address = address_number(where), .unicast = to, .at_ms = world->clock.now_ms};
	if (to)
		note->to = *to;
}

static inline uint64_t note_begin(void *context, enum task_kind kind, unsigned segment,
                                  struct address where)
{
	struct world *world = context;
	uint32_t place = place_of(world, segment, where);

	world->begun++;
	world->open++;
	assert_true(world->begun < TASKS_MAX);
	world->task[world->begun] = 1;
	world->task_kind[world->begun] = kind;
	world->task_place[world->begun] = place;
	assert_true(!world->open_at[place]); /* one at a time */
	world->open_at[place] = world->begun;
	return world->begun;
}

static inline void note_end(void *context, uint64_t task)
{
	struct world *world = context;

	assert_true(task > 0 && task <= world->begun);
	assert_int_equal(world->task[task], 1); /* begun, and not ended before */
	world->task[task] = 2;
	world->open_at[world->task_place[task]] = 0;
	world->open--;
}

static inline void note_change(void *context, const struct neighbour_change *change)
{
	struct world *world = context;
	struct change_note *note = &world->changes[world->changed++ % NOTES_MAX];
	uint32_t place = place_of(world, change->segment, change->address);

	assert_true(change->before || change->after);
	assert_true(entry_equal(change->before, world->history[place]));
	assert_false(entry_equal(change->before, change->after));
	if (change->task) { /* a task in flight, of this kind */
		assert_int_equal(world->task[change->task], 1);
		assert_int_equal(world->task_kind[change->task], change->kind);
	}
	*note = (struct change_note){
	        .kind = change->kind,
	        .task = change->task,
	        .address = address_number(change->address),
	        .had = change->before,
	        .has = change->after,
	};
	if (change->before)
		note->before = change->before->mac;
	if (change->after)
		note->after = change->after->mac;
	snprintf(note->trigger, sizeof(note->trigger), "%s", change->trigger);
	snprintf(note->interface, sizeof(note->interface), "%s",
	         change->interface ? change->interface : "");
	world->changed_by[change->kind]++;
	entry_free(world->history[place]);
	world->history[place] = entry_copy(change->after);
}

static inline void note_alert(void *context, const struct neighbour_alert *alert)
{
	struct world *world = context;

	world->alerts[world->alerted % NOTES_MAX] = *alert;
	world->alerts[world->alerted++ % NOTES_MAX].interface = NULL; /* not valid any longer */
	snprintf(world->alert_interface, sizeof(world->alert_interface), "%s",
	         alert->interface ? alert->interface : "");
	world->alerted_by[alert->kind]++;
}

static inline void note_defence(void *context, unsigned segment, struct address where,
                                struct mac mac)
{
	struct world *world = context;

	(void)segment;
	world->defended[world->defences++ % NOTES_MAX] =
	        (struct declared_note){.address = address_number(where), .mac = mac};
}

static inline void note_correction(void *context, unsigned segment, struct address where,
                                   struct mac mac, struct address holder, struct mac holder_mac)
{
	struct world *world = context;

	(void)segment;
	world->corrected[world->corrections++ % NOTES_MAX] =
	        (struct correct_note){.address = address_number(where),
	                              .holder = address_number(holder),
	                              .mac = mac,
	                              .holder_mac = holder_mac};
}

static inline void note_sponged(void *context, unsigned segment, struct address where, bool begun)
{
	struct world *world = context;

	(void)segment;
	(void)where;
	world->sponges += begun;
	world->sponged += begun ? 1 : UINT32_MAX;
}

static inline void note_declared(void *context, unsigned segment, struct address where,
                                 struct mac mac, bool local)
{
	struct world *world = context;

	(void)segment;
	world->declared[world->declarations++ % NOTES_MAX] = (struct declared_note){
	        .address = address_number(where), .mac = mac, .local = local};
}

/* The binding is there before its place is known, and gone before the place is. */
static inline void note_placed(void *context, uint32_t slot, unsigned segment, struct address where,
                               bool taken)
{
	struct world *world = context;
	union binding binding = {.word = world->slots[slot].binding};

	(void)place_of(world, segment, where);
	assert_in_range(slot, layout_sparse_from(&world->layout), world->layout.slots - 1);
	assert_int_equal(world->placed[slot], !taken);
	assert_int_equal(binding.state != SLOT_EMPTY, taken);
	world->placed[slot] = taken;
	world->placings += taken ? 1 : UINT32_MAX;
}

static inline bool note_router(void *context, unsigned segment, struct address address)
{
	const struct world *world = context;

	(void)segment, (void)address;
	return world->router;
}

static const struct neighbour_ops noting = {
        .ask = note_ask,
        .task_begin = note_begin,
        .task_end = note_end,
        .changed = note_change,
        .alert = note_alert,
        .declared = note_declared,
        .defend = note_defence,
        .correct = note_correction,
        .sponged = note_sponged,
        .placed = note_placed,
        .is_router = note_router,
};

/* The agent died, with its tasks in flight. */
static inline void world_dies(struct world *world)
{
	for (unsigned task = 1; task <= world->begun; task++)
		world->task[task] = 2;
	memset(world->open_at, 0, world->plan.slots * sizeof(*world->open_at));
	world->open = world->sponged = 0;
}

/* What the map neigh_index6 holds when the agent ends. */
struct inherited {
	uint32_t slot;
	unsigned segment;
	struct address address;
};

static inline struct inherited *world_places(const struct world *world)
{
	struct inherited *places = calloc(world->placings + 1, sizeof(*places));
	unsigned count = 0;

	assert_non_null(places);
	for (uint32_t slot = 0; count < world->placings; slot++)
		if (world->placed[slot])
			assert_true(neighbour_place(world->neighbour, (places[count].slot = slot),
			                            &places[count].segment,
			                            &places[count].address) &&
			            ++count);
	return places;
}

static inline void world_inherit(struct world *world, const struct inherited *places)
{
	for (unsigned i = 0; i < world->placings; i++)
		assert_true(neighbour_inherit(world->neighbour, places[i].slot, places[i].segment,
		                              places[i].address));
}

/* Begins the module with the content of the slots, which is also how an agent restarts. */
static inline void world_start(struct world *world, uint32_t seed)
{
	struct inherited *before = world_places(world);

	neighbour_free(world->neighbour);
	world->neighbour = NULL;
	assert_int_equal(neighbour_new(&world->neighbour, world->slots, &world->layout,
	                               world->policy, world->segments, &noting, world, seed),
	                 0);
	world_inherit(world, before);
	free(before);
}

/* Of a declared or local binding: what is said of it in IPv6 overrides (RFC 4861 4.4, O). */
static inline uint8_t declared_flags(uint8_t flags)
{
	return of_ipv6 ? flags | SLOT_OVERRIDE : flags;
}

/* An IPv6 address of which nothing is known has no slot that an outsider could write. */
static inline void needs_slot(void)
{
	if (of_ipv6)
		skip();
}

#define SPONGE_RATE 30
static const struct mac sponge_mac = {{0x02, 0, 0, 0x5b, 0, 1}};

static inline void world_prefix(struct world *world, const char *text)
{
	struct prefix prefix;

	assert_int_equal(prefix_parse(&prefix, text, NULL), 0);
	assert_int_equal(layout_add(&world->plan, world->segments, prefix, NULL), 0);
	if (of_ipv6)
		prefix = (struct prefix){address_at(address_number(prefix.network)),
		                         (uint8_t)(96 + prefix.length)};
	assert_int_equal(layout_add(&world->layout, world->segments++, prefix, NULL), 0);
}

/* Up to three segments. The first learns passively. The second learns nothing and answers only
 * declared addresses. The third, which may be NULL, learns verified addresses and has a sponge. */
static inline struct world *world_of(const char *first, const char *second, const char *third)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	world_prefix(world, first);
	world_prefix(world, second);
	if (third)
		world_prefix(world, third);
	assert_int_equal(layout_add_sparse(&world->layout,
	                                   sparse_slots ? sparse_slots : world->plan.slots, NULL),
	                 0);
	world->slots = calloc(world->layout.slots, sizeof(*world->slots));
	world->history = calloc(world->plan.slots, sizeof(struct entry *));
	world->open_at = calloc(world->plan.slots, sizeof(*world->open_at));
	world->placed = calloc(world->layout.slots, sizeof(*world->placed));
	assert_true(world->slots && world->history && world->open_at && world->placed);
	world->policy[2] = (struct neighbour_policy){
	        .answer_dynamic = true,
	        .answer_static = true,
	        .answer_local = true,
	        .learn = NEIGHBOUR_VERIFIED,
	        .sponge = true,
	        .sponge_mac = sponge_mac,
	        .sponge_rate = SPONGE_RATE,
	        .timeout = 300,
	        .origin = "host1",
	};
	world->policy[0] = (struct neighbour_policy){
	        .answer_dynamic = true,
	        .answer_static = true,
	        .learn = NEIGHBOUR_PASSIVE,
	        .timeout = 300,
	        .origin = "host1",
	};
	world->policy[1] = (struct neighbour_policy){
	        .answer_static = true,
	        .learn = NEIGHBOUR_UNTAUGHT,
	        .protect_static = true,
	        .timeout = 60,
	};
	world->clock = (struct neighbour_clock){
	        .now = 10000,
	        .now_ms = 10000000,
	        .wall = 1795428000,
	};
	return world;
}

static inline struct world *world_new(const char *first, const char *second)
{
	return world_of(first, second, NULL);
}

/* What the segments have is what the table has. */
static inline void assert_totals_agree(const struct world *world)
{
	struct neighbour_totals all;
	struct neighbour_segment_totals one;

	neighbour_totals(world->neighbour, &all);
	for (unsigned segment = 0; segment < world->segments; segment++) {
		neighbour_segment_totals(world->neighbour, segment, &one);
		for (unsigned state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
			all.state[state] -= one.state[state];
	}
	for (unsigned state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
		assert_int_equal(all.state[state], 0);
}

static inline void world_free(struct world *world)
{
	if (world->neighbour)
		assert_totals_agree(world);
	for (uint32_t place = 0; place < world->plan.slots; place++)
		entry_free(world->history[place]);
	neighbour_free(world->neighbour);
	layout_clear(&world->layout);
	layout_clear(&world->plan);
	free(world->placed);
	free(world->open_at);
	free(world->history);
	free(world->slots);
	free(world);
}

static inline void pass_ms(struct world *world, uint64_t ms)
{
	uint64_t seconds = (world->clock.now_ms + ms) / 1000 - world->clock.now_ms / 1000;

	world->clock.now_ms += ms;
	world->clock.now += (uint32_t)seconds;
	world->clock.wall += (int64_t)seconds;
}

/* Lets time pass as the agent does: a tick whenever one is due. */
static inline void live_ms(struct world *world, uint64_t ms)
{
	uint64_t end = world->clock.now_ms + ms;

	while (world->clock.now_ms < end) {
		uint64_t wait = neighbour_tick(world->neighbour, &world->clock);

		assert_in_range(wait, 1, 1000);
		if (wait > end - world->clock.now_ms)
			wait = end - world->clock.now_ms;
		pass_ms(world, wait);
	}
	neighbour_tick(world->neighbour, &world->clock);
}

static inline void scan_all(struct world *world)
{
	neighbour_scan(world->neighbour, world->layout.slots, &world->clock);
}

static inline unsigned segment_of(const struct world *world, uint32_t address)
{
	for (unsigned segment = 0; segment < world->segments; segment++)
		if (layout_find(&world->plan, segment, address_v4(address)))
			return segment;
	fail();
	return 0;
}

/* -1: IPv6, and nothing is known of it. */
static inline int64_t slot_if_any(const struct world *world, uint32_t address)
{
	int64_t slot =
	        neighbour_slot(world->neighbour, segment_of(world, address), address_at(address));

	assert_true(slot >= 0 || of_ipv6);
	return slot;
}

static inline uint32_t slot_of(const struct world *world, uint32_t address)
{
	int64_t slot = slot_if_any(world, address);

	assert_true(slot >= 0);
	return (uint32_t)slot;
}

/* The word in the map; 0: nothing is there. */
static inline union binding binding_of(const struct world *world, uint32_t address)
{
	int64_t slot = slot_if_any(world, address);

	return (union binding){.word = slot < 0 ? 0 : world->slots[slot].binding};
}

/* As the agent handles an event about the address. */
static inline void hear_what(struct world *world, uint32_t address, struct neighbour_heard heard)
{
	int64_t slot = neighbour_take(world->neighbour, segment_of(world, address),
	                              address_at(address), NEIGHBOUR_HEARD, &world->clock);

	if (slot < 0)
		return;
	heard.slot = (uint32_t)slot;
	neighbour_heard(world->neighbour, &heard, &world->clock);
}

static inline void hear(struct world *world, uint32_t address, struct mac mac)
{
	hear_what(world, address,
	          (struct neighbour_heard){.mac = mac, .reply = true, .interface = "eth0"});
}

/* A unicast reply to the agent, which may answer its request. */
static inline void hear_answer(struct world *world, uint32_t address, struct mac mac)
{
	hear_what(world, address,
	          (struct neighbour_heard){
	                  .mac = mac, .reply = true, .answer = true, .interface = "eth1"});
}

/* Of the task in flight about the address. */
static inline enum task_kind kind_in_flight(const struct world *world, uint32_t address)
{
	uint32_t place = place_of(world, segment_of(world, address), address_at(address));

	return world->task_kind[world->open_at[place]];
}

/* The sender is asked and replies, and no other host does. */
static inline void hear_proof(struct world *world, uint32_t address, struct mac mac)
{
	hear(world, address, mac);
	hear_answer(world, address, mac);
	live_ms(world, DECIDE_MS);
}

/* What the XDP program does when the binding's own MAC speaks. */
static inline void program_hears(struct world *world, uint32_t address)
{
	world->slots[slot_of(world, address)].seen = world->clock.now;
}

/* What it does with a request for a dead address. */
static inline void program_is_asked(struct world *world, uint32_t address, unsigned times)
{
	struct neigh_slot *slot = &world->slots[slot_of(world, address)];
	union binding binding = {.word = slot->binding};

	assert_int_equal(binding.state, SLOT_DEAD);
	if (binding.flags & SLOT_ANSWER)
		slot->used = world->clock.now;
	else
		slot->seen += times;
}

static inline void link_is(struct world *world, unsigned segment, bool up)
{
	neighbour_link(world->neighbour, segment, up, &world->clock);
}

static inline void ask_for(struct world *world, uint32_t address)
{
	int64_t slot = neighbour_take(world->neighbour, segment_of(world, address),
	                              address_at(address), NEIGHBOUR_ASKED, &world->clock);

	if (slot >= 0)
		neighbour_asked(world->neighbour, (uint32_t)slot, &world->clock);
}

static inline int declare(struct world *world, uint32_t address, enum entry_state state,
                          struct mac mac, char *note)
{
	const struct entry entry = {
	        .mac = mac, .state = state, .since = world->clock.wall, .note = note};

	return neighbour_declare(world->neighbour, segment_of(world, address), address_at(address),
	                         &entry, &world->clock);
}

/* As a merge does: history already has the change. `how`: APPLY_*. */
static inline int apply(struct world *world, uint32_t address, const struct entry *entry,
                        unsigned how)
{
	int error = neighbour_apply(world->neighbour, segment_of(world, address),
	                            address_at(address), entry, how, &world->clock);

	if (error >= 0) {
		uint32_t place = place_of(world, segment_of(world, address), address_at(address));
		struct entry *copy = entry_copy(entry);

		entry_free(world->history[place]);
		world->history[place] = copy;
	}
	return error;
}

/* What `bpftool map update` does: writes the whole value. */
static inline void write_slot(struct world *world, uint32_t address, enum slot_state state,
                              struct mac mac)
{
	union binding binding = {.state = (uint8_t)state};

	memcpy(binding.mac, mac.octet, 6);
	world->slots[slot_of(world, address)] = (struct neigh_slot){.binding = binding.word};
}

static inline struct neighbour_view view_of(struct world *world, uint32_t address)
{
	struct neighbour_view view;

	assert_true(neighbour_view(world->neighbour, segment_of(world, address),
	                           address_at(address), &view));
	return view;
}

static inline void assert_state(struct world *world, uint32_t address, enum slot_state state)
{
	union binding binding = binding_of(world, address);

	assert_int_equal(view_of(world, address).state, state);
	assert_int_equal(binding.state, state);
}

static inline void assert_mac(struct world *world, uint32_t address, struct mac mac)
{
	union binding binding = binding_of(world, address);

	assert_memory_equal(view_of(world, address).mac.octet, mac.octet, 6);
	assert_memory_equal(binding.mac, mac.octet, 6);
}

static inline const struct change_note *last_change(const struct world *world)
{
	assert_true(world->changed > 0);
	return &world->changes[(world->changed - 1) % NOTES_MAX];
}

static inline const struct neighbour_alert *last_alert(const struct world *world)
{
	assert_true(world->alerted > 0);
	return &world->alerts[(world->alerted - 1) % NOTES_MAX];
}

/* Invariant 1: the table's durable content equals the changes that history got. */
static inline void assert_history_agrees(struct world *world)
{
	struct neighbour_view view;
	uint32_t cursor = 0, entries = 0;

	while (neighbour_next(world->neighbour, &cursor, UINT32_MAX, &view)) {
		uint32_t place = place_of(world, view.segment, view.address);

		assert_true(entry_equal(view.entry, world->history[place]));
		bool durable = view.state == SLOT_DYNAMIC || view.state == SLOT_STATIC ||
		               view.state == SLOT_STALE;
		/* A STALE one that is kept has no entry. */
		assert_true(durable == (view.entry != NULL) ||
		            (view.state == SLOT_STALE && !view.entry));
		if (!view.entry)
			continue;
		entries++;
		assert_memory_equal(view.mac.octet, view.entry->mac.octet, 6);
		assert_int_equal(view.state == SLOT_STATIC, view.entry->state == ENTRY_STATIC);
	}
	for (uint32_t place = 0; place < world->plan.slots; place++)
		entries -= world->history[place] != NULL;
	assert_int_equal(entries, 0);
}

/* cmocka's teardown, for a state that is a world. */
static inline int world_end(void **state)
{
	struct world *world = *state;

	assert_history_agrees(world);
	world_free(world);
	return 0;
}

#define run_families(tests)                                                                        \
	(cmocka_run_group_tests_name(of_ipv6 ? "IPv6" : "IPv4", tests, NULL, NULL) ||              \
	 ((of_ipv6 = true) && cmocka_run_group_tests_name("IPv6", tests, NULL, NULL)))

#endif

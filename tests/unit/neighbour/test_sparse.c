// SPDX-License-Identifier: MIT
/* The slots of IPv6 addresses: taken, given back, and taken away when there are too few. */
#include <errno.h>
#include <malloc.h>
#include <time.h>

#include "fixture.h"

#define HOST 0x0a020011u /* where addresses need proof */
#define LAN  2
#define FEW  8

static int begin_with(void **state, uint32_t slots)
{
	struct world *world;

	of_ipv6 = true;
	sparse_slots = slots;
	world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");
	world_start(world, 5);
	*state = world;
	return 0;
}

static int begin(void **state)
{
	return begin_with(state, 0);
}

static int begin_few(void **state)
{
	return begin_with(state, FEW);
}

static bool has_slot(const struct world *world, uint32_t address)
{
	return slot_if_any(world, address) >= 0;
}

static void make_dead(struct world *world, uint32_t address)
{
	ask_for(world, address);
	live_ms(world, 6100);
	assert_state(world, address, SLOT_DEAD);
}

static void make_stale(struct world *world, uint32_t address, unsigned number)
{
	const struct entry entry = {.mac = station(number), .since = world->clock.wall};

	assert_int_equal(apply(world, address, &entry, APPLY_VERIFY), 0);
	assert_state(world, address, SLOT_STALE);
}

static int unset(struct world *world, uint32_t address)
{
	return neighbour_declare(world->neighbour, segment_of(world, address), address_at(address),
	                         NULL, &world->clock);
}

static void an_address_has_a_slot_while_something_is_known_of_it(void **state)
{
	struct world *world = *state;

	assert_false(has_slot(world, HOST));
	assert_int_equal(view_of(world, HOST).slot, NEIGHBOUR_NO_SLOT);
	hear_proof(world, HOST, station(1));
	assert_int_equal(world->placings, 1);
	declare(world, HOST + 1, ENTRY_STATIC, station(2), NULL);
	assert_int_equal(world->placings, 2);
	assert_int_equal(unset(world, HOST), 0);
	assert_int_equal(unset(world, HOST + 1), 0);
	assert_false(has_slot(world, HOST));
	assert_false(has_slot(world, HOST + 1));
	assert_int_equal(world->placings, 0);
	assert_int_equal(unset(world, HOST), -ENOENT);
}

static void what_is_known_is_counted_by_family(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;

	hear_proof(world, HOST, station(1));
	declare(world, HOST + 1, ENTRY_STATIC, station(2), NULL);
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.taken4, 0);
	assert_int_equal(totals.slots4, 0);
	assert_int_equal(totals.taken6, 2);
	assert_int_equal(totals.slots6, world->layout.slots);
}

static void what_is_refused_takes_no_slot(void **state)
{
	struct world *world = *state;

	hear(world, 0x0a010011, station(1)); /* where nothing is learned */
	ask_for(world, 0x0a010012);
	link_is(world, LAN, false);
	hear(world, HOST, station(1));
	ask_for(world, HOST + 1);
	hear(world, 0x0a020000, station(1)); /* the prefix's own address */
	assert_int_equal(apply(world, HOST, NULL, 0), 1);
	assert_false(has_slot(world, HOST));
	assert_false(has_slot(world, HOST + 1));
	assert_int_equal(world->placings, 0);
}

static void a_claimant_that_does_not_reply_gives_the_slot_back(void **state)
{
	struct world *world = *state;

	hear(world, HOST, station(1));
	assert_int_equal(world->placings, 1);
	live_ms(world, 6100);
	assert_false(has_slot(world, HOST));
	assert_int_equal(world->placings, 0);
}

static void a_dead_address_keeps_its_slot_until_it_is_forgotten(void **state)
{
	struct world *world = *state;

	make_dead(world, HOST);
	pass_ms(world, 31000);
	scan_all(world);
	assert_state(world, HOST, SLOT_EMPTY);
	assert_true(has_slot(world, HOST));
	make_dead(world, HOST); /* for longer now */
	pass_ms(world, 31000);
	scan_all(world);
	assert_state(world, HOST, SLOT_DEAD);
	pass_ms(world, 30000);
	scan_all(world);
	pass_ms(world, 601000);
	scan_all(world);
	assert_false(has_slot(world, HOST));
	assert_int_equal(world->placings, 0);
}

/* All eight slots: four are dead, three stale, one is declared. */
static void fill(struct world *world)
{
	for (unsigned i = 0; i < 4; i++)
		make_dead(world, HOST + i);
	for (unsigned i = 4; i < 7; i++)
		make_stale(world, HOST + i, i);
	declare(world, HOST + 7, ENTRY_STATIC, station(7), NULL);
	assert_int_equal(world->placings, FEW);
}

static void a_miss_takes_the_slot_of_a_dead_address_alone(void **state)
{
	struct world *world = *state;

	fill(world);
	for (unsigned i = 0; i < 100; i++)
		ask_for(world, HOST + 20 + i);
	for (unsigned i = 0; i < 4; i++)
		assert_false(has_slot(world, HOST + i));
	for (unsigned i = 0; i < 4; i++)
		assert_state(world, HOST + 20 + i, SLOT_PENDING);
	assert_false(has_slot(world, HOST + 24));
	for (unsigned i = 4; i < 7; i++)
		assert_state(world, HOST + i, SLOT_STALE);
	assert_state(world, HOST + 7, SLOT_STATIC);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 0);
	live_ms(world, 7000);
}

static void a_sender_takes_that_of_a_stale_one_too_but_none_that_lives(void **state)
{
	struct world *world = *state;

	fill(world);
	for (unsigned i = 0; i < 7; i++)
		hear_proof(world, HOST + 20 + i, station(20 + i));
	for (unsigned i = 0; i < 7; i++)
		assert_state(world, HOST + 20 + i, SLOT_DYNAMIC);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 3);
	assert_state(world, HOST + 7, SLOT_STATIC);
	/* All live: one more is refused, counted, and reported once. */
	hear_proof(world, HOST + 40, station(40));
	hear_proof(world, HOST + 41, station(41));
	assert_false(has_slot(world, HOST + 40));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	for (unsigned i = 0; i < 7; i++)
		assert_state(world, HOST + 20 + i, SLOT_DYNAMIC);
}

static void the_hosts_own_address_is_a_routers_while_the_host_is_one(void **state)
{
	struct world *world = *state;
	struct mac own = station(9);

	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	assert_false(view_of(world, HOST).flags & SLOT_ROUTER);
	world->router = true;
	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	assert_true(view_of(world, HOST).flags & SLOT_ROUTER);
	world->router = false;
	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	assert_false(view_of(world, HOST).flags & SLOT_ROUTER);
}

static void a_persons_word_takes_any_but_a_declared_one(void **state)
{
	struct world *world = *state;
	const struct entry more = {.mac = station(99), .state = ENTRY_STATIC};
	struct mac own = station(9);

	neighbour_local(world->neighbour, LAN, address_at(HOST), &own, &world->clock);
	for (unsigned i = 1; i < FEW; i++)
		hear_proof(world, HOST + i, station(i));
	pass_ms(world, 5000);
	for (unsigned i = 2; i < FEW; i++)
		program_hears(world, HOST + i);
	assert_int_equal(declare(world, HOST + 20, ENTRY_STATIC, station(20), NULL), 0);
	/* The longest silent one is gone, and that is recorded. */
	assert_false(has_slot(world, HOST + 1));
	assert_int_equal(world->changed_by[TASK_EXPIRE], 1);
	for (unsigned i = 1; i < FEW - 1; i++)
		assert_int_equal(declare(world, HOST + 20 + i, ENTRY_STATIC, station(20 + i), NULL),
		                 0);
	assert_int_equal(world->changed_by[TASK_EXPIRE], FEW - 1);
	assert_int_equal(declare(world, HOST + 40, ENTRY_STATIC, station(40), NULL), -ENOSPC);
	assert_int_equal(apply(world, HOST + 40, &more, 0), -ENOSPC);
	assert_state(world, HOST, SLOT_LOCAL);
	for (unsigned i = 0; i < FEW - 1; i++)
		assert_state(world, HOST + 20 + i, SLOT_STATIC);
}

/* RFC 8981: a host takes a new address each day, and drops the oldest after a week. */
static void the_address_that_a_host_used_least_lately_gives_way(void **state)
{
	struct world *world = *state;

	world->policy[LAN].mac_limit = 3;
	world->policy[LAN].mac_limit_refuses = true;
	world_start(world, 5);
	for (unsigned i = 0; i < 3; i++) {
		hear_proof(world, HOST + i, station(1));
		pass_ms(world, 20000);
	}
	program_hears(world, HOST);
	pass_ms(world, 20000);
	hear_proof(world, HOST + 3, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_state(world, HOST + 1, SLOT_EMPTY);
	assert_state(world, HOST + 2, SLOT_DYNAMIC);
	assert_state(world, HOST + 3, SLOT_DYNAMIC);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 1);
	/* Its claim alone takes none from the host that it names. */
	pass_ms(world, 20000);
	hear(world, HOST + 4, station(1));
	live_ms(world, 7000);
	assert_int_equal(world->changed_by[TASK_EXPIRE], 1);
	assert_false(has_slot(world, HOST + 4));
}

static void a_restart_keeps_slots_and_bindings(void **state)
{
	struct world *world = *state;
	struct entry *entry;
	uint32_t slot;

	hear_proof(world, HOST, station(1));
	ask_for(world, HOST + 1);
	slot = slot_of(world, HOST);
	world_dies(world);
	world_start(world, 6);
	assert_int_equal(slot_of(world, HOST), slot);
	entry = entry_copy(world->history[place_of(world, LAN, address_at(HOST))]);
	assert_int_equal(apply(world, HOST, entry, 0), 0);
	entry_free(entry);
	assert_state(world, HOST, SLOT_DYNAMIC);
	/* What was in flight is nothing now, and its slot is given back. */
	scan_all(world);
	assert_false(has_slot(world, HOST + 1));
	assert_int_equal(world->placings, 1);
	hear_proof(world, HOST + 2, station(2));
	assert_int_not_equal(slot_of(world, HOST + 2), slot);
}

static void what_no_host_can_have_is_not_inherited(void **state)
{
	struct world *world = *state;
	uint32_t from = layout_sparse_from(&world->layout);
	struct neighbour *neighbour = world->neighbour;

	assert_false(neighbour_inherit(neighbour, from, LAN, address_at(0x0a000011)));
	assert_false(neighbour_inherit(neighbour, from, LAN, address_at(0x0a020000)));
	assert_false(neighbour_inherit(neighbour, from, LAN, address_v4(0x0a020011)));
	assert_false(neighbour_inherit(neighbour, world->layout.slots, LAN, address_at(HOST)));
	assert_false(neighbour_inherit(neighbour, UINT32_MAX, LAN, address_at(HOST)));
	assert_true(neighbour_inherit(neighbour, from + 3, LAN, address_at(HOST)));
	assert_false(neighbour_inherit(neighbour, from + 3, LAN, address_at(HOST + 1)));
	assert_false(neighbour_inherit(neighbour, from + 4, LAN, address_at(HOST)));
	world->placed[from + 3] = true;
	world->placings++;
	scan_all(world);
	assert_int_equal(world->placings, 0);
}

static void flags_say_who_is_a_router_and_what_overrides(void **state)
{
	struct world *world = *state;
	struct entry router = {.mac = station(1),
	                       .state = ENTRY_STATIC,
	                       .since = world->clock.wall,
	                       .router = true};

	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), &router, &world->clock),
	        0);
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER | SLOT_OVERRIDE | SLOT_ROUTER);
	assert_true(view_of(world, HOST).entry->router);
	router.router = false;
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), &router, &world->clock),
	        0);
	assert_int_equal(view_of(world, HOST).flags, SLOT_ANSWER | SLOT_OVERRIDE);
	router.router = true;
	router.note = (char *)"the first hop";
	assert_int_equal(
	        neighbour_declare(world->neighbour, LAN, address_at(HOST), &router, &world->clock),
	        0);
	assert_true(view_of(world, HOST).entry->router);
	hear_proof(world, HOST + 1, station(2));
	assert_int_equal(view_of(world, HOST + 1).flags, SLOT_ANSWER);
}

/* --- a /64 -----------------------------------------------------------------------------------
 */

#define EVENTS 1000000
#define RATE   5000 /* a second */
#define KNOWN  512
#define SLOTS  4096
#define MANY   65536

/* A table that records nothing: its operations only count. */
struct lan {
	struct neighbour *neighbour;
	struct layout layout;
	struct neigh_slot *slots;
	struct neighbour_clock clock;
	unsigned asked, tasks, placings, most, moved;
	unsigned at_once; /* requests in this second */
	uint32_t second;
};

static void lan_ask(void *context, unsigned segment, struct address address, const struct mac *to)
{
	struct lan *lan = context;

	(void)segment;
	(void)address;
	(void)to;
	lan->asked++;
	if (lan->second != lan->clock.now)
		lan->at_once = 0;
	lan->second = lan->clock.now;
	assert_in_range(++lan->at_once, 1, 2 * RESOLVE_PER_SECOND);
}

static uint64_t lan_begin(void *context, enum task_kind kind, unsigned segment,
                          struct address address)
{
	struct lan *lan = context;

	(void)kind;
	(void)segment;
	(void)address;
	return ++lan->tasks;
}

static void lan_end(void *context, uint64_t task)
{
	(void)context;
	(void)task;
}

static void lan_changed(void *context, const struct neighbour_change *change)
{
	(void)context;
	(void)change;
}

static void lan_alert(void *context, const struct neighbour_alert *alert)
{
	(void)context;
	(void)alert;
}

static void lan_declared(void *context, unsigned segment, struct address address, struct mac mac,
                         bool local)
{
	(void)context;
	(void)segment;
	(void)address;
	(void)mac;
	(void)local;
}

static void lan_placed(void *context, uint32_t slot, unsigned segment, struct address address,
                       bool taken)
{
	struct lan *lan = context;

	(void)slot;
	(void)segment;
	(void)address;
	lan->moved++;
	lan->placings += taken ? 1 : UINT32_MAX;
	lan->most = lan->placings > lan->most ? lan->placings : lan->most;
}

static const struct neighbour_ops counting = {
        .ask = lan_ask,
        .task_begin = lan_begin,
        .task_end = lan_end,
        .changed = lan_changed,
        .alert = lan_alert,
        .declared = lan_declared,
        .placed = lan_placed,
};

static struct address lan_host(uint64_t number)
{
	return (struct address){UINT64_C(0x20010db800000007), number};
}

static uint64_t random_number(void)
{
	return (uint64_t)rand() << 33 ^ (uint64_t)rand() << 11 ^ (uint64_t)rand();
}

/* Without its known hosts. */
static struct lan *lan_empty(uint32_t slots)
{
	static const struct prefix prefix = {{UINT64_C(0x20010db800000007), 0}, 64};
	const struct neighbour_policy policy = {.answer_dynamic = true,
	                                        .answer_static = true,
	                                        .learn = NEIGHBOUR_VERIFIED,
	                                        .timeout = 300};
	struct lan *lan = calloc(1, sizeof(*lan));

	assert_non_null(lan);
	lan->clock = (struct neighbour_clock){10000, 10000000, 1795428000};
	assert_int_equal(layout_add(&lan->layout, 0, prefix, NULL), 0);
	assert_int_equal(layout_add_sparse(&lan->layout, slots, NULL), 0);
	lan->slots = calloc(slots, sizeof(*lan->slots));
	assert_non_null(lan->slots);
	assert_int_equal(neighbour_new(&lan->neighbour, lan->slots, &lan->layout, &policy, 1,
	                               &counting, lan, 7),
	                 0);
	return lan;
}

static struct lan *lan_new(void)
{
	struct lan *lan = lan_empty(SLOTS);

	/* A half of them is declared. */
	for (unsigned i = 1; i <= KNOWN; i++) {
		const struct entry entry = {.mac = station(i),
		                            .state = i % 2 ? ENTRY_STATIC : ENTRY_DYNAMIC};

		assert_int_equal(
		        neighbour_apply(lan->neighbour, 0, lan_host(i), &entry, 0, &lan->clock), 0);
	}
	return lan;
}

static void lan_free(struct lan *lan)
{
	neighbour_free(lan->neighbour);
	layout_clear(&lan->layout);
	free(lan->slots);
	free(lan);
}

static void lan_event(struct lan *lan, bool is_miss)
{
	const struct address address = lan_host(random_number() | UINT64_C(1) << 32);
	int64_t slot = neighbour_take(lan->neighbour, 0, address,
	                              is_miss ? NEIGHBOUR_ASKED : NEIGHBOUR_HEARD, &lan->clock);
	struct neighbour_heard heard = {.mac = station((unsigned)rand() & 0x7fff)};

	if (slot < 0)
		return;
	heard.slot = (uint32_t)slot;
	if (is_miss)
		neighbour_asked(lan->neighbour, heard.slot, &lan->clock);
	else
		neighbour_heard(lan->neighbour, &heard, &lan->clock);
}

/* The known hosts answer the agent's requests, and speak anyway. */
static void lan_lives(struct lan *lan)
{
	for (unsigned i = 1; i <= KNOWN; i++) {
		int64_t slot = neighbour_slot(lan->neighbour, 0, lan_host(i));

		assert_true(slot >= 0);
		lan->slots[slot].seen = lan->clock.now;
	}
}

/* A million invented addresses in 200 s: of misses, as a scan from outside makes them (RFC 6583),
 * or of senders. */
static void flood(bool is_miss)
{
	struct lan *lan = lan_new();
	struct neighbour_totals totals;
	size_t heap = mallinfo2().uordblks;
	clock_t used = 0;

	for (unsigned event = 0; event < EVENTS;) {
		clock_t begin = clock();

		for (unsigned i = 0; i < RATE / 100; i++, event++)
			lan_event(lan, is_miss);
		neighbour_tick(lan->neighbour, &lan->clock);
		if (event % (RATE / 4) == 0)
			neighbour_scan(lan->neighbour, lan->layout.slots, &lan->clock);
		used += clock() - begin;
		if (event % RATE == 0)
			lan_lives(lan);
		lan->clock.now_ms += 10;
		lan->clock.now = (uint32_t)(lan->clock.now_ms / 1000);
	}
	neighbour_totals(lan->neighbour, &totals);
	printf("%u invented %s in %u s: %.2f us each, %u requests, %u tasks, at most %u of %u "
	       "slots, "
	       "%u changes of the index, %zu bytes\n",
	       EVENTS, is_miss ? "targets" : "senders", EVENTS / RATE,
	       (double)used / CLOCKS_PER_SEC / EVENTS * 1e6, lan->asked, lan->tasks, lan->most,
	       SLOTS, lan->moved, mallinfo2().uordblks - heap);
	assert_true(lan->asked <= RESOLVE_PER_SECOND * (EVENTS / RATE + 2));
	assert_in_range(lan->most, KNOWN, SLOTS);
	assert_true(totals.resolving <= RESOLVE_AT_ONCE + 512 + 512);
	/* With AddressSanitizer's allocator both are 0. */
	assert_true(mallinfo2().uordblks - heap < 65536);
	assert_int_equal(totals.state[SLOT_STATIC], KNOWN / 2);
	assert_int_equal(totals.state[SLOT_DYNAMIC] + totals.state[SLOT_STALE], KNOWN / 2);
	lan_free(lan);
}

static void a_scan_of_a_64_costs_bounded_memory_requests_and_time(void **state)
{
	(void)state;
	flood(true);
}

static void so_do_invented_senders(void **state)
{
	(void)state;
	flood(false);
}

static double milliseconds_since(clock_t begin)
{
	return (double)(clock() - begin) / CLOCKS_PER_SEC * 1e3;
}

static void a_full_table_costs_little_more_than_that_of_ipv4(void **state)
{
	size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd;
	struct lan *lan = lan_empty(MANY);
	const struct entry entry = {.mac = station(1), .state = ENTRY_DYNAMIC};
	double applied, passes;
	clock_t begin = clock();

	(void)state;
	for (unsigned i = 1; i <= MANY; i++)
		assert_int_equal(neighbour_apply(lan->neighbour, 0,
		                                 lan_host(random_number() << 16 | i), &entry, 0,
		                                 &lan->clock),
		                 0);
	applied = milliseconds_since(begin);
	assert_int_equal(lan->placings, MANY);
	begin = clock();
	for (unsigned i = 0; i < 100; i++)
		neighbour_scan(lan->neighbour, MANY, &lan->clock);
	passes = milliseconds_since(begin);
	heap = mallinfo2().uordblks + mallinfo2().hblkhd - heap;
	printf("%u IPv6 addresses: applied in %.1f ms, a pass takes %.3f ms, %.1f bytes each "
	       "beside "
	       "the slot\n",
	       MANY, applied, passes / 100, (double)(heap - MANY * sizeof(*lan->slots)) / MANY);
	/* With AddressSanitizer's allocator it is 0. */
	assert_true(heap < (size_t)MANY * 90);
	lan_free(lan);
}

int main(void)
{
#define TEST(name)     cmocka_unit_test_setup_teardown(name, begin, world_end)
#define TEST_FEW(name) cmocka_unit_test_setup_teardown(name, begin_few, world_end)
	const struct CMUnitTest tests[] = {
	        TEST(an_address_has_a_slot_while_something_is_known_of_it),
	        TEST(what_is_known_is_counted_by_family),
	        TEST(what_is_refused_takes_no_slot),
	        TEST(a_claimant_that_does_not_reply_gives_the_slot_back),
	        TEST(a_dead_address_keeps_its_slot_until_it_is_forgotten),
	        TEST_FEW(a_miss_takes_the_slot_of_a_dead_address_alone),
	        TEST_FEW(a_sender_takes_that_of_a_stale_one_too_but_none_that_lives),
	        TEST_FEW(a_persons_word_takes_any_but_a_declared_one),
	        TEST_FEW(the_hosts_own_address_is_a_routers_while_the_host_is_one),
	        TEST(the_address_that_a_host_used_least_lately_gives_way),
	        TEST(a_restart_keeps_slots_and_bindings),
	        TEST(what_no_host_can_have_is_not_inherited),
	        TEST(flags_say_who_is_a_router_and_what_overrides),
	        cmocka_unit_test(a_scan_of_a_64_costs_bounded_memory_requests_and_time),
	        cmocka_unit_test(so_do_invented_senders),
	        cmocka_unit_test(a_full_table_costs_little_more_than_that_of_ipv4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

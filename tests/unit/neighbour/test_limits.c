/* SPDX-License-Identifier: MIT */
/* How many addresses the agent learns, and from which senders. It reports each refusal once. */
#include <errno.h>

#include "fixture.h"

#define FIRST   0x0a020001u /* 10.2.0.1 of a /16: verified */
#define PASSIVE 0x0a000001u /* 10.0.0.1 of a /16 */
#define LAN     2
#define AT_ONCE 512 /* the number that may need proof */

static int set_up(void **state)
{
	*state = world_of("10.0.0.0/16", "10.1.0.0/24", "10.2.0.0/16");
	return 0;
}

static void begin(struct world *world, uint32_t learn_limit, uint32_t mac_limit)
{
	for (unsigned i = 0; i < 3; i++) {
		world->policy[i].learn_limit = learn_limit;
		world->policy[i].mac_limit = mac_limit;
	}
	world_start(world, 3);
}

static void prove(struct world *world, uint32_t address, unsigned number)
{
	hear_proof(world, address, station(number));
}

static void unset(struct world *world, uint32_t address)
{
	assert_int_equal(neighbour_declare(world->neighbour, segment_of(world, address), address,
	                                   NULL, &world->clock),
	                 0);
}

static uint64_t refused(const struct world *world)
{
	struct neighbour_totals totals;

	neighbour_totals(world->neighbour, &totals);
	return totals.refused;
}

/* Addresses of a segment. */

static void learning_stops_at_the_limit(void **state)
{
	struct world *world = *state;

	begin(world, 100, 0);
	for (uint32_t i = 0; i < 150; i++) {
		prove(world, FIRST + i, 1 + i);
		hear(world, PASSIVE + i, station(1 + i));
	}
	assert_state(world, FIRST + 99, SLOT_DYNAMIC);
	assert_state(world, FIRST + 100, SLOT_EMPTY);
	assert_state(world, PASSIVE + 99, SLOT_DYNAMIC);
	assert_state(world, PASSIVE + 100, SLOT_EMPTY);
	assert_int_equal(world->changed, 200);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2); /* one for each segment */
	assert_int_equal(refused(world), 150); /* each: twice there, once here */
	ask_for(world, FIRST + 100);
	assert_state(world, FIRST + 100, SLOT_EMPTY);
	/* Known addresses work as before. */
	hear(world, PASSIVE, station(999));
	assert_mac(world, PASSIVE, station(999));
	pass_ms(world, 301000);
	scan_all(world);
	assert_state(world, FIRST, SLOT_STALE);
	program_hears(world, FIRST);
	live_ms(world, 1);
	assert_state(world, FIRST, SLOT_DYNAMIC);
}

static void the_alert_is_repeated_after_a_while_below_the_limit(void **state)
{
	struct world *world = *state;

	begin(world, 100, 0);
	for (uint32_t i = 0; i < 101; i++)
		hear(world, PASSIVE + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	assert_int_equal(last_alert(world)->address, PASSIVE + 100);
	for (uint32_t i = 0; i < 4; i++) /* 4 %: too few */
		unset(world, PASSIVE + i);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + i, station(1 + i));
	hear(world, PASSIVE + 200, station(1));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	for (uint32_t i = 0; i < 5; i++)
		unset(world, PASSIVE + 10 + i);
	for (uint32_t i = 0; i < 5; i++)
		hear(world, PASSIVE + 10 + i, station(1 + 10 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	hear(world, PASSIVE + 200, station(1));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2);
}

static void only_learning_obeys_the_limit(void **state)
{
	struct world *world = *state;
	const struct entry entry = {.mac = station(7), .since = 1};

	begin(world, 2, 0);
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(apply(world, FIRST + i, &entry, true), 0);
		assert_int_equal(declare(world, FIRST + 10 + i, ENTRY_DYNAMIC, station(1), NULL),
		                 0);
	}
	assert_int_equal(declare(world, FIRST + 20, ENTRY_STATIC, station(1), NULL), 0);
	assert_int_equal(world->alerted, 0);
	prove(world, FIRST + 30, 1);
	assert_state(world, FIRST + 30, SLOT_EMPTY);
	assert_int_equal(last_alert(world)->kind, ALERT_LEARN_LIMIT);
}

static void an_answer_at_the_limit_is_not_learned(void **state)
{
	struct world *world = *state;

	begin(world, 1, 0);
	ask_for(world, FIRST);
	hear(world, FIRST + 1, station(2));
	hear(world, FIRST + 2, station(3));
	hear_answer(world, FIRST + 2, station(3));
	live_ms(world, 1);
	hear_answer(world, FIRST + 1, station(2));
	hear_answer(world, FIRST, station(1));
	live_ms(world, DECIDE_MS);
	assert_state(world, FIRST + 2, SLOT_DYNAMIC);
	assert_state(world, FIRST + 1, SLOT_EMPTY);
	assert_state(world, FIRST, SLOT_EMPTY);
	assert_int_equal(world->open, 0);
	assert_int_equal(refused(world), 2);
}

static void inherited_bindings_count(void **state)
{
	struct world *world = *state;

	begin(world, 10, 0);
	for (uint32_t i = 0; i < 10; i++)
		hear(world, PASSIVE + i, station(1 + i));
	world_dies(world);
	world_start(world, 4);
	hear(world, PASSIVE + 10, station(1));
	assert_state(world, PASSIVE + 10, SLOT_EMPTY);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(apply(world, PASSIVE + i, NULL, false), 0);
	hear(world, PASSIVE + 10, station(1));
	assert_state(world, PASSIVE + 10, SLOT_DYNAMIC);
}

/* Addresses that need proof. */

static void too_many_claims_at_once_are_refused(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;

	begin(world, 0, 0);
	for (uint32_t i = 0; i < 2000; i++)
		hear(world, FIRST + i, station(1 + i));
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.resolving, AT_ONCE);
	assert_int_equal(totals.refused, 2000 - AT_ONCE);
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	/* Not below half: no second report. */
	for (uint32_t i = 0; i < AT_ONCE / 2 - 1; i++)
		hear_answer(world, FIRST + i, station(1 + i));
	live_ms(world, 3 * DECIDE_MS);
	for (uint32_t i = 1000; i < 2000; i++)
		hear(world, FIRST + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 1);
	live_ms(world, 60000);
	assert_int_equal(world->open, 0);
	for (uint32_t i = 3000; i < 4000; i++)
		hear(world, FIRST + i, station(1 + i));
	assert_int_equal(world->alerted_by[ALERT_LEARN_LIMIT], 2);
}

static void a_contest_without_room_leaves_the_owner_alone(void **state)
{
	struct world *world = *state;

	begin(world, 0, 0);
	prove(world, FIRST, 1);
	for (uint32_t i = 1; i < 1000; i++)
		hear(world, FIRST + i, station(1 + i));
	hear(world, FIRST, station(2));
	assert_state(world, FIRST, SLOT_DYNAMIC);
	assert_mac(world, FIRST, station(1));
}

/* Addresses of a MAC. */

static void one_mac_with_many_addresses_is_reported_once(void **state)
{
	struct world *world = *state;

	begin(world, 0, 10);
	for (uint32_t i = 0; i < 10; i++)
		prove(world, FIRST + i, 1);
	live_ms(world, 3000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
	prove(world, FIRST + 10, 1);
	live_ms(world, 1000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	assert_memory_equal(last_alert(world)->mac.octet, station(1).octet, 6);
	assert_int_equal(last_alert(world)->address, FIRST + 10);
	assert_int_equal(last_alert(world)->segment, LAN);
	for (uint32_t i = 11; i < 50; i++) {
		prove(world, FIRST + i, 1);
		live_ms(world, 1000);
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	/* Below the limit, and above again. */
	for (uint32_t i = 10; i < 50; i++)
		unset(world, FIRST + i);
	live_ms(world, 2000);
	prove(world, FIRST + 10, 1);
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 2);
}

static void a_move_counts_for_the_new_mac(void **state)
{
	struct world *world = *state;

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + i, station(1 + i));
	for (uint32_t i = 0; i < 3; i++)
		hear(world, PASSIVE + i, station(4));
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	for (uint32_t i = 0; i < 3; i++)
		hear(world, PASSIVE + i, station(1));
	live_ms(world, 2000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
}

static void declared_and_local_bindings_do_not_count(void **state)
{
	struct world *world = *state;
	struct mac own = station(1);

	begin(world, 0, 3);
	for (uint32_t i = 0; i < 10; i++) {
		assert_int_equal(declare(world, FIRST + i, ENTRY_STATIC, own, NULL), 0);
		neighbour_local(world->neighbour, LAN, FIRST + 20 + i, &own, &world->clock);
	}
	for (uint32_t i = 0; i < 3; i++)
		prove(world, FIRST + 40 + i, 1);
	live_ms(world, 5000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
}

static void macs_that_share_a_counter_are_distinguished(void **state)
{
	struct world *world = *state;

	begin(world, 0, 3);
	/* 65,000 MACs in fewer counters: nearly all exceed the limit. */
	for (uint32_t i = 0; i < 65000; i++)
		hear(world, PASSIVE + i, station(i));
	live_ms(world, 20000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 0);
	for (uint32_t i = 0; i < 4; i++)
		hear(world, PASSIVE + 65000 + i, station(65100));
	live_ms(world, 20000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 1);
	assert_memory_equal(last_alert(world)->mac.octet, station(65100).octet, 6);
}

static void many_such_macs_are_reported_one_a_second(void **state)
{
	struct world *world = *state;

	begin(world, 0, 2);
	for (uint32_t i = 0; i < 30; i++)
		hear(world, PASSIVE + i, station(1 + i / 3));
	for (unsigned i = 0; i < 400; i++) { /* the number of calls does not matter */
		neighbour_tick(world->neighbour, &world->clock);
		pass_ms(world, 10);
	}
	assert_in_range(world->alerted_by[ALERT_MANY_ADDRESSES], 4, 5);
	live_ms(world, 10000);
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 10);
	/*
	 * With more MACs than the agent remembers, it reports the oldest again at their next
	 * address.
	 */
	for (uint32_t i = 30; i < 60; i++) {
		hear(world, PASSIVE + i, station(1 + i / 3));
		live_ms(world, 1000);
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 20);
	for (uint32_t i = 0; i < 20; i++) {
		hear(world, PASSIVE + 60 + i, station(20 - i));
		live_ms(world, 2000);
	}
	assert_int_equal(world->alerted_by[ALERT_MANY_ADDRESSES], 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(learning_stops_at_the_limit),
	        TEST(the_alert_is_repeated_after_a_while_below_the_limit),
	        TEST(only_learning_obeys_the_limit),
	        TEST(an_answer_at_the_limit_is_not_learned),
	        TEST(inherited_bindings_count),
	        TEST(too_many_claims_at_once_are_refused),
	        TEST(a_contest_without_room_leaves_the_owner_alone),
	        TEST(one_mac_with_many_addresses_is_reported_once),
	        TEST(a_move_counts_for_the_new_mac),
	        TEST(declared_and_local_bindings_do_not_count),
	        TEST(macs_that_share_a_counter_are_distinguished),
	        TEST(many_such_macs_are_reported_one_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* How long a silent owner keeps its address: the longer it had it, the longer, within bounds. And
 * one that lost it by its silence has it back when it returns soon. */
#include <errno.h>

#include "fixture.h"

#define HOST    0x0a020011u /* 10.2.0.17, where addresses need proof */
#define LAN     2
#define HOLD    30  /* seconds */
#define RECLAIM 600 /* seconds */
#define HOUR    3600

static int set_up(void **state)
{
	struct world *world = world_of("10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24");

	world->policy[LAN].hold = HOLD;
	world->policy[LAN].reclaim = RECLAIM;
	world_start(world, 7);
	*state = world;
	return 0;
}

/* Station 1 has had the address for so many seconds, as history says, and has just been heard. */
static void make_owned_for(struct world *world, int64_t seconds)
{
	const struct entry entry = {.mac = station(1), .since = world->clock.wall - seconds};

	assert_int_equal(apply(world, HOST, &entry, false), 0);
	world->asked = world->alerted = 0;
}

/* Station 2 claims the address, and replies whenever it is asked. The owner is silent. Returns the
 * seconds until it has lost the address. */
static unsigned seconds_held(struct world *world)
{
	unsigned seconds = 0;

	hear(world, HOST, station(2));
	for (; mac_equal(view_of(world, HOST).mac, station(1)); seconds++) {
		assert_true(seconds < 100);
		hear_answer(world, HOST, station(2));
		live_ms(world, 1000);
	}
	assert_mac(world, HOST, station(2));
	return seconds;
}

/* The host that was robbed is heard again, and replies. */
static void comes_back(struct world *world, unsigned number)
{
	hear(world, HOST, station(number));
	live_ms(world, 5);
	hear_answer(world, HOST, station(number));
}

static void the_older_a_binding_is_the_longer_it_is_held(void **state)
{
	static const struct {
		int64_t age;
		unsigned hold;
	} row[] = {{0, 3},         {239, 3},          {240, 4},  {HOUR, 18},
	           {2 * HOUR, 30}, {1000 * HOUR, 30}, {-HOUR, 3}};
	struct world *world = *state;

	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		make_owned_for(world, row[i].age);
		assert_int_equal(seconds_held(world), row[i].hold);
		assert_int_equal(world->asked, 6); /* three rounds, whatever the time */
	}
}

static void the_requests_are_spread_over_the_time(void **state)
{
	struct world *world = *state;
	uint64_t begin = world->clock.now_ms;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	for (unsigned i = 0; i < 6; i++) {
		assert_memory_equal(world->asks[i].to.octet, station(1 + i % 2).octet, 6);
		assert_true(world->asks[i].at_ms == begin + i / 2 * 10000);
	}
}

static void a_host_that_reboots_within_that_time_keeps_its_address(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(2));
	live_ms(world, 29000);
	assert_mac(world, HOST, station(1));
	assert_true(view_of(world, HOST).flags & SLOT_ANSWER);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_int_equal(world->open, 0);
}

static void the_owner_before_gets_its_address_back(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	live_ms(world, (RECLAIM - 10) * 1000);
	program_hears(world, HOST); /* the new one lives */
	hear(world, HOST, station(1));
	assert_state(world, HOST, SLOT_STALE);
	assert_int_equal(world->asked, 7); /* it alone is asked */
	assert_memory_equal(world->asks[6].to.octet, station(1).octet, 6);
	program_hears(world, HOST); /* the new one speaks, and that does not help */
	live_ms(world, 100);
	hear(world, HOST, station(2));
	hear_answer(world, HOST, station(2));
	assert_state(world, HOST, SLOT_STALE);
	hear_answer(world, HOST, station(1));
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(1));
	assert_int_equal(last_change(world)->kind, TASK_MOVE);
	assert_int_equal(world->task_kind[last_change(world)->task], TASK_MOVE);
	assert_int_equal(last_alert(world)->kind, ALERT_RECLAIMED);
	assert_memory_equal(last_alert(world)->mac.octet, station(1).octet, 6);
	assert_memory_equal(last_alert(world)->other.octet, station(2).octet, 6);
	assert_int_equal(world->open, 0);
	/* And again, for as long as it has had it since. */
	live_ms(world, 100000);
	assert_int_equal(seconds_held(world), 3);
	live_ms(world, 90000);
	comes_back(world, 1);
	assert_mac(world, HOST, station(1));
	assert_int_equal(world->alerted_by[ALERT_RECLAIMED], 2);
}

static void it_must_reply_or_nothing_changes(void **state)
{
	struct world *world = *state;
	unsigned changed;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	changed = world->changed;
	hear(world, HOST, station(1));
	program_hears(world, HOST);
	live_ms(world, 2999);
	assert_state(world, HOST, SLOT_STALE);
	live_ms(world, 1);
	assert_state(world, HOST, SLOT_DYNAMIC);
	assert_mac(world, HOST, station(2));
	assert_int_equal(world->changed, changed);
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
	assert_memory_equal(last_alert(world)->mac.octet, station(1).octet, 6);
	assert_int_equal(world->asked, 6 + 3);
	assert_int_equal(world->open, 0);
}

static void after_that_time_it_is_a_claimant_like_any_other(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	live_ms(world, (RECLAIM + 2) * 1000);
	hear(world, HOST, station(1));
	live_ms(world, 5);
	hear_answer(world, HOST, station(1));
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_mac(world, HOST, station(2));
	assert_int_equal(last_alert(world)->kind, ALERT_CONFLICT);
}

static void it_gets_it_back_for_no_longer_than_it_had_it(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 20);
	(void)seconds_held(world); /* three seconds more */
	live_ms(world, 22000);
	comes_back(world, 1);
	assert_mac(world, HOST, station(1));
	make_owned_for(world, 20);
	(void)seconds_held(world);
	live_ms(world, 25000);
	program_hears(world, HOST);
	comes_back(world, 1);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_mac(world, HOST, station(2));
}

static void the_one_that_gave_it_back_has_no_claim_to_it(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	live_ms(world, 60000);
	comes_back(world, 1);
	for (unsigned i = 0; i < 20; i++) {
		comes_back(world, 2);
		program_hears(world, HOST); /* station 1 lives */
		live_ms(world, 5000);
		assert_mac(world, HOST, station(1));
	}
	assert_int_equal(world->alerted_by[ALERT_RECLAIMED], 1);
}

static void others_do_not_keep_it_waiting(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	hear(world, HOST, station(3));
	program_hears(world, HOST);
	live_ms(world, 10); /* a conflict: the address rests */
	hear(world, HOST, station(3));
	assert_state(world, HOST, SLOT_DYNAMIC);
	comes_back(world, 1);
	assert_mac(world, HOST, station(1));
	assert_int_equal(last_alert(world)->kind, ALERT_RECLAIMED);
}

static void a_persons_word_ends_the_debt(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	assert_int_equal(declare(world, HOST, ENTRY_DYNAMIC, station(2), (char *)"moved"), 0);
	comes_back(world, 1);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_mac(world, HOST, station(2));
}

static void zero_is_never(void **state)
{
	struct world *world = *state;

	world->policy[LAN].reclaim = world->policy[LAN].hold = 0;
	world_start(world, 7);
	make_owned_for(world, 10 * HOUR);
	assert_int_equal(seconds_held(world), 3);
	comes_back(world, 1);
	program_hears(world, HOST);
	live_ms(world, 1);
	assert_mac(world, HOST, station(2));
}

static void the_link_ends_the_question(void **state)
{
	struct world *world = *state;

	make_owned_for(world, 10 * HOUR);
	(void)seconds_held(world);
	hear(world, HOST, station(1));
	assert_int_equal(world->open, 1);
	link_is(world, LAN, false);
	assert_int_equal(world->open, 0);
	assert_mac(world, HOST, station(2));
	link_is(world, LAN, true);
	comes_back(world, 1);
	assert_mac(world, HOST, station(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, world_end)
	        TEST(the_older_a_binding_is_the_longer_it_is_held),
	        TEST(the_requests_are_spread_over_the_time),
	        TEST(a_host_that_reboots_within_that_time_keeps_its_address),
	        TEST(the_owner_before_gets_its_address_back),
	        TEST(it_must_reply_or_nothing_changes),
	        TEST(after_that_time_it_is_a_claimant_like_any_other),
	        TEST(it_gets_it_back_for_no_longer_than_it_had_it),
	        TEST(the_one_that_gave_it_back_has_no_claim_to_it),
	        TEST(others_do_not_keep_it_waiting),
	        TEST(a_persons_word_ends_the_debt),
	        TEST(zero_is_never),
	        TEST(the_link_ends_the_question),
	};

	return run_families(tests);
}

/* SPDX-License-Identifier: MIT */
/* Requests: how many, how far apart, and never above the agreed rate. */
#include <errno.h>

#include "fixture.h"

#define FIRST 0x0a000001u /* 10.0.0.1, of a /20 */
#define SEED  20261122u

static int set_up(void **state)
{
	struct world *world = world_new("10.0.0.0/20", "10.1.0.0/24");

	world_start(world, SEED);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	world_free(*state);
	return 0;
}

static void three_requests_one_to_two_seconds_apart(void **state)
{
	struct world *world = *state;
	uint64_t last[200] = {0}, begin = world->clock.now_ms, least = UINT64_MAX, most = 0;
	unsigned tries[200] = {0};

	for (uint32_t i = 0; i < 200; i++)
		ask_for(world, FIRST + i);
	live_ms(world, 2999);
	for (uint32_t i = 0; i < 200; i++)
		assert_state(world, FIRST + i, SLOT_PENDING);
	live_ms(world, 3002);
	for (uint32_t i = 0; i < 200; i++)
		assert_state(world, FIRST + i, SLOT_DEAD);
	assert_int_equal(world->asked, 600);
	for (unsigned i = 0; i < world->asked; i++) {
		uint32_t host = world->asks[i].address - FIRST;
		uint64_t at = world->asks[i].at_ms;

		if (tries[host]++) {
			uint64_t gap = at - last[host];

			assert_in_range(gap, RESOLVE_MIN_MS, RESOLVE_MAX_MS);
			least = gap < least ? gap : least;
			most = gap > most ? gap : most;
		} else {
			assert_int_equal(at, begin);
		}
		last[host] = at;
	}
	assert_true(most - least > 900); /* spread over all of the second */
}

static void at_most_the_agreed_number_at_once(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;

	for (uint32_t i = 0; i < 1000; i++)
		ask_for(world, FIRST + i);
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.state[SLOT_PENDING], RESOLVE_AT_ONCE);
	assert_int_equal(totals.resolving, RESOLVE_AT_ONCE);
	assert_int_equal(world->begun, RESOLVE_AT_ONCE);
	assert_state(world, FIRST + 999, SLOT_EMPTY);
	hear(world, FIRST, station(1)); /* makes room for one */
	ask_for(world, FIRST + 999);
	assert_state(world, FIRST + 999, SLOT_PENDING);
}

/* Answers the broadcast requests since `from`. Then removes the binding, so that a request can miss
 * it again. */
static unsigned answer(struct world *world, unsigned from)
{
	for (; from < world->asked; from++) {
		const struct asked_note *note = &world->asks[from];

		if (note->unicast)
			continue;
		hear(world, note->address, station(5000));
		neighbour_declare(world->neighbour, 0, address_at(note->address), NULL,
		                  &world->clock);
	}
	return from;
}

/* 2,048 silent bindings need verification, and more requests miss than the agent can ask for. */
static void load(struct world *world)
{
	unsigned answered = 0;

	for (uint32_t i = 0; i < 2048; i++) {
		struct entry entry = {.mac = station(i + 1), .since = 1};

		assert_int_equal(apply(world, FIRST + i, &entry, true), 0);
	}
	for (unsigned step = 0; step < 2000; step++) {
		/* Two seconds of steady misses first. Requests that leave in a burst return in a
		 * burst, and each burst serves every queue. */
		unsigned misses = step < 200 ? 5 : 20;

		for (unsigned i = 0; i < misses; i++)
			ask_for(world, FIRST + 2048 + (uint32_t)rand() % 2000);
		if (step > 200)
			neighbour_scan(world->neighbour, 200, &world->clock);
		neighbour_tick(world->neighbour, &world->clock);
		answered = answer(world, answered);
		pass_ms(world, step < 200 ? 10 : (uint64_t)rand() % 21);
	}
}

static void the_rate_is_never_exceeded_and_no_queue_starves(void **state)
{
	struct world *world = *state;
	uint64_t begin = world->clock.now_ms;
	unsigned unicast = 0;

	printf("seed %u\n", SEED);
	srand(SEED);
	load(world);

	double seconds = (double)(world->clock.now_ms - begin) / 1000;

	assert_in_range(world->asked, 5000, NOTES_MAX);
	for (unsigned i = 0; i < world->asked; i++) {
		unicast += world->asks[i].unicast;
		if (i >= RESOLVE_PER_SECOND)
			assert_true(world->asks[i].at_ms -
			                    world->asks[i - RESOLVE_PER_SECOND].at_ms >=
			            1000);
	}
	printf("%.1f s: %.0f broadcast, %.0f unicast requests a second\n", seconds,
	       (world->asked - unicast) / seconds, unicast / seconds);
	assert_true((world->asked - unicast) / seconds >= 80);
	assert_true(unicast / seconds >= 80);
}

static void many_silent_hosts_are_all_verified_in_the_end(void **state)
{
	struct world *world = *state;
	struct neighbour_totals totals;
	unsigned seconds = 0;

	for (uint32_t i = 0; i < 3000; i++)
		hear(world, FIRST + i, station(i + 1));
	pass_ms(world, 301000);
	do {
		scan_all(world);
		neighbour_totals(world->neighbour, &totals);
		for (uint32_t i = 0; i < 3000; i += 2) { /* every other host lives */
			if (view_of(world, FIRST + i).state == SLOT_STALE)
				world->slots[slot_of(world, FIRST + i)].seen = world->clock.now;
		}
		live_ms(world, 1000);
		assert_true(++seconds < 60);
	} while (totals.resolving);
	neighbour_totals(world->neighbour, &totals);
	assert_int_equal(totals.state[SLOT_DYNAMIC], 1500);
	assert_int_equal(totals.state[SLOT_STALE], 0);
	assert_int_equal(world->open, 0);
	assert_history_agrees(world);
	printf("3000 verified in %u s\n", seconds);
}

static void the_tick_is_due_within_a_second(void **state)
{
	struct world *world = *state;

	assert_int_equal(neighbour_tick(world->neighbour, &world->clock), 1000);
	ask_for(world, FIRST);
	assert_int_equal(neighbour_tick(world->neighbour, &world->clock), 1000);
	pass_ms(world, 950);
	assert_in_range(neighbour_tick(world->neighbour, &world->clock), 50, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	        TEST(three_requests_one_to_two_seconds_apart),
	        TEST(at_most_the_agreed_number_at_once),
	        TEST(the_rate_is_never_exceeded_and_no_queue_starves),
	        TEST(many_silent_hosts_are_all_verified_in_the_end),
	        TEST(the_tick_is_due_within_a_second),
	};

	return run_families(tests);
}

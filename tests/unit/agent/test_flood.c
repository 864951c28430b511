/* SPDX-License-Identifier: MIT */
/* A flood is said when it begins, once a minute while it goes on, and when it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/flood.h"

#define START 5000000u

struct look {
	struct flood flood;
	struct flood_count counters, told;
	uint64_t now_ms, took;
};

/* A second later, the counters have grown by so much. */
static enum flood_news look(struct look *at, uint64_t limited, uint64_t lost)
{
	at->counters.limited += limited;
	at->counters.lost += lost;
	at->now_ms += 1000;
	return flood_look(&at->flood, &at->counters, at->now_ms, &at->told, &at->took);
}

/* The counters are as an earlier agent left them. */
static struct look begin(void)
{
	struct look at = {.counters = {700, 30}, .now_ms = START};

	assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
	return at;
}

static void the_counts_of_an_earlier_agent_are_not_a_flood(void **state)
{
	struct look at = begin();

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
}

static void a_flood_is_reported_immediately_with_its_numbers(void **state)
{
	struct look at = begin();

	(void)state;
	assert_int_equal(look(&at, 400, 3), FLOOD_GOES_ON);
	assert_int_equal(at.told.limited, 400);
	assert_int_equal(at.told.lost, 3);
}

static void a_flood_that_goes_on_is_reported_once_a_minute(void **state)
{
	struct look at = begin();

	(void)state;
	assert_int_equal(look(&at, 1, 0), FLOOD_GOES_ON);
	for (int minute = 0; minute < 3; minute++) {
		for (int i = 0; i < 59; i++)
			assert_int_equal(look(&at, 10, 1), FLOOD_NOTHING);
		assert_int_equal(look(&at, 10, 1), FLOOD_GOES_ON);
		assert_int_equal(at.told.limited, 600);
		assert_int_equal(at.told.lost, 60);
	}
}

static void the_end_is_reported_once_with_the_totals(void **state)
{
	struct look at = begin();

	(void)state;
	assert_int_equal(look(&at, 5, 0), FLOOD_GOES_ON);
	assert_int_equal(look(&at, 0, 7), FLOOD_NOTHING);
	for (int i = 0; i < 4; i++)
		assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
	assert_int_equal(look(&at, 0, 0), FLOOD_OVER);
	assert_int_equal(at.told.limited, 5);
	assert_int_equal(at.told.lost, 7);
	assert_int_equal(at.took, 1000);
	for (int i = 0; i < 100; i++)
		assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
}

static void the_next_flood_within_the_minute_is_reported_at_its_end(void **state)
{
	struct look at = begin();

	(void)state;
	assert_int_equal(look(&at, 5, 0), FLOOD_GOES_ON);
	for (int i = 0; i < 4; i++)
		assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
	assert_int_equal(look(&at, 0, 0), FLOOD_OVER);
	assert_int_equal(look(&at, 9, 0), FLOOD_NOTHING);
	for (int i = 0; i < 4; i++)
		assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
	assert_int_equal(look(&at, 0, 0), FLOOD_OVER);
	assert_int_equal(at.told.limited, 9);
}

static void counters_that_restart_are_not_a_flood(void **state)
{
	struct look at = begin();

	(void)state;
	at.counters = (struct flood_count){0};
	assert_int_equal(look(&at, 0, 0), FLOOD_NOTHING);
	assert_int_equal(look(&at, 2, 0), FLOOD_GOES_ON);
	assert_int_equal(at.told.limited, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_counts_of_an_earlier_agent_are_not_a_flood),
	        cmocka_unit_test(a_flood_is_reported_immediately_with_its_numbers),
	        cmocka_unit_test(a_flood_that_goes_on_is_reported_once_a_minute),
	        cmocka_unit_test(the_end_is_reported_once_with_the_totals),
	        cmocka_unit_test(the_next_flood_within_the_minute_is_reported_at_its_end),
	        cmocka_unit_test(counters_that_restart_are_not_a_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

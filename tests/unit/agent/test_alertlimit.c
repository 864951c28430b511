/* SPDX-License-Identifier: MIT */
/* Which alerts are reported, and which only counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "agent/alertlimit.h"

#define START    1000000u /* milliseconds: somewhere */
#define ONE_KIND (ALERTLIMIT_BURST - ALERTLIMIT_RESERVE + ALERTLIMIT_OWN_BURST)

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct alertlimit));
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static struct alertlimit_key key(enum alert_kind kind, uint32_t address)
{
	return (struct alertlimit_key){kind, 0, address_v4(address), {{2, 0, 0, 0, 0, 1}}};
}

static bool pass(struct alertlimit *limit, enum alert_kind kind, uint32_t address, uint64_t now_ms)
{
	const struct alertlimit_key of = key(kind, address);

	return alertlimit_pass(limit, &of, now_ms);
}

/* How many of so many different ones of a kind pass at one moment. */
static unsigned burst(struct alertlimit *limit, enum alert_kind kind, uint32_t first,
                      unsigned count, uint64_t now_ms)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < count; i++)
		passed += pass(limit, kind, first + i, now_ms);
	return passed;
}

static void the_same_alert_is_reported_once_a_minute(void **state)
{
	struct alertlimit *limit = *state;

	assert_true(pass(limit, ALERT_CONFLICT, 1, START));
	assert_false(pass(limit, ALERT_CONFLICT, 1, START));
	assert_false(pass(limit, ALERT_CONFLICT, 1, START + ALERTLIMIT_REPEAT_MS - 1));
	/* What was held back does not begin another minute. */
	assert_true(pass(limit, ALERT_CONFLICT, 1, START + ALERTLIMIT_REPEAT_MS));
	assert_false(pass(limit, ALERT_CONFLICT, 1, START + ALERTLIMIT_REPEAT_MS + 1));
	assert_false(pass(limit, ALERT_CONFLICT, 1, START + 2 * ALERTLIMIT_REPEAT_MS - 1));
}

static void kind_segment_address_and_mac_make_another(void **state)
{
	struct alertlimit *limit = *state;
	struct alertlimit_key of = key(ALERT_CONFLICT, 1);

	assert_true(alertlimit_pass(limit, &of, START));
	of.kind = ALERT_SPOOF;
	assert_true(alertlimit_pass(limit, &of, START));
	of.segment = 1;
	assert_true(alertlimit_pass(limit, &of, START));
	of.address = address_v4(2);
	assert_true(alertlimit_pass(limit, &of, START));
	of.mac.octet[5] = 2;
	assert_true(alertlimit_pass(limit, &of, START));
	assert_false(alertlimit_pass(limit, &of, START));
}

static void a_kind_that_floods_leaves_room_for_others(void **state)
{
	struct alertlimit *limit = *state;

	assert_int_equal(burst(limit, ALERT_NEW_STATION, 0, 60000, START), ONE_KIND);
	assert_int_equal(burst(limit, ALERT_CONFLICT, 0, 60000, START), ALERTLIMIT_OWN_BURST);
	assert_true(pass(limit, ALERT_SPOOF, 1, START));
	/* What could not be told may be, later. */
	assert_true(pass(limit, ALERT_CONFLICT, ALERTLIMIT_OWN_BURST, START + ALERTLIMIT_OWN_MS));
}

static void all_together_have_a_budget(void **state)
{
	struct alertlimit *limit = *state;
	unsigned passed = 0;

	for (unsigned kind = 0; kind < ALERT_KINDS; kind++)
		passed += burst(limit, (enum alert_kind)kind, 0, 1000, START);
	assert_int_equal(passed, ALERTLIMIT_BURST);
	/* In each second that follows: ten, and of whatever kind. */
	for (unsigned second = 1; second <= 20; second++) {
		passed = 0;
		for (unsigned round = 0; round < 10; round++)
			for (unsigned kind = 0; kind < ALERT_KINDS; kind++)
				passed += burst(limit, (enum alert_kind)kind,
				                10000 * second + 10 * round, 10,
				                START + 1000 * second);
		assert_in_range(passed, 9, 10);
	}
}

static void the_budget_comes_back(void **state)
{
	struct alertlimit *limit = *state;
	uint64_t later = START + (uint64_t)ALERTLIMIT_BURST * ALERTLIMIT_EVERY_MS;

	assert_int_equal(burst(limit, ALERT_BOGON, 0, 1000, START), ONE_KIND);
	assert_int_equal(burst(limit, ALERT_BOGON, 1000, 1000, later), ONE_KIND);
}

/* One alert each 100 ms for so many that the first are forgotten, but within the hour. */
static void memory_is_bounded_and_the_oldest_is_forgotten(void **state)
{
	struct alertlimit *limit = *state;
	uint64_t now = START;

	for (uint32_t i = 0; i < 3 * ALERTLIMIT_KNOWN; i++, now += ALERTLIMIT_EVERY_MS) {
		assert_true(pass(limit, ALERT_NEW_STATION, i, now));
		if (i > 0)
			assert_false(pass(limit, ALERT_NEW_STATION, i - 1, now));
	}
	assert_int_equal(limit->known, ALERTLIMIT_KNOWN);
	/* Every one that is remembered is found where it should be, and no other. */
	for (uint32_t i = 0, found = 0; i < ALERTLIMIT_KNOWN; i++) {
		for (uint16_t at = limit->bucket[i]; at; at = limit->told[at - 1].next) {
			assert_in_range(address_number(limit->told[at - 1].key.address),
			                2 * ALERTLIMIT_KNOWN, 3 * ALERTLIMIT_KNOWN - 1);
			found++;
		}
		if (i + 1 == ALERTLIMIT_KNOWN)
			assert_int_equal(found, ALERTLIMIT_KNOWN);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(the_same_alert_is_reported_once_a_minute),
	        TEST(kind_segment_address_and_mac_make_another),
	        TEST(a_kind_that_floods_leaves_room_for_others),
	        TEST(all_together_have_a_budget),
	        TEST(the_budget_comes_back),
	        TEST(memory_is_bounded_and_the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

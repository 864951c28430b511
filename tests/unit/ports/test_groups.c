/* SPDX-License-Identifier: MIT */
/* The groups of addresses, against a plain count for each suffix. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ports/groups.h"

#define SUFFIXES 5000
#define STEPS    300000

static void a_group_lives_as_long_as_its_addresses(void **state)
{
	struct groups groups = {0};

	(void)state;
	assert_false(groups_has(&groups, 7));
	assert_int_equal(groups_remove(&groups, 7), 0);
	assert_int_equal(groups_add(&groups, 7), 1);
	assert_int_equal(groups_add(&groups, 7), 0);
	assert_int_equal(groups_remove(&groups, 7), 0);
	assert_true(groups_has(&groups, 7));
	assert_int_equal(groups_remove(&groups, 7), 1);
	assert_false(groups_has(&groups, 7));
	assert_int_equal(groups.count, 0);
	groups_clear(&groups);
}

static void addresses_with_the_same_end_share_a_group(void **state)
{
	struct address global, link_local, group;

	(void)state;
	assert_int_equal(address_parse(&global, "2001:db8::1234:5678"), 0);
	assert_int_equal(address_parse(&link_local, "fe80::ff34:5678"), 0);
	assert_int_equal(address_parse(&group, "ff02::1:ff34:5678"), 0);
	assert_int_equal(group_suffix(global), group_suffix(link_local));
	assert_true(address_equal(group_address(group_suffix(global)), group));
	assert_int_equal(group_suffix(group), group_suffix(global));
}

/* Every 999th suffix is next to another in the hash table, and some are far apart. */
static uint32_t suffix_of(uint32_t number)
{
	return number % 2 ? number : (number * 999u) & 0xffffff;
}

static void groups_are_as_a_plain_count_says(void **state)
{
	static uint32_t plain[1 << 24];
	struct groups groups = {0};
	size_t count = 0;
	uint32_t random = 1;

	(void)state;
	for (unsigned step = 0; step < STEPS; step++) {
		uint32_t suffix;

		random = random * 1664525u + 1013904223u;
		suffix = suffix_of((random >> 8) % SUFFIXES);
		/* It grows in the first half, and empties in the second. */
		if ((random >> 28) < (step < STEPS / 2 ? 10u : 4u)) {
			assert_int_equal(groups_add(&groups, suffix), !plain[suffix]++);
			count += plain[suffix] == 1;
		} else {
			assert_int_equal(groups_remove(&groups, suffix), plain[suffix] == 1);
			count -= plain[suffix] == 1;
			plain[suffix] -= plain[suffix] > 0;
		}
		assert_int_equal(groups.count, count);
	}
	for (uint32_t i = 0; i < SUFFIXES; i++)
		assert_int_equal(groups_has(&groups, suffix_of(i)), plain[suffix_of(i)] > 0);
	for (size_t i = 0; i < groups.count; i++)
		assert_int_equal(groups.item[i].addresses, plain[groups.item[i].suffix]);
	groups_clear(&groups);
}

/* As hearing does while addresses come and go: each that stays is visited. */
static void a_walk_downwards_misses_no_group_that_stays(void **state)
{
	struct groups groups = {0};
	bool seen[2000] = {false};
	uint32_t left;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++)
		groups_add(&groups, i);
	left = (uint32_t)groups.count;
	for (uint32_t gone = 0; left > 0; gone += 2) {
		if (left > groups.count)
			left = (uint32_t)groups.count;
		seen[groups.item[--left].suffix] = true;
		if (gone < 2000)
			groups_remove(&groups, gone);
	}
	for (uint32_t i = 1; i < 2000; i += 2)
		assert_true(seen[i]);
	groups_clear(&groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_group_lives_as_long_as_its_addresses),
	        cmocka_unit_test(addresses_with_the_same_end_share_a_group),
	        cmocka_unit_test(groups_are_as_a_plain_count_says),
	        cmocka_unit_test(a_walk_downwards_misses_no_group_that_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

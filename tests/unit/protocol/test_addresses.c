/* SPDX-License-Identifier: MIT */
/* Sets of addresses of both families: compared with a plain array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

#include "protocol/protocol.h"

#define MOST 20000

struct member {
	unsigned segment;
	struct address address;
};

/* Few enough of each kind that many come again. */
static struct member any_member(void)
{
	struct member place = {.segment = (unsigned)random() % 3};

	if (random() % 2)
		place.address = address_v4((uint32_t)random() % 2000);
	else
		place.address = (struct address){(uint64_t)random() % 40, (uint64_t)random() % 50};
	return place;
}

static bool is_same(const struct member *a, const struct member *b)
{
	return a->segment == b->segment && address_equal(a->address, b->address);
}

static void a_set_numbers_its_addresses_in_order(void **state)
{
	static struct member kept[MOST];
	struct addresses set = {0};
	uint32_t count = 0, cursor = 0, next = 0;

	(void)state;
	srandom(3);
	for (int round = 0; round < 2; round++) {
		count = cursor = next = 0;
		for (int i = 0; i < MOST; i++) {
			struct member place = any_member();
			uint32_t known = addresses_number(&set, place.segment, place.address);

			assert_int_equal(addresses_have(&set, place.segment, place.address),
			                 known != IDMAP_NONE);
			if (known == IDMAP_NONE)
				kept[count++] = place;
			else
				assert_true(is_same(&kept[known], &place));
			assert_int_equal(addresses_add(&set, place.segment, place.address), 0);
			assert_int_equal(addresses_count(&set), count);
		}
		for (struct member place = {0};
		     addresses_next(&set, &cursor, &place.segment, &place.address); next++) {
			assert_true(is_same(&kept[next], &place));
			assert_int_equal(addresses_number(&set, place.segment, place.address),
			                 next);
		}
		assert_int_equal(next, count);
		addresses_empty(&set);
		assert_int_equal(addresses_count(&set), 0);
		assert_false(addresses_have(&set, kept[0].segment, kept[0].address));
	}
	addresses_clear(&set);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* An attacker knows the multiplier of a hash, and not the seed: interface identifiers that differ
 * in their upper bits alone must not be in one chain. */
static void chosen_identifiers_do_not_slow_a_set_down(void **state)
{
	struct addresses set = {0};
	double begin = seconds();

	(void)state;
	for (uint64_t i = 0; i < 65536; i++)
		assert_int_equal(addresses_add(&set, 0, (struct address){1, i << 48 | 1}), 0);
	assert_int_equal(addresses_count(&set), 65536);
	/* 0.02 s; in one chain, more than 4 s. */
	assert_true(seconds() - begin < 1);
	addresses_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_set_numbers_its_addresses_in_order),
	        cmocka_unit_test(chosen_identifiers_do_not_slow_a_set_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

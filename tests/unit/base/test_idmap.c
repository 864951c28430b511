// SPDX-License-Identifier: MIT
/* Keys and their numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define KEYS 20000

/* Keys that differ only behind the first eight bytes, too: then one slot chains to the next. */
static void make_key(uint8_t key[20], uint32_t number)
{
	memset(key, 0x5a, 20);
	memcpy(key + (number % 100 ? 0 : 12), &number, sizeof(number));
}

static void keys_are_numbered_in_the_order_in_which_they_are_added(void **state)
{
	struct idmap map = IDMAP(20);
	uint8_t key[20];
	uint32_t number;

	(void)state;
	for (uint32_t i = 0; i < KEYS; i++) {
		make_key(key, i);
		assert_int_equal(idmap_find(&map, key), IDMAP_NONE);
		assert_int_equal(idmap_add(&map, &number, key), 1);
		assert_int_equal(number, i);
	}
	assert_int_equal(map.count, KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		make_key(key, i);
		assert_int_equal(idmap_find(&map, key), i);
		assert_memory_equal(idmap_key(&map, i), key, sizeof(key));
	}
	idmap_clear(&map);
}

static void a_key_added_again_keeps_its_number(void **state)
{
	struct idmap map = IDMAP(20);
	uint8_t key[20];
	uint32_t number;

	(void)state;
	for (uint32_t i = 0; i < 2000; i++) {
		make_key(key, i % 1000);
		assert_int_equal(idmap_add(&map, &number, key), i < 1000);
		assert_int_equal(number, i % 1000);
		assert_int_equal(idmap_add(&map, NULL, key), 0);
	}
	assert_int_equal(map.count, 1000);
	idmap_clear(&map);
}

static void an_emptied_map_begins_again_at_zero(void **state)
{
	struct idmap map = IDMAP(20);
	uint8_t key[20];
	uint32_t number;
	size_t slots = 0;

	(void)state;
	for (unsigned round = 0; round < 5; round++) {
		for (uint32_t i = 0; i < 500; i++) {
			make_key(key, i * 7 + round);
			assert_int_equal(idmap_add(&map, &number, key), 1);
			assert_int_equal(number, i);
		}
		assert_true(slots == 0 || map.slots == slots); /* its memory is kept */
		slots = map.slots;
		idmap_empty(&map);
		assert_int_equal(idmap_find(&map, key), IDMAP_NONE);
	}
	idmap_clear(&map);
	assert_int_equal(map.slots, 0);
	assert_int_equal(idmap_find(&map, key), IDMAP_NONE);
	assert_int_equal(idmap_add(&map, &number, key), 1);
	assert_int_equal(number, 0);
	idmap_clear(&map);
}

static void short_keys_make_a_set(void **state)
{
	struct idmap set = IDMAP(sizeof(uint64_t));
	uint64_t sum = 0;

	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		uint64_t key = i % 1500 << 32 | 10;

		assert_int_equal(idmap_add(&set, NULL, &key), i < 1500);
	}
	for (uint32_t i = 0; i < set.count; i++) {
		uint64_t key;

		memcpy(&key, idmap_key(&set, i), sizeof(key));
		sum += key >> 32;
	}
	assert_int_equal(sum, 1500 * 1499 / 2);
	idmap_clear(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(keys_are_numbered_in_the_order_in_which_they_are_added),
	        cmocka_unit_test(a_key_added_again_keeps_its_number),
	        cmocka_unit_test(an_emptied_map_begins_again_at_zero),
	        cmocka_unit_test(short_keys_make_a_set),
	};

	return cmocka_run_group_tests_name("idmap", tests, NULL, NULL);
}

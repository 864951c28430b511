// SPDX-License-Identifier: MIT
/* Slots for addresses, found in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "wire/wire.h"

#define SEED UINT64_C(0x2545f4914f6cdd1d)

static struct address host(uint64_t number)
{
	return (struct address){UINT64_C(0x20010db800000007), number};
}

static void begin(struct places *places, uint32_t room)
{
	assert_int_equal(places_init(places, room, SEED), 0);
}

static void an_address_has_a_slot_until_it_is_given_back(void **state)
{
	struct places places;
	uint32_t first, second;

	(void)state;
	begin(&places, 4);
	assert_int_equal(places_find(&places, 0, host(1)), PLACES_NONE);
	first = places_take(&places, 0, host(1));
	second = places_take(&places, 0, host(2));
	assert_int_not_equal(first, second);
	assert_int_equal(places_take(&places, 0, host(1)), first);
	assert_int_equal(places_find(&places, 0, host(2)), second);
	assert_true(places_is_taken(&places, first));
	assert_true(address_equal(places.place[second].address, host(2)));
	assert_int_equal(places.used, 2);
	places_give_back(&places, first);
	assert_int_equal(places_find(&places, 0, host(1)), PLACES_NONE);
	assert_int_equal(places_find(&places, 0, host(2)), second);
	assert_false(places_is_taken(&places, first));
	assert_false(places_is_taken(&places, 4));
	assert_int_equal(places.used, 1);
	places_clear(&places);
}

static void segments_have_slots_of_their_own(void **state)
{
	struct places places;
	uint32_t one, other;

	(void)state;
	begin(&places, 4);
	one = places_take(&places, 0, host(1));
	other = places_take(&places, 1, host(1));
	assert_int_not_equal(one, other);
	assert_int_equal(places.place[one].segment, 0);
	assert_int_equal(places.place[other].segment, 1);
	places_give_back(&places, one);
	assert_int_equal(places_find(&places, 1, host(1)), other);
	places_clear(&places);
}

static void when_all_are_taken_none_is_left(void **state)
{
	struct places places;

	(void)state;
	begin(&places, 0);
	assert_int_equal(places_take(&places, 0, host(1)), PLACES_NONE);
	assert_int_equal(places_find(&places, 0, host(1)), PLACES_NONE);
	places_clear(&places);

	begin(&places, 3);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_not_equal(places_take(&places, 0, host(i)), PLACES_NONE);
	assert_int_equal(places_take(&places, 0, host(4)), PLACES_NONE);
	places_give_back(&places, places_find(&places, 0, host(2)));
	assert_int_not_equal(places_take(&places, 0, host(4)), PLACES_NONE);
	assert_int_equal(places_take(&places, 0, host(5)), PLACES_NONE);
	places_clear(&places);
}

static void no_address_has_no_slot(void **state)
{
	struct places places;

	(void)state;
	begin(&places, 3);
	assert_int_equal(places_take(&places, 0, (struct address){0}), PLACES_NONE);
	assert_false(places_put(&places, 0, 0, (struct address){0}));
	assert_int_equal(places.used, 0);
	places_clear(&places);
}

static void a_slot_given_back_is_the_last_to_be_taken_again(void **state)
{
	struct places places;
	uint32_t slot[3];

	(void)state;
	begin(&places, 3);
	for (unsigned i = 0; i < 3; i++)
		slot[i] = places_take(&places, 0, host(i + 1));
	places_give_back(&places, slot[1]);
	places_give_back(&places, slot[2]);
	places_give_back(&places, slot[0]);
	assert_int_equal(places_take(&places, 0, host(11)), slot[1]);
	assert_int_equal(places_take(&places, 0, host(12)), slot[2]);
	assert_int_equal(places_take(&places, 0, host(13)), slot[0]);
	places_clear(&places);
}

static void a_slot_that_was_known_before_stays_with_its_address(void **state)
{
	struct places places;

	(void)state;
	begin(&places, 4);
	assert_true(places_put(&places, 2, 0, host(1)));
	assert_false(places_put(&places, 2, 0, host(2)));
	assert_false(places_put(&places, 3, 0, host(1)));
	assert_false(places_put(&places, 4, 0, host(3)));
	assert_true(places_put(&places, 0, 0, host(2)));
	assert_int_equal(places_find(&places, 0, host(1)), 2);
	/* Given back before its turn came: it is taken once. */
	places_give_back(&places, 2);
	assert_int_equal(places_take(&places, 0, host(4)), 1);
	assert_int_equal(places_take(&places, 0, host(5)), 2);
	assert_int_equal(places_take(&places, 0, host(6)), 3);
	assert_int_equal(places_take(&places, 0, host(7)), PLACES_NONE);
	assert_int_equal(places_find(&places, 0, host(2)), 0);
	places_clear(&places);
}

/* The longest list of a bucket. */
static unsigned longest(const struct places *places)
{
	unsigned longest = 0;

	for (uint32_t i = 0; i < UINT32_C(1) << places->bits; i++) {
		unsigned length = 0;

		for (uint32_t at = places->bucket[i]; at; at = places->place[at - 1].next)
			length++;
		longest = length > longest ? length : longest;
	}
	return longest;
}

static void no_choice_of_addresses_makes_long_lists(void **state)
{
	struct places places;

	(void)state;
	/* In a row, and such as differ in one part alone, wherever that is. */
	for (unsigned shift = 0; shift <= 48; shift += 4) {
		begin(&places, 65536);
		for (uint64_t i = 0; i < 65536; i++)
			assert_int_not_equal(places_take(&places, 0, host(1 + (i << shift))),
			                     PLACES_NONE);
		assert_in_range(longest(&places), 1, 24);
		places_clear(&places);
	}
}

/* Against a plain array, many times over. */
static void a_million_steps_are_as_in_a_plain_array(void **state)
{
	enum { ROOM = 100, HOSTS = 200 };
	uint32_t slot_of[HOSTS], used = 0, random = 1;
	struct places places;

	(void)state;
	begin(&places, ROOM);
	for (unsigned i = 0; i < HOSTS; i++)
		slot_of[i] = PLACES_NONE;
	for (unsigned step = 0; step < 1000000; step++) {
		unsigned number = (random = random * 1664525u + 1013904223u) >> 8, which;
		uint32_t slot;

		which = number % HOSTS;
		slot = places_find(&places, which % 3, host(which + 1));
		assert_int_equal(slot, slot_of[which]);
		if (slot != PLACES_NONE) {
			places_give_back(&places, slot);
			slot_of[which] = PLACES_NONE;
			used--;
		} else {
			slot = places_take(&places, which % 3, host(which + 1));
			assert_true(used == ROOM ? slot == PLACES_NONE : slot < ROOM);
			slot_of[which] = slot;
			used += slot != PLACES_NONE;
		}
		assert_int_equal(places.used, used);
	}
	places_clear(&places);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_address_has_a_slot_until_it_is_given_back),
	        cmocka_unit_test(segments_have_slots_of_their_own),
	        cmocka_unit_test(when_all_are_taken_none_is_left),
	        cmocka_unit_test(no_address_has_no_slot),
	        cmocka_unit_test(a_slot_given_back_is_the_last_to_be_taken_again),
	        cmocka_unit_test(a_slot_that_was_known_before_stays_with_its_address),
	        cmocka_unit_test(no_choice_of_addresses_makes_long_lists),
	        cmocka_unit_test(a_million_steps_are_as_in_a_plain_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

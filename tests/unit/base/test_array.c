// SPDX-License-Identifier: MIT
/* Arrays that grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>

#include "base/base.h"

static void growing_keeps_what_the_array_holds(void **state)
{
	uint64_t *array = NULL;
	size_t count = 0, room = 0;

	(void)state;
	for (; count < 10000; count++) {
		assert_int_equal(array_reserve(&array, &room, count + 1), 0);
		assert_true(room > count);
		array[count] = count * count;
	}
	for (size_t i = 0; i < count; i++)
		assert_int_equal(array[i], i * i);
	free(array);
}

static void room_at_least_doubles(void **state)
{
	char *array = NULL;
	size_t room = 0, last = 0;
	unsigned growths = 0;

	(void)state;
	for (size_t count = 1; count <= 100000; count++) {
		assert_int_equal(array_reserve(&array, &room, count), 0);
		if (room == last)
			continue;
		assert_true(room >= 2 * last);
		last = room;
		growths++;
	}
	assert_true(growths < 20);
	free(array);
}

static void room_that_is_there_is_not_touched(void **state)
{
	int *array = NULL, *before;
	size_t room = 0;

	(void)state;
	assert_int_equal(array_reserve(&array, &room, 0), 0);
	assert_null(array);
	assert_int_equal(array_reserve(&array, &room, 100), 0);
	before = array;
	assert_int_equal(array_reserve(&array, &room, room), 0);
	assert_ptr_equal(array, before);
	free(array);
}

static void a_size_that_overflows_is_refused_and_changes_nothing(void **state)
{
	static const size_t counts[] = {SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX / sizeof(uint64_t) + 1,
	                                PTRDIFF_MAX / sizeof(uint64_t) + 1};
	uint64_t *array = NULL, *before;
	size_t room = 0, room_before;

	(void)state;
	assert_int_equal(array_reserve(&array, &room, 3), 0);
	array[2] = 42;
	before = array;
	room_before = room;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		assert_int_equal(array_reserve(&array, &room, counts[i]), -ENOMEM);
		assert_ptr_equal(array, before);
		assert_int_equal(room, room_before);
		assert_int_equal(array[2], 42);
	}
	free(array);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(growing_keeps_what_the_array_holds),
	        cmocka_unit_test(room_at_least_doubles),
	        cmocka_unit_test(room_that_is_there_is_not_touched),
	        cmocka_unit_test(a_size_that_overflows_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests_name("array", tests, NULL, NULL);
}

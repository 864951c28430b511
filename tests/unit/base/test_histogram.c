// SPDX-License-Identifier: MIT
/* Durations by their upper bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>

#include "base/base.h"

static void a_duration_counts_at_the_first_bound_that_it_does_not_exceed(void **state)
{
	struct histogram histogram = {.count = 0};

	(void)state;
	histogram_add(&histogram, 0);
	histogram_add(&histogram, 500000); /* 0.5 ms, the first bound */
	histogram_add(&histogram, 500001);
	histogram_add(&histogram, UINT64_C(10000000000));
	histogram_add(&histogram, UINT64_C(10000000001));
	assert_int_equal(histogram.at_most[0], 2);
	assert_int_equal(histogram.at_most[1], 1);
	assert_int_equal(histogram.at_most[HISTOGRAM_BOUNDS - 1], 1);
	assert_int_equal(histogram.count, 5);
	assert_int_equal(histogram.nanoseconds, UINT64_C(20001000002));
	for (unsigned i = 1; i < HISTOGRAM_BOUNDS; i++)
		assert_true(histogram_bound[i] > histogram_bound[i - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_duration_counts_at_the_first_bound_that_it_does_not_exceed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

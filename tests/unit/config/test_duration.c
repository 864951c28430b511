/* SPDX-License-Identifier: MIT */
/* Durations as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "config/words.h"

static void a_number_and_a_unit_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
	        {"90", 90000},   {"90s", 90000},      {"200ms", 200}, {"5m", 300000},
	        {"2h", 7200000}, {"1d", 86400000},    {"0", 0},       {"0ms", 0},
	        {"007s", 7000},  {"30d", 2592000000},
	};
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(duration_parse_ms(&ms, good[i].text), 0);
		assert_int_equal(ms, good[i].ms);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {"",
	                                  "s",
	                                  "ms",
	                                  "-1",
	                                  "+1",
	                                  "1.5s",
	                                  "1 s",
	                                  " 1",
	                                  "1s ",
	                                  "1S",
	                                  "1w",
	                                  "1mss",
	                                  "0x10",
	                                  "1e3",
	                                  "never",
	                                  "1m30s",
	                                  "1000000000000001",
	                                  "99999999999999999999999999999",
	                                  "18446744073709552s",
	                                  "213503982334602d"};
	uint64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (duration_parse_ms(&ms, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken for a duration", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_number_and_a_unit_are_read),
	        cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

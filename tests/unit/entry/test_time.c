/* SPDX-License-Identifier: MIT */
/* Times as entries spell them, against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "entry/entry.h"

#define LAST INT64_C(253402300799)

static void known_times_are_parsed_and_printed(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} known[] = {
	        {"1970-01-01T00:00:00Z", 0},          {"2000-02-29T12:00:00Z", 951825600},
	        {"2026-11-22T10:15:00Z", 1795342500}, {"2038-01-19T03:14:08Z", 2147483648},
	        {"2100-03-01T00:00:00Z", 4107542400}, {"9999-12-31T23:59:59Z", LAST},
	        {"2024-02-29T23:59:59Z", 1709251199},
	};
	char text[TIME_TEXT];
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_int_equal(time_parse(&seconds, known[i].text, strlen(known[i].text)), 0);
		assert_true(seconds == known[i].seconds);
		assert_string_equal(time_format(text, seconds), known[i].text);
	}
}

static void an_invalid_time_is_refused(void **state)
{
	static const char *const bad[] = {
	        "",
	        "2026-11-22",
	        "2026-11-22T10:15:00",
	        "2026-11-22T10:15:00z",
	        "2026-11-22 10:15:00Z",
	        "2026-11-22T10:15:00.0Z",
	        "2026-11-22T24:00:00Z",
	        "2026-11-22T10:60:00Z",
	        "2026-12-31T23:59:60Z",
	        "2026-00-22T10:15:00Z",
	        "2026-13-22T10:15:00Z",
	        "2026-11-00T10:15:00Z",
	        "2026-11-31T10:15:00Z",
	        "2026-02-29T10:15:00Z",
	        "2100-02-29T10:15:00Z",
	        "1969-12-31T23:59:59Z",
	        "0000-01-01T00:00:00Z",
	        "+026-11-22T10:15:00Z",
	        "2026-1 -22T10:15:00Z",
	        "2026-11-22T-1:15:00Z",
	        "2026-11-22T10:15:00Z ",
	};
	int64_t seconds;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (time_parse(&seconds, bad[i], strlen(bad[i])) != -EINVAL)
			fail_msg("'%s' was taken for a time", bad[i]);
}

static void every_day_agrees_with_the_library(void **state)
{
	char text[TIME_TEXT], expected[64];
	int64_t seconds;

	(void)state;
	for (int64_t day = 0; day * 86400 <= LAST; day++) {
		int64_t at = day * 86400 + day % 86400;
		time_t of_library = (time_t)at;
		struct tm utc;

		gmtime_r(&of_library, &utc);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &utc);
		time_format(text, at);
		if (strcmp(text, expected) != 0)
			fail_msg("%lld is %s, not %s", (long long)at, expected, text);
		assert_int_equal(time_parse(&seconds, text, strlen(text)), 0);
		assert_true(seconds == at);
	}
}

static void a_time_out_of_range_is_printed_as_the_nearest_in_it(void **state)
{
	char text[TIME_TEXT];

	(void)state;
	assert_string_equal(time_format(text, -1), "1970-01-01T00:00:00Z");
	assert_string_equal(time_format(text, INT64_MIN), "1970-01-01T00:00:00Z");
	assert_string_equal(time_format(text, LAST + 1), "9999-12-31T23:59:59Z");
	assert_string_equal(time_format(text, INT64_MAX), "9999-12-31T23:59:59Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(known_times_are_parsed_and_printed),
	        cmocka_unit_test(an_invalid_time_is_refused),
	        cmocka_unit_test(every_day_agrees_with_the_library),
	        cmocka_unit_test(a_time_out_of_range_is_printed_as_the_nearest_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

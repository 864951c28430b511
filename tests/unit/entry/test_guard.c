// SPDX-License-Identifier: MIT
/* How many known addresses may change at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "entry/entry.h"

static void the_setting_is_a_number_or_a_word(void **state)
{
	static const struct {
		const char *text, *printed;
		uint32_t guard;
	} good[] = {{"auto", "auto", GUARD_AUTO},
	            {"off", "off", GUARD_OFF},
	            {"0", "off", GUARD_OFF},
	            {"1", "1", 1},
	            {"99999999", "99999999", GUARD_MOST}};
	static const char *const bad[] = {"", "-1", "1k", "100000000", "on", " 5", "5 ", "Auto"};
	char text[GUARD_TEXT];
	uint32_t guard = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(guard_parse(&guard, good[i].text), 0);
		assert_int_equal(guard, good[i].guard);
		assert_string_equal(guard_print(text, guard), good[i].printed);
	}
	guard = 7;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(guard_parse(&guard, bad[i]), -EINVAL);
		assert_int_equal(guard_parse_confirmed(&guard, bad[i]), -EINVAL);
	}
	assert_int_equal(guard_parse_confirmed(&guard, "auto"), -EINVAL);
	assert_int_equal(guard, 7);
}

static void so_many_are_too_many(void **state)
{
	static const struct {
		struct guard_part part[2];
		uint32_t guard;
		bool exceeded;
	} row[] = {
	        {{{1000, 1000}, {0, 0}}, GUARD_AUTO, false},
	        {{{1001, 1001}, {0, 0}}, GUARD_AUTO, true},
	        /* A tenth of a large segment. */
	        {{{6000, 60000}, {0, 0}}, GUARD_AUTO, false},
	        {{{6001, 60000}, {0, 0}}, GUARD_AUTO, true},
	        /* A small segment does not hide behind a large one. */
	        {{{1, 60000}, {1500, 1500}}, GUARD_AUTO, true},
	        {{{900, 900}, {101, 100000}}, GUARD_AUTO, true},
	        {{{900, 9000}, {900, 9000}}, GUARD_AUTO, false},
	        {{{3, 100000}, {2, 100000}}, 5, false},
	        {{{3, 100000}, {3, 100000}}, 5, true},
	        {{{1000000, 1000000}, {0, 0}}, GUARD_OFF, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		assert_int_equal(guard_exceeded(row[i].guard, row[i].part, 2), row[i].exceeded);
	assert_int_equal(guard_allows(GUARD_AUTO), 1000);
	assert_int_equal(guard_allows(5), 5);
	assert_int_equal(guard_allows(GUARD_OFF), UINT32_MAX);
}

static void the_refusal_names_the_count_and_how_to_confirm_it(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(guard_refuse(&fault, GUARD_AUTO, 10111, "it", "git push -o confirm="),
	                 -EPERM);
	assert_non_null(strstr(fault.text, "it would change or remove 10111 known addresses"));
	assert_non_null(strstr(fault.text, "1000, or a tenth of a segment at once"));
	assert_non_null(strstr(fault.text, "git push -o confirm=10111"));
	assert_int_equal(guard_refuse(&fault, 7, 8, "unset of 10.0.0.0/28", "--confirm "), -EPERM);
	assert_non_null(strstr(fault.text, "allows 7 at once"));
	assert_non_null(strstr(fault.text, "--confirm 8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_setting_is_a_number_or_a_word),
	        cmocka_unit_test(so_many_are_too_many),
	        cmocka_unit_test(the_refusal_names_the_count_and_how_to_confirm_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The operators' group: a name or a number, of a group that tells users apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "agent/operators.h"

#define NONE ((gid_t)-1)

static void a_group_is_found_by_name_or_number(void **state)
{
	struct fault fault = {""};
	gid_t group;

	(void)state;
	assert_int_equal(operators_find(&group, NULL, &fault), 0);
	assert_int_equal(group, NONE);
	assert_int_equal(operators_find(&group, "daemon", &fault), 0); /* 1 on every Debian */
	assert_int_equal(group, 1);
	assert_int_equal(operators_find(&group, "4711", &fault), 0); /* need not be listed */
	assert_int_equal(group, 4711);
}

static void a_group_that_the_machine_does_not_have_is_named(void **state)
{
	static const char *const names[] = {"no-such-group", "4294967295", "99999999999999999999",
	                                    "12x"};
	struct fault fault;
	gid_t group;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fault.text[0] = '\0';
		assert_int_equal(operators_find(&group, names[i], &fault), -ENOENT);
		assert_int_equal(group, NONE);
		assert_non_null(strstr(fault.text, names[i]));
		assert_non_null(strstr(fault.text, "no such group"));
	}
}

static void the_group_that_stands_for_unknown_ones_is_refused(void **state)
{
	struct fault fault = {""};
	gid_t group;

	(void)state;
	assert_int_equal(operators_find(&group, "65534", &fault), -EINVAL);
	assert_int_equal(group, NONE);
	assert_non_null(strstr(fault.text, "choose another"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_group_is_found_by_name_or_number),
	        cmocka_unit_test(a_group_that_the_machine_does_not_have_is_named),
	        cmocka_unit_test(the_group_that_stands_for_unknown_ones_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

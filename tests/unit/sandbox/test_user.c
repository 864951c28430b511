// SPDX-License-Identifier: MIT
/* Which user the recorder becomes. */
#include "inside.h"

#include <pwd.h>
#include <stdbool.h>

static void name_is_looked_up(void **state)
{
	struct sandbox_user user;
	struct fault fault;

	(void)state;
	assert_int_equal(sandbox_find_user(&user, "daemon", &fault), 0);
	assert_string_equal(user.name, "daemon");
	assert_int_equal(user.uid, 1);
	assert_int_equal(user.gid, 1);
	assert_false(user.missing);
}

static void number_needs_no_entry(void **state)
{
	struct sandbox_user user;
	struct fault fault;

	(void)state;
	assert_int_equal(sandbox_find_user(&user, "64123", &fault), 0);
	assert_string_equal(user.name, "64123");
	assert_string_equal(user.home, "/nonexistent");
	assert_int_equal(user.uid, 64123);
	assert_int_equal(user.gid, 64123);
	/* One that has an entry takes it. */
	assert_int_equal(sandbox_find_user(&user, "1", &fault), 0);
	assert_string_equal(user.name, "daemon");
}

static void unknown_name_is_a_fault(void **state)
{
	struct sandbox_user user;
	struct fault fault = {""};

	(void)state;
	assert_int_equal(sandbox_find_user(&user, "no-such-user", &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "there is no user 'no-such-user'"));
	assert_int_equal(sandbox_find_user(&user, "", &fault), -ENOENT);
	assert_int_equal(sandbox_find_user(&user, "-1", &fault), -ENOENT);
	assert_int_equal(sandbox_find_user(&user, "+1", &fault), -ENOENT);
}

static void impossible_number_is_a_fault(void **state)
{
	static const char *const numbers[] = {"4294967294", "4294967295", "4294967296",
	                                      "99999999999999999999"};
	struct sandbox_user user;
	struct fault fault = {""};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		assert_int_equal(sandbox_find_user(&user, numbers[i], &fault), -EINVAL);
		assert_non_null(strstr(fault.text, "is not a user ID"));
	}
}

static void default_is_arpkeeper_or_root(void **state)
{
	const bool exists = getpwnam("arpkeeper") != NULL;
	struct sandbox_user user;
	struct fault fault;

	(void)state;
	assert_int_equal(sandbox_find_user(&user, NULL, &fault), 0);
	assert_string_equal(user.name, exists ? "arpkeeper" : "root");
	assert_int_equal(user.missing, !exists);
	/* Who asks for root by name gets it without the reason. */
	assert_int_equal(sandbox_find_user(&user, "root", &fault), 0);
	assert_int_equal(user.uid, 0);
	assert_false(user.missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(name_is_looked_up),
	        cmocka_unit_test(number_needs_no_entry),
	        cmocka_unit_test(unknown_name_is_a_fault),
	        cmocka_unit_test(impossible_number_is_a_fault),
	        cmocka_unit_test(default_is_arpkeeper_or_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

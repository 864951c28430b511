/* SPDX-License-Identifier: MIT */
/* What users may use of the control socket, and that they leave the others theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "control/limits.h"

#define FIRST_USER 1000
#define USERS      8

/* Connects as often as possible; returns how often that was. */
static unsigned connect_all(struct usage *usage, struct user **user, uid_t uid,
                            enum standing standing, struct fault *fault)
{
	unsigned count = 0;

	while (usage_connect(usage, user, uid, standing, fault) == 0)
		count++;
	return count;
}

static void disconnect_all(struct usage *usage)
{
	while (usage->user)
		usage_disconnect(usage, usage->user);
	for (int standing = 0; standing < STANDINGS; standing++)
		assert_int_equal(usage->connections[standing], 0);
}

static void one_user_leaves_the_others_connections(void **state)
{
	const struct limits *limits = limits_of(STANDING_USER);
	struct usage usage = {.user = NULL};
	struct user *user, *other;
	struct fault fault;

	(void)state;
	assert_int_equal(connect_all(&usage, &user, FIRST_USER, STANDING_USER, &fault),
	                 limits->user_connections);
	assert_string_equal(fault.text,
	                    "user 1000 has 64 connections, the limit for a user: close one first");
	assert_int_equal(usage_connect(&usage, &other, FIRST_USER + 1, STANDING_USER, &fault), 0);
	assert_ptr_not_equal(user, other);
	/* A place that becomes free can be taken again. */
	usage_disconnect(&usage, user);
	assert_int_equal(usage_connect(&usage, &user, FIRST_USER, STANDING_USER, &fault), 0);
	assert_int_equal(usage_connect(&usage, &user, FIRST_USER, STANDING_USER, &fault), -EUSERS);
	disconnect_all(&usage);
}

static void all_users_leave_operators_and_root_connections(void **state)
{
	struct usage usage = {.user = NULL};
	struct fault fault;
	struct user *user;
	unsigned count = 0;

	(void)state;
	for (uid_t uid = FIRST_USER; uid < FIRST_USER + USERS; uid++)
		count += connect_all(&usage, &user, uid, STANDING_USER, &fault);
	assert_int_equal(count, limits_of(STANDING_USER)->connections);
	assert_non_null(strstr(fault.text, "users who may only read have 192 connections"));
	count = 0;
	for (uid_t uid = FIRST_USER; uid < FIRST_USER + USERS; uid++)
		count += connect_all(&usage, &user, uid, STANDING_OPERATOR, &fault);
	assert_int_equal(count, limits_of(STANDING_OPERATOR)->connections);
	assert_int_equal(connect_all(&usage, &user, 0, STANDING_ROOT, &fault),
	                 limits_of(STANDING_ROOT)->connections);
	disconnect_all(&usage);
}

static void watchers_are_few_and_leave_the_others_theirs(void **state)
{
	struct usage usage = {.user = NULL};
	struct user *user[USERS], *root;
	struct fault fault;
	unsigned count = 0;

	(void)state;
	for (unsigned i = 0; i < USERS; i++) {
		unsigned own = 0;

		assert_int_equal(
		        usage_connect(&usage, &user[i], FIRST_USER + i, STANDING_USER, &fault), 0);
		while (usage_watch(&usage, user[i], &fault) == 0)
			own++;
		assert_true(own <= limits_of(STANDING_USER)->user_watchers);
		count += own;
	}
	assert_int_equal(count, limits_of(STANDING_USER)->watchers);
	assert_int_equal(usage_connect(&usage, &root, 0, STANDING_ROOT, &fault), 0);
	assert_int_equal(usage_watch(&usage, root, &fault), 0);
	usage_unwatch(&usage, user[0]);
	assert_int_equal(usage_watch(&usage, user[0], &fault), 0);
	disconnect_all(&usage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(one_user_leaves_the_others_connections),
	        cmocka_unit_test(all_users_leave_operators_and_root_connections),
	        cmocka_unit_test(watchers_are_few_and_leave_the_others_theirs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

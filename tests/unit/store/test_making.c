// SPDX-License-Identifier: MIT
/* The making of a repository that a crash cuts short. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>

#include <cmocka.h>

#include "store/repository.h"

static char folder[64], path[128];

static int set_up(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/arpkeeper-making.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/a/b.git", folder);
	return 0;
}

static int tear_down(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *within(const char *name)
{
	static char file[PATH_MAX];

	snprintf(file, sizeof(file), "%s/%s", path, name);
	return file;
}

static void put(const char *name)
{
	int descriptor = open(within(name), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(descriptor >= 0);
	close(descriptor);
}

static bool is_there(const char *name)
{
	return access(within(name), F_OK) == 0;
}

static int begin(void)
{
	struct fault fault;
	int making;

	assert_int_equal(making_begin(&making, path, "history.path", &fault), 0);
	return making;
}

static void one_begins_where_nothing_is_and_its_folders_are_made(void **state)
{
	struct fault fault;
	int making = begin();

	(void)state;
	assert_true(making >= 0);
	put("HEAD");
	assert_int_equal(making_end(making, path, &fault), 0);
	assert_true(is_there("HEAD"));
	assert_false(is_there("arpkeeper.making"));
}

static void what_is_there_is_left_alone(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(making_end(begin(), path, &fault), 0);
	put("HEAD");
	assert_int_equal(begin(), -1);
	assert_true(is_there("HEAD"));
}

static void one_that_was_cut_short_begins_anew(void **state)
{
	int making = begin();

	(void)state;
	put("HEAD");
	assert_int_equal(mkdir(within("refs"), 0777), 0);
	put("refs/main");
	making_abandon(making);
	making = begin();
	assert_true(making >= 0);
	assert_false(is_there("HEAD"));
	assert_false(is_there("refs"));
	assert_true(is_there("arpkeeper.making"));
	making_abandon(making);
}

static void nobody_takes_one_over_that_goes_on(void **state)
{
	struct fault fault;
	int making = begin(), second;

	(void)state;
	put("HEAD");
	assert_int_equal(making_begin(&second, path, "history.path", &fault), -EBUSY);
	assert_non_null(strstr(fault.text, "at this moment"));
	assert_int_equal(second, -1);
	assert_true(is_there("HEAD"));
	making_abandon(making);
}

static void a_folder_that_cannot_be_is_an_error_that_names_it(void **state)
{
	struct fault fault;
	int making;

	(void)state;
	snprintf(path, sizeof(path), "/proc/self/nowhere.git");
	assert_true(making_begin(&making, path, "history.path", &fault) < 0);
	assert_non_null(strstr(fault.text, "/proc/self/nowhere.git"));
	assert_int_equal(making, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	        TEST(one_begins_where_nothing_is_and_its_folders_are_made),
	        TEST(what_is_there_is_left_alone),
	        TEST(one_that_was_cut_short_begins_anew),
	        TEST(nobody_takes_one_over_that_goes_on),
	        TEST(a_folder_that_cannot_be_is_an_error_that_names_it),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

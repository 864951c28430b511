// SPDX-License-Identifier: MIT
/* Files that are whole, or not there. (What a power cut leaves is shown by tests/soak.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

struct folder {
	char path[64], file[96], aside[96];
	struct fault fault;
};

static int set_up(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	strcpy(folder->path, "/tmp/aktest-durable-XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->file, sizeof(folder->file), "%s/file", folder->path);
	snprintf(folder->aside, sizeof(folder->aside), "%s/file.new", folder->path);
	*state = folder;
	return 0;
}

static int tear_down(void **state)
{
	struct folder *folder = *state;

	unlink(folder->file);
	unlink(folder->aside);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static void assert_holds(const char *path, const char *text)
{
	char read[64] = "";
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(fread(read, 1, sizeof(read) - 1, file), strlen(text));
	fclose(file);
	assert_string_equal(read, text);
}

static void a_file_that_is_there_is_not_created_again(void **state)
{
	struct folder *folder = *state;
	struct stat status;

	assert_int_equal(durable_create(folder->file, 0400, "one", 3, &folder->fault), 0);
	assert_int_equal(stat(folder->file, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0400);
	assert_int_equal(durable_create(folder->file, 0400, "two", 3, &folder->fault), -EEXIST);
	assert_holds(folder->file, "one");
	assert_non_null(strstr(folder->fault.text, folder->file));
}

static void a_file_is_replaced_as_a_whole(void **state)
{
	struct folder *folder = *state;

	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(durable_replace(folder->aside, folder->file, 0600, i ? "2" : "one",
		                                 i ? 1 : 3, &folder->fault),
		                 0);
	assert_holds(folder->file, "2");
	assert_int_equal(access(folder->aside, F_OK), -1);
}

static void a_lock_of_another_program_stays(void **state)
{
	struct folder *folder = *state;

	assert_int_equal(durable_create(folder->file, 0600, "one", 3, &folder->fault), 0);
	assert_int_equal(durable_create(folder->aside, 0600, "", 0, &folder->fault), 0);
	assert_int_equal(
	        durable_replace(folder->aside, folder->file, 0600, "two", 3, &folder->fault),
	        -EEXIST);
	assert_holds(folder->file, "one");
	assert_int_equal(access(folder->aside, F_OK), 0);
}

static void a_rename_that_fails_leaves_nothing_aside(void **state)
{
	struct folder *folder = *state;
	char path[160];

	snprintf(path, sizeof(path), "%s/no/file", folder->path);
	assert_int_equal(durable_replace(folder->aside, path, 0600, "two", 3, &folder->fault),
	                 -ENOENT);
	assert_int_equal(access(folder->aside, F_OK), -1);
	assert_non_null(strstr(folder->fault.text, path));
	assert_int_equal(sync_folder(path, &folder->fault), -ENOENT);
}

static void a_file_written_by_hand_is_placed(void **state)
{
	struct folder *folder = *state;
	int descriptor = open(folder->aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(descriptor >= 0);
	assert_int_equal(durable_write(descriptor, "by", 2), 0);
	assert_int_equal(durable_write(descriptor, " hand", 5), 0);
	assert_int_equal(durable_place(descriptor, folder->aside, folder->file), 0);
	close(descriptor);
	assert_holds(folder->file, "by hand");
	assert_int_equal(durable_write(-1, "x", 1), -EBADF);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_file_that_is_there_is_not_created_again),
	        TEST(a_file_is_replaced_as_a_whole),
	        TEST(a_lock_of_another_program_stays),
	        TEST(a_rename_that_fails_leaves_nothing_aside),
	        TEST(a_file_written_by_hand_is_placed),
	};

	return cmocka_run_group_tests_name("durable", tests, NULL, NULL);
}

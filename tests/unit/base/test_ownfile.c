/* SPDX-License-Identifier: MIT */
/* Files of our own: what a planted link or a shared folder changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

static char top[] = "/tmp/arpkeeper-ownfile-XXXXXX";
static char own[64], file[80], victim[64];

static int begin(void **state)
{
	struct fault fault;

	(void)state;
	snprintf(top, sizeof(top), "/tmp/arpkeeper-ownfile-XXXXXX");
	if (!mkdtemp(top))
		return -1;
	snprintf(own, sizeof(own), "%s/own", top);
	snprintf(file, sizeof(file), "%s/file", own);
	snprintf(victim, sizeof(victim), "%s/victim", top);
	return own_folder(own) || durable_create(victim, 0600, "victim", 6, &fault);
}

static int end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", top);
	return system(command);
}

static void assert_victim(void)
{
	char text[16] = "";
	int descriptor = open(victim, O_RDONLY);

	assert_true(descriptor >= 0);
	assert_int_equal(read(descriptor, text, sizeof(text)), 6);
	assert_string_equal(text, "victim");
	close(descriptor);
}

static void a_file_is_made_read_moved_and_removed(void **state)
{
	struct fault fault;
	struct stat status;
	char moved[80];
	FILE *stream;

	(void)state;
	assert_int_equal(own_create(file, 0644, "one", 3, &fault), 0);
	assert_int_equal(own_create(file, 0644, "second", 6, &fault), 0);
	assert_int_equal(own_state(&status, file), 0);
	assert_int_equal(status.st_size, 6);
	stream = own_stream(file, "w");
	assert_non_null(stream);
	assert_int_equal(fclose(stream), 0);
	snprintf(moved, sizeof(moved), "%s/moved", top);
	assert_int_equal(own_move(file, moved), 0);
	assert_int_equal(own_remove(file), -ENOENT);
	assert_null(own_stream(file, "r"));
	assert_int_equal(errno, ENOENT);
}

static void a_link_in_a_files_place_is_not_followed(void **state)
{
	struct fault fault;
	struct stat status;

	(void)state;
	assert_int_equal(symlink(victim, file), 0);
	assert_int_equal(own_open(file, O_RDWR | O_CREAT, 0644), -ELOOP);
	assert_int_equal(own_open(file, O_RDONLY, 0), -ELOOP);
	assert_null(own_stream(file, "r"));
	assert_int_equal(own_state(&status, file), 0);
	assert_true(S_ISLNK(status.st_mode));
	/* A new file takes its place. */
	assert_int_equal(own_create(file, 0644, "mine", 4, &fault), 0);
	assert_int_equal(own_state(&status, file), 0);
	assert_true(S_ISREG(status.st_mode));
	assert_victim();
}

static void a_link_in_the_folders_place_is_not_followed(void **state)
{
	struct fault fault = {""};
	char kept[80];

	(void)state;
	snprintf(kept, sizeof(kept), "%s/kept", top);
	assert_int_equal(rename(own, kept), 0);
	assert_int_equal(symlink(kept, own), 0);
	assert_int_equal(own_folder(own), -ELOOP);
	assert_int_equal(own_open(file, O_RDWR | O_CREAT, 0644), -ELOOP);
	assert_int_equal(own_create(file, 0644, "x", 1, &fault), -ELOOP);
	assert_non_null(strstr(fault.text, "symbolic link"));
	assert_int_equal(own_remove(file), -ELOOP);
	assert_int_equal(own_move(file, victim), -ELOOP);
	assert_victim();
}

static void a_folder_that_others_may_write_is_only_read(void **state)
{
	struct fault fault = {""};
	int descriptor;

	(void)state;
	assert_int_equal(own_create(file, 0644, "x", 1, &fault), 0);
	assert_int_equal(chmod(own, 0775), 0);
	assert_int_equal(own_folder(own), -EPERM);
	assert_int_equal(own_open(file, O_RDWR, 0), -EPERM);
	assert_int_equal(own_create(file, 0644, "x", 1, &fault), -EPERM);
	assert_non_null(strstr(fault.text, "others may write it"));
	assert_int_equal(own_remove(file), -EPERM);
	descriptor = own_open(file, O_RDONLY, 0);
	assert_true(descriptor >= 0);
	close(descriptor);
	assert_int_equal(chmod(own, 0755), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(own, 65534, 65534), 0);
	assert_int_equal(own_open(file, O_RDWR, 0), -EPERM);
	descriptor = own_open(file, O_RDONLY, 0);
	assert_true(descriptor >= 0);
	close(descriptor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_file_is_made_read_moved_and_removed),
	        TEST(a_link_in_a_files_place_is_not_followed),
	        TEST(a_link_in_the_folders_place_is_not_followed),
	        TEST(a_folder_that_others_may_write_is_only_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

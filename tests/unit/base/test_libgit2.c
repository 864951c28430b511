/* SPDX-License-Identifier: MIT */
/* libgit2's start: what it does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <git2.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"

/* Bytes that this process has read from files so far. */
static unsigned long long read_so_far(void)
{
	FILE *file = fopen("/proc/self/io", "re");
	unsigned long long bytes = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "rchar: %llu", &bytes), 1);
	fclose(file);
	return bytes;
}

static void the_start_reads_no_certificates(void **state)
{
	unsigned long long before = read_so_far();

	(void)state;
	assert_int_equal(libgit2_start(), 1);
	/* The certificates of a Debian are 200 kB. */
	assert_true(read_so_far() - before < 50000);
	assert_int_equal(git_libgit2_shutdown(), 0);
}

static void starts_are_counted(void **state)
{
	(void)state;
	assert_int_equal(libgit2_start(), 1);
	assert_int_equal(libgit2_start(), 2);
	assert_int_equal(git_libgit2_shutdown(), 1);
	assert_int_equal(git_libgit2_shutdown(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_start_reads_no_certificates),
	        cmocka_unit_test(starts_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Whose lock is believed: a living process's, never a dead one's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pack/pack.h"
#include "store/gitlock.h"

static char folder[] = "/tmp/arpkeeper-gitlock-XXXXXX";
static char directory[sizeof(folder) + 1], own[sizeof(folder) + 16], path[sizeof(folder) + 16];

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/arpkeeper-gitlock-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/some.lock", folder);
	snprintf(directory, sizeof(directory), "%s/", folder);
	snprintf(own, sizeof(own), "%s" PACK_FOLDER, directory);
	return mkdir(own, 0777);
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	rmdir(own);
	return rmdir(folder);
}

/* A child that takes the lock and dies with it; not waited for yet. */
static pid_t child_that_dies_with_it(void)
{
	siginfo_t gone;
	pid_t child = fork();

	if (child == 0) {
		struct gitlock lock;
		struct fault fault;

		_exit(gitlock_take(&lock, directory, "some.lock", 0, &fault) ? 1 : 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitid(P_PID, (id_t)child, &gone, WEXITED | WNOWAIT), 0);
	assert_int_equal(gone.si_status, 0);
	assert_int_equal(access(path, F_OK), 0);
	return child;
}

static void a_lock_that_is_held_is_not_taken(void **state)
{
	struct gitlock lock, other;
	struct fault fault;

	(void)state;
	assert_int_equal(gitlock_take(&lock, directory, "some.lock", 0, &fault), 0);
	gitlock_clean(path);
	assert_int_equal(gitlock_take(&other, directory, "some.lock", 20, &fault), -EALREADY);
	gitlock_release(&lock);
	assert_int_equal(gitlock_take(&other, directory, "some.lock", 0, &fault), 0);
	gitlock_release(&other);
}

static void what_a_dead_process_left_is_removed(void **state)
{
	(void)state;
	waitpid(child_that_dies_with_it(), NULL, 0);
	gitlock_clean(path);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_zombie_holds_nothing(void **state)
{
	pid_t child = child_that_dies_with_it();

	(void)state;
	gitlock_clean(path);
	assert_int_equal(access(path, F_OK), -1);
	waitpid(child, NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(a_lock_that_is_held_is_not_taken, begin, end),
	        cmocka_unit_test_setup_teardown(what_a_dead_process_left_is_removed, begin, end),
	        cmocka_unit_test_setup_teardown(a_zombie_holds_nothing, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

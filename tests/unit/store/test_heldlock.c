// SPDX-License-Identifier: MIT
/* A lock is a second name of a file that stays: never of one that another lock still is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pack/pack.h"
#include "store/heldlock.h"

static char folder[64], directory[65], path[128];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/arpkeeper-heldlock-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(directory, sizeof(directory), "%s/", folder);
	return setenv("R", folder, 1);
}

static int tear_down(void **state)
{
	(void)state;
	return system("rm -r \"$R\""); /* NOLINT(cert-env33-c) */
}

static const char *at(const char *name)
{
	snprintf(path, sizeof(path), "%s%s", directory, name);
	return path;
}

static struct stat look(const char *name)
{
	struct stat status;

	assert_int_equal(stat(at(name), &status), 0);
	return status;
}

static struct heldlock take(const char *name)
{
	struct heldlock lock;
	struct fault fault = {""};

	if (heldlock_take(&lock, directory, name, &fault) < 0)
		fail_msg("%s", fault.text);
	return lock;
}

/* A process that took the lock, and was killed. */
static void die_with(const char *name)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct heldlock lock;
		struct fault fault;

		_exit(heldlock_take(&lock, directory, name, &fault) ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void a_lock_that_was_released_is_taken_again_without_a_new_file(void **state)
{
	struct heldlock lock = take("a.lock");
	ino_t first = look("a.lock").st_ino;

	(void)state;
	heldlock_release(&lock);
	assert_int_equal(access(at("a.lock"), F_OK), -1);
	lock = take("b.lock");
	assert_int_equal(look("b.lock").st_ino, first);
	heldlock_release(&lock);
	assert_int_equal(look(PACK_FOLDER "/lock-0").st_ino, first);
}

static void several_are_held_at_a_time(void **state)
{
	struct heldlock lock[20];
	char name[32];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "%d.lock", i);
		lock[i] = take(name);
		assert_false(heldlock_clean(lock[i].path));
		for (int j = 0; j < i; j++)
			assert_true(look(name).st_ino !=
			            look(strrchr(lock[j].path, '/') + 1).st_ino);
	}
	for (int i = 0; i < 20; i++)
		heldlock_release(&lock[i]);
	assert_int_equal(system("cd \"$R\" && [ \"$(find . -type f | sort | xargs)\" = "
	                        "\"$(seq -f ./" PACK_FOLDER "/lock-%g -s ' ' 0 7)\" ]"),
	                 0);
}

static void one_lock_has_one_holder(void **state)
{
	struct heldlock lock = take("a.lock"), other;
	struct fault fault;

	(void)state;
	assert_int_equal(heldlock_take(&other, directory, "a.lock", &fault), -EEXIST);
	heldlock_release(&lock);
}

/* Or the dead one's would look kept for as long as this one is. */
static void what_a_dead_process_left_is_not_taken_for_another_lock(void **state)
{
	struct heldlock lock;

	(void)state;
	die_with("dead.lock");
	assert_int_equal(look("dead.lock").st_ino, look(PACK_FOLDER "/lock-0").st_ino);
	lock = take("a.lock");
	assert_true(look("a.lock").st_ino != look("dead.lock").st_ino);
	assert_true(heldlock_clean(at("dead.lock")));
	assert_int_equal(access(at("dead.lock"), F_OK), -1);
	heldlock_release(&lock);
	/* Its name is free for a new file. */
	lock = take("b.lock");
	assert_int_equal(look("b.lock").st_ino, look(PACK_FOLDER "/lock-0").st_ino);
	heldlock_release(&lock);
}

/* Operators are told how long a lock has been there. */
static void a_lock_is_as_old_as_its_holding(void **state)
{
	struct heldlock lock = take("a.lock");
	char text[32] = "", expected[32];
	FILE *file;

	(void)state;
	heldlock_release(&lock);
	assert_int_equal(
	        system("echo 'arpkeeper of a process with a long number' >\"$R\"/" PACK_FOLDER
	               "/lock-0; touch -d '2 hours ago' \"$R\"/" PACK_FOLDER "/lock-0"),
	        0);
	lock = take("a.lock");
	assert_true(look("a.lock").st_mtim.tv_sec + 60 > time(NULL));
	file = fopen(at("a.lock"), "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	assert_null(fgets(expected, sizeof(expected), file));
	fclose(file);
	snprintf(expected, sizeof(expected), "arpkeeper %ld\n", (long)getpid());
	assert_string_equal(text, expected);
	heldlock_release(&lock);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                a_lock_that_was_released_is_taken_again_without_a_new_file, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(several_are_held_at_a_time, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(one_lock_has_one_holder, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                what_a_dead_process_left_is_not_taken_for_another_lock, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(a_lock_is_as_old_as_its_holding, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

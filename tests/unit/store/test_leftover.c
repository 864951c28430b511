// SPDX-License-Identifier: MIT
/* What killed processes left goes at its moment; what a living one may still need stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/leftover.h"

#define PACK  "pack-0123456789012345678901234567890123456789"
#define OTHER "pack-9876543210987654321098765432109876543210"
#define OURS  "arpkeeper: not yet named by a reference"

static char folder[64], directory[65];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/arpkeeper-leftover-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(directory, sizeof(directory), "%s/", folder);
	return setenv("R", folder, 1);
}

static int tear_down(void **state)
{
	(void)state;
	/* Another process may be making a lock there; it ends with the folder. */
	return system("for n in $(seq 1000); do rm -rf \"$R\" 2>/dev/null && exit 0; done; exit 1");
}

/* Each name as a file, in the folders that it needs. */
#define PLANT "plant() { for f; do mkdir -p \"$(dirname \"$f\")\" && touch \"$f\"; done; }; "

static void shell(const char *commands)
{
	char line[2048];

	snprintf(line, sizeof(line), "set -e; cd \"$R\"; " PLANT "%s", commands);
	assert_int_equal(system(line), 0);
}

/* The files that are there, in order, are these. */
static void assert_left(const char *files)
{
	char line[2048];

	snprintf(line, sizeof(line),
	         "cd \"$R\" && left=$(find . -type f | sed 's,^./,,' | sort | xargs) && "
	         "{ [ \"$left\" = '%s' ] || { echo \"left: $left\"; false; }; }",
	         files);
	assert_int_equal(system(line), 0);
}

static void a_start_removes_half_written_packs_and_our_keep_files(void **state)
{
	(void)state;
	shell("plant arpkeeper/incoming.pack arpkeeper/incoming.idx objects/pack/" PACK ".pack "
	      "; echo theirs >objects/pack/pack-a.keep; echo '" OURS "' >objects/pack/" PACK
	      ".keep");
	leftover_remove(directory, LEFTOVER_START, time(NULL));
	assert_left("objects/pack/" PACK ".pack objects/pack/pack-a.keep");
}

static void a_start_removes_locks_at_any_depth_and_keeps_references(void **state)
{
	(void)state;
	shell("plant refs/heads/task/learn/1.lock refs/heads/task/learn/1 "
	      "refs/arpkeeper/applied.lock refs/heads/merge/a/b.lock refs/heads/main.lock "
	      "refs/heads/main refs/heads/x/main.lock packed-refs.lock packed-refs.new "
	      "packed-refs HEAD.lock config.lock config shallow.lock shallow "
	      "logs/HEAD logs/refs/heads/main "
	      "objects/pack/tmp_pack_x");
	leftover_remove(directory, LEFTOVER_START, time(NULL));
	assert_left("config objects/pack/tmp_pack_x packed-refs refs/heads/main "
	            "refs/heads/task/learn/1 refs/heads/x/main.lock shallow");
}

/* The shell removes and makes the lock anew, as git does, while the caller looks at it twice. */
static void a_lock_that_changes_is_another_process_s(void **state)
{
	(void)state;
	shell("plant refs/heads/main.lock HEAD.lock; "
	      "(while [ -e \"$R\" ]; do echo $((n += 1)) >refs/heads/main.lock; "
	      "sleep 0.05; done) >/dev/null 2>&1 &");
	leftover_remove(directory, LEFTOVER_START, time(NULL));
	assert_left("refs/heads/main.lock");
}

static void a_lock_that_names_a_dead_process_goes_and_a_living_one_s_stays(void **state)
{
	static const unsigned when[] = {LEFTOVER_START, LEFTOVER_UPKEEP};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		/* This shell's parent lives; a child that was waited for does not. */
		shell("mkdir -p objects/pack; sh -c 'echo $$' >dead; "
		      "echo \"$(cat dead) $(hostname)\" >gc.pid.lock; rm dead; "
		      "echo \"$PPID $(hostname)\" >objects/pack/multi-pack-index.lock; "
		      "echo \"1 another-host\" >gc.pid");
		leftover_remove(directory, when[i], time(NULL));
		assert_left("gc.pid objects/pack/multi-pack-index.lock");
	}
}

static void upkeep_removes_the_joining_and_what_is_old(void **state)
{
	int64_t now = time(NULL);

	(void)state;
	shell("plant arpkeeper/joining/pack-joined.pack arpkeeper/joining/pack-joined.idx "
	      "objects/pack/" PACK ".pack objects/pack/pack-a.pack arpkeeper/" PACK ".bases "
	      "arpkeeper/" OTHER ".bases objects/pack/" OTHER ".pack objects/pack/" OTHER ".idx "
	      "objects/pack/tmp_pack_x arpkeeper/incoming.pack");
	leftover_remove(directory, LEFTOVER_UPKEEP, now);
	shell("[ ! -e arpkeeper/joining/pack-joined.pack ]; [ ! -e "
	      "arpkeeper/joining/pack-joined.idx ]");
	leftover_remove(directory, LEFTOVER_UPKEEP, now + 3500);
	shell("[ -e objects/pack/" PACK ".pack ]; [ -e objects/pack/tmp_pack_x ]");
	leftover_remove(directory, LEFTOVER_UPKEEP, now + 3700);
	assert_left("arpkeeper/incoming.pack arpkeeper/" OTHER ".bases objects/pack/" OTHER ".idx "
	            "objects/pack/" OTHER ".pack objects/pack/pack-a.pack objects/pack/tmp_pack_x");
	leftover_remove(directory, LEFTOVER_UPKEEP, now + 86500);
	shell("[ ! -e objects/pack/tmp_pack_x ]");
}

static void a_lock_of_ours_that_no_process_keeps_goes_at_once(void **state)
{
	static const unsigned when[] = {LEFTOVER_START, LEFTOVER_UPKEEP, LEFTOVER_BUSY};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		shell("echo 'arpkeeper 1' >packed-refs.lock; plant packed-refs.new");
		leftover_remove(directory, when[i], time(NULL));
		assert_left("");
	}
	shell("echo 'arpkeeper 1' >packed-refs.lock; plant packed-refs.new; "
	      "flock packed-refs.lock sh -c 'touch kept; while [ -e kept ]; do sleep 0.01; done' "
	      ">/dev/null 2>&1 & cd \"$R\"; until [ -e kept ]; do sleep 0.01; done");
	leftover_remove(directory, LEFTOVER_BUSY, time(NULL));
	assert_left("kept packed-refs.lock packed-refs.new");
	/* Git's own has no text, or the file's. */
	shell("rm kept packed-refs.*; echo '# pack-refs with: sorted' >packed-refs.lock");
	leftover_remove(directory, LEFTOVER_BUSY, time(NULL));
	leftover_remove(directory, LEFTOVER_UPKEEP, time(NULL));
	assert_left("packed-refs.lock");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	        TEST(a_start_removes_half_written_packs_and_our_keep_files),
	        TEST(a_start_removes_locks_at_any_depth_and_keeps_references),
	        TEST(a_lock_that_changes_is_another_process_s),
	        TEST(a_lock_that_names_a_dead_process_goes_and_a_living_one_s_stays),
	        TEST(a_lock_of_ours_that_no_process_keeps_goes_at_once),
	        TEST(upkeep_removes_the_joining_and_what_is_old),
	};

	return cmocka_run_group_tests_name("leftover", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* The rewrite of packed-refs, as stock git reads it. */
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

#include "store/refs.h"

#include "../killer.h"

static char folder[64], directory[80];
static git_oid commit;
static struct fault fault;

static int git(const char *command)
{
	char line[1024];

	snprintf(line, sizeof(line), "cd %s && { %s ; } >out.txt 2>&1 || { cat out.txt; false; }",
	         folder, command);
	return system(line); /* NOLINT(cert-env33-c): a test, of its own words */
}

static int set_up(void **state)
{
	FILE *output;
	char hex[GIT_OID_HEXSZ + 2], line[256];

	(void)state;
	strcpy(folder, "/tmp/akrefs-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(directory, sizeof(directory), "%s/", folder);
	if (git("git init -q --bare . && git config user.name a && git config user.email a@b && "
	        "git update-ref refs/heads/main $(git commit-tree -m x $(git mktree </dev/null))"))
		return -1;
	snprintf(line, sizeof(line), "git -C %s rev-parse main", folder);
	output = popen(line, "r"); /* NOLINT(cert-env33-c) */
	if (!output || !fgets(hex, sizeof(hex), output) || pclose(output))
		return -1;
	hex[GIT_OID_HEXSZ] = '\0';
	return git_oid_fromstr(&commit, hex);
}

static int tear_down(void **state)
{
	char line[128];

	(void)state;
	snprintf(line, sizeof(line), "rm -rf %s", folder);
	return system(line); /* NOLINT(cert-env33-c) */
}

static struct ref_change change_of(const char *name, bool present)
{
	struct ref_change change = {.present = present, .id = commit};

	snprintf(change.name, sizeof(change.name), "%s", name);
	return change;
}

static void sets_and_removes_between_those_of_others(void **state)
{
	struct ref_change change[4];

	(void)state;
	assert_int_equal(
	        git("for b in a task/x/0 task/x/2 zz task/x/20; do git branch $b main; done;"
	            "git tag -a -m t annotated main && git tag plain main && "
	            "git pack-refs --all && git show-ref -d >before"),
	        0);
	change[0] = change_of("refs/heads/task/x/1", true);
	change[1] = change_of("refs/heads/task/x/2", false);
	change[2] = change_of("refs/arpkeeper/applied", true);
	change[3] = change_of("refs/heads/task/x/nothing", false);
	assert_int_equal(packedrefs_change(directory, change, 4, &fault), 0);
	assert_int_equal(git("git show-ref -d >after; c=$(git rev-parse main);"
	                     "{ grep -v 'task/x/2$' before; echo \"$c refs/arpkeeper/applied\"; "
	                     "echo \"$c refs/heads/task/x/1\"; } | LC_ALL=C sort -k 2 >expected;"
	                     "LC_ALL=C sort -k 2 after | diff - expected && git fsck --strict"),
	                 0);
	/* As sorted as git believes it to be: it looks names up by halving. */
	assert_int_equal(git("grep '^[0-9a-f]' packed-refs | cut -d' ' -f2 | LC_ALL=C sort -c && "
	                     "for r in $(git for-each-ref --format='%(refname)'); do "
	                     "git rev-parse -q --verify $r; done"),
	                 0);
}

static void what_changes_nothing_writes_nothing(void **state)
{
	struct ref_change change = change_of("refs/heads/merge/loose", false);

	(void)state;
	assert_int_equal(git("git branch a main && git pack-refs --all && "
	                     "git branch merge/loose main && stat -c %i packed-refs >before"),
	                 0);
	assert_int_equal(packedrefs_change(directory, &change, 1, &fault), 0);
	assert_int_equal(git("stat -c %i packed-refs | cmp before - && ! test -e packed-refs.lock "
	                     "&& ! git rev-parse -q --verify merge/loose"),
	                 0);
}

static void a_loose_file_of_the_same_name_goes(void **state)
{
	struct ref_change change = change_of("refs/heads/task/x/1", false);

	(void)state;
	assert_int_equal(git("git branch task/x/1 main && git branch other main"), 0);
	assert_int_equal(packedrefs_change(directory, &change, 1, &fault), 0);
	assert_int_equal(git("! git rev-parse -q --verify refs/heads/task/x/1 && "
	                     "git rev-parse -q --verify other"),
	                 0);
}

static void of_two_changes_of_one_name_the_last_counts(void **state)
{
	struct ref_change change[] = {change_of("refs/heads/task/x/1", true),
	                              change_of("refs/heads/a", true),
	                              change_of("refs/heads/task/x/1", false)};

	(void)state;
	assert_int_equal(packedrefs_change(directory, change, 3, &fault), 0);
	assert_int_equal(git("! git rev-parse -q --verify refs/heads/task/x/1 && "
	                     "git rev-parse -q --verify refs/heads/a"),
	                 0);
}

static void a_held_lock_is_busy_and_changes_nothing(void **state)
{
	struct ref_change change = change_of("refs/heads/task/x/1", true);

	(void)state;
	assert_int_equal(
	        git("git pack-refs --all && cp packed-refs before && touch packed-refs.lock"), 0);
	assert_int_equal(packedrefs_change(directory, &change, 1, &fault), -EBUSY);
	assert_non_null(strstr(fault.text, "packed-refs.lock"));
	assert_int_equal(git("cmp before packed-refs && test -e packed-refs.lock"), 0);
}

static void change_x(void *context)
{
	struct ref_change change = change_of("refs/heads/task/x/1", true);

	if (packedrefs_change(context, &change, 1, &fault))
		_exit(1);
}

/* The next one is of another process, that goes on: the recorder, while exchanges are killed. */
static void a_lock_of_a_process_that_was_killed_does_not_stay(void **state)
{
	struct ref_change change = change_of("refs/heads/task/x/2", true);
	unsigned kills = 0;

	(void)state;
	assert_int_equal(git("git pack-refs --all"), 0);
	while (killer_run(kills, change_x, directory)) {
		kills++;
		assert_int_equal(packedrefs_change(directory, &change, 1, &fault), 0);
		assert_int_equal(git("git rev-parse -q --verify refs/heads/task/x/2 && "
		                     "! ls packed-refs.lock packed-refs.new && "
		                     "git pack-refs --all && git fsck --strict && "
		                     "git update-ref -d refs/heads/task/x/1 && "
		                     "git update-ref -d refs/heads/task/x/2"),
		                 0);
	}
	assert_true(kills >= 5);
}

/* main, which is at `commit`, to one of its children; with another reference. */
static int swap_main(const git_oid *before)
{
	git_repository *repository = NULL;
	struct ref_change moved = change_of("refs/heads/main", true), change[2];
	FILE *output;
	char hex[GIT_OID_HEXSZ + 2] = "", line[256];
	int error;

	/* The same commit each time. */
	snprintf(
	        line, sizeof(line),
	        "cd %s && GIT_AUTHOR_DATE='1700000000 +0000' GIT_COMMITTER_DATE='1700000000 +0000' "
	        "git commit-tree -m y -p %s %s^{tree}",
	        folder, git_oid_tostr_s(&commit), git_oid_tostr_s(&commit));
	output = popen(line, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(output);
	assert_non_null(fgets(hex, sizeof(hex), output));
	assert_int_equal(pclose(output), 0);
	assert_int_equal(git_oid_fromstrn(&moved.id, hex, GIT_OID_HEXSZ), 0);
	assert_int_equal(git_repository_open(&repository, folder), 0);
	change[0] = change_of("refs/arpkeeper/applied", true);
	change[0].id = moved.id;
	change[1] = moved;
	error = refs_swap(repository, &moved, before, change, 2, &fault);
	git_repository_free(repository);
	return error;
}

#define MAIN_AND_APPLIED                                                                           \
	"test $(git rev-parse main^) = $(cat first) && ! test -e refs/heads/main && "              \
	"test $(git rev-parse main) = $(git rev-parse refs/arpkeeper/applied) && "                 \
	"! ls refs/heads/main.lock packed-refs.lock && git fsck --strict"

static void main_moves_with_others_from_where_it_is(void **state)
{
	(void)state;
	assert_int_equal(git("git rev-parse main >first"), 0);
	assert_int_equal(swap_main(&commit), 0);
	assert_int_equal(git(MAIN_AND_APPLIED), 0);
	/* A person moves it back, and then it is loose again. */
	assert_int_equal(
	        git("git update-ref refs/heads/main $(cat first) && test -e refs/heads/main"), 0);
	assert_int_equal(swap_main(&commit), 0);
	assert_int_equal(git(MAIN_AND_APPLIED), 0);
}

static void main_that_is_there_already_is_no_trouble(void **state)
{
	(void)state;
	assert_int_equal(git("git rev-parse main >first"), 0);
	assert_int_equal(swap_main(&commit), 0);
	assert_int_equal(swap_main(&commit), 0);
	assert_int_equal(git(MAIN_AND_APPLIED), 0);
}

static void main_that_another_moved_stays(void **state)
{
	git_oid elsewhere = {.id = {1}};

	(void)state;
	assert_int_equal(swap_main(&elsewhere), -ESTALE);
	assert_int_equal(git("! git rev-parse -q --verify refs/arpkeeper/applied && "
	                     "! ls refs/heads/main.lock packed-refs.lock packed-refs"),
	                 0);
}

static void a_lock_of_main_is_busy_and_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(git("touch refs/heads/main.lock"), 0);
	assert_int_equal(swap_main(&commit), -EBUSY);
	assert_int_equal(git("test -e refs/heads/main.lock && ! ls packed-refs packed-refs.lock"),
	                 0);
	assert_int_equal(git("rm refs/heads/main.lock && touch packed-refs.lock"), 0);
	assert_int_equal(swap_main(&commit), -EBUSY);
	assert_int_equal(git("test -e packed-refs.lock && ! ls packed-refs refs/heads/main.lock"),
	                 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(sets_and_removes_between_those_of_others),
	        TEST(what_changes_nothing_writes_nothing),
	        TEST(a_loose_file_of_the_same_name_goes),
	        TEST(of_two_changes_of_one_name_the_last_counts),
	        TEST(a_held_lock_is_busy_and_changes_nothing),
	        TEST(a_lock_of_a_process_that_was_killed_does_not_stay),
	        TEST(main_moves_with_others_from_where_it_is),
	        TEST(main_that_is_there_already_is_no_trouble),
	        TEST(main_that_another_moved_stays),
	        TEST(a_lock_of_main_is_busy_and_changes_nothing),
	};
	int failed;

	git_libgit2_init();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	git_libgit2_shutdown();
	return failed;
}

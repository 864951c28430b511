/* SPDX-License-Identifier: MIT */
/* A revert undoes all changes of a task and no others, as a new task. */
#include "owner.h"

static bool has(const struct owner *owner, unsigned host, unsigned mac)
{
	const struct entry *entry = owner->table[host];

	return entry ? entry->mac.octet[5] == mac : mac == 0;
}

/* The commits of a task, oldest first, as a caller finds them. */
struct commits {
	char text[16 * COMMIT_TEXT];
	const char *commit[16];
	struct history_revert what;
};

static void find_commits(struct owner *owner, struct commits *commits, const char *task)
{
	char *rest = NULL;

	output(owner, commits->text, sizeof(commits->text),
	       "git -C \"$R\" log --no-merges --reverse --grep '^Task: %s$' --format=%%H main",
	       task);
	commits->what =
	        (struct history_revert){.name = task, .author = "ada", .commit = commits->commit};
	for (char *at = strtok_r(commits->text, "\n", &rest); at;
	     at = strtok_r(NULL, "\n", &rest)) {
		assert_true(commits->what.commits < 16);
		commits->commit[commits->what.commits++] = at;
	}
	assert_true(commits->what.commits > 0);
}

static void revert(struct owner *owner, const char *task)
{
	struct commits commits;

	find_commits(owner, &commits, task);
	owner->has_outcome = false;
	assert_int_equal(history_revert(owner->history, &commits.what, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
}

/* The task that made the newest commit whose subject begins so. */
static char *task_of(struct owner *owner, char *text, size_t size, const char *subject)
{
	return output(
	        owner, text, size,
	        "git -C \"$R\" log -1 --grep '^%s' --format='%%(trailers:key=Task,valueonly)' "
	        "main",
	        subject);
}

static void a_task_is_undone_and_the_revert_is_undone(void **state)
{
	struct owner *owner = *state;
	char task[128], subject[128];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	change(owner, "move", 1, 2);
	assert_true(settle(owner));
	revert(owner, task_of(owner, task, sizeof(task), "move"));
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 1);
	assert_true(has(owner, 1, 1));
	assert_table(owner);
	output(owner, subject, sizeof(subject), "git -C \"$R\" log -1 --format='%%s %%an' main");
	assert_non_null(strstr(subject, "revert: move/"));
	assert_non_null(strstr(subject, " ada"));
	revert(owner, task_of(owner, task, sizeof(task), "revert"));
	assert_true(has(owner, 1, 2));
	assert_table(owner);
	assert_whole(owner);
}

static void a_removal_comes_back_as_it_was(void **state)
{
	struct owner *owner = *state;
	char task[128], before[64], after[64];
	const char *blob = "git -C \"$R\" rev-parse main:lan/2001-db8-0-7/01/2001-db8-0-7--1";

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	output(owner, before, sizeof(before), "%s", blob);
	change(owner, "expire", 1, 0);
	assert_true(settle(owner));
	revert(owner, task_of(owner, task, sizeof(task), "expire"));
	assert_string_equal(output(owner, after, sizeof(after), "%s", blob), before);
	assert_table(owner);
}

/* A long task. Another task changes the same address between two of its commits. */
static void a_revert_of_several_commits_undoes_only_their_changes(void **state)
{
	struct owner *owner = *state;
	char task[128];
	uint64_t token;

	owner_open(owner);
	change(owner, "learn", 1, 1);
	change(owner, "learn", 3, 3);
	assert_true(settle(owner));
	token = history_begin(owner->history, "import");
	task_change(owner, token, 1, 11);
	task_change(owner, token, 2, 12);
	change(owner, "move", 1, 21); /* brings what the task has so far to main */
	change(owner, "move", 3, 23);
	task_change(owner, token, 4, 14);
	assert_int_equal(history_end(owner->history, token, on_done, owner), 0);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_true(settle(owner));
	revert(owner, task_of(owner, task, sizeof(task), "import"));
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 2);
	assert_int_equal(owner->outcome.chosen, 1);
	assert_true(has(owner, 1, 21)); /* changed since: left */
	assert_true(has(owner, 2, 0));
	assert_true(has(owner, 3, 23)); /* another's */
	assert_true(has(owner, 4, 0));
	assert_table(owner);
	assert_whole(owner);
}

static void the_table_of_this_moment_decides(void **state)
{
	struct owner *owner = *state;
	struct commits commits;
	char task[128];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
	find_commits(owner, &commits, task_of(owner, task, sizeof(task), "learn"));
	/* Posted before and after the revert; neither is in the repository yet when it begins. */
	change(owner, "move", 1, 9);
	assert_int_equal(history_revert(owner->history, &commits.what, on_outcome, owner), 0);
	change(owner, "learn", 5, 5);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
	assert_int_equal(owner->outcome.chosen, 1);
	assert_true(has(owner, 1, 9));
	assert_true(has(owner, 2, 0));
	assert_true(has(owner, 5, 5));
	assert_table(owner);
}

static void a_missing_commit_is_refused_and_nothing_hangs(void **state)
{
	struct owner *owner = *state;
	const char *commit[] = {"0123456789012345678901234567890123456789"};
	struct history_revert what = {.name = "x", .commit = commit, .commits = 1};

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(history_revert(owner->history, &what, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -ENOENT);
	assert_non_null(strstr(owner->outcome.text, "no commit"));
	commit[0] = "not an id";
	assert_int_equal(history_revert(owner->history, &what, on_outcome, owner), -EINVAL);
	change(owner, "learn", 2, 2);
	assert_true(settle(owner));
	assert_table(owner);
}

static void a_revert_during_the_end_gets_an_outcome_or_is_kept(void **state)
{
	struct owner *owner = *state;
	struct commits commits;
	char task[128];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	find_commits(owner, &commits, task_of(owner, task, sizeof(task), "learn"));
	assert_int_equal(history_revert(owner->history, &commits.what, on_outcome, owner), 0);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_true(owner->has_outcome);
	/* In any case the next start finds a table that equals main. */
	owner_open(owner);
	assert_true(settle(owner));
	assert_true(has(owner, 1, owner->outcome.status ? 1 : 0));
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        MIXED_TEST(a_task_is_undone_and_the_revert_is_undone),
	        MIXED_TEST(a_removal_comes_back_as_it_was),
	        MIXED_TEST(a_revert_of_several_commits_undoes_only_their_changes),
	        MIXED_TEST(the_table_of_this_moment_decides),
	        MIXED_TEST(a_missing_commit_is_refused_and_nothing_hangs),
	        MIXED_TEST(a_revert_during_the_end_gets_an_outcome_or_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

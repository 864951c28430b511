// SPDX-License-Identifier: MIT
/* The guard for mass changes, where a command merges a branch or reverts a task. */
#include "owner.h"

#define P    "lan/10.0/10.0.0/10.0.0."
#define WORK "rm -rf w && git clone -q \"$R\" w && cd w && mkdir -p lan/10.0/10.0.0 && "
#define STATIC(h)                                                                                  \
	"printf 'mac 02:00:00:00:00:99\\nstate static\\nsince 2026-01-01T00:00:00Z\\n' >" P h " &" \
	"& "
#define TO(x) "git add -A && git commit -qm edit && git push -q origin HEAD:" x

/* Hosts 1 to 3 are known, and two known addresses may change at once. */
static void begin(struct owner *owner)
{
	owner->guard = 2;
	owner_open(owner);
	for (unsigned host = 1; host <= 3; host++)
		change(owner, "learn", host, host);
	assert_true(settle(owner));
}

static void merge(struct owner *owner, const char *branch, uint32_t confirmed)
{
	owner->has_outcome = false;
	assert_int_equal(history_merge(owner->history, branch, confirmed, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
}

static void a_branch_that_changes_many_is_merged_when_it_is_confirmed(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	/* Two change, one goes, and one that nobody knew comes. */
	assert_int_equal(shell(owner, WORK STATIC("1") STATIC("2") STATIC("9") "git rm -q " P
	                                                                       "3 && " TO("rack")),
	                 0);
	merge(owner, "rack", 0);
	assert_int_equal(owner->outcome.status, -EPERM);
	assert_non_null(strstr(owner->outcome.text,
	                       "merging rack would change or remove 3 known addresses"));
	assert_non_null(strstr(owner->outcome.text, "--confirm 3"));
	assert_non_null(owner->table[3]);
	assert_null(owner->table[9]);
	merge(owner, "rack", 2);
	assert_int_equal(owner->outcome.status, -EPERM);
	merge(owner, "rack", 3);
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 4);
	assert_true(settle(owner));
	assert_null(owner->table[3]);
	assert_table(owner);
	assert_whole(owner);
}

static void what_is_new_or_the_same_does_not_count(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK STATIC("1") STATIC("11") STATIC("12") STATIC("13")
	                                      STATIC("14") TO("rack")),
	                 0);
	/* Main has one of them meanwhile, as it is there. */
	assert_int_equal(shell(owner, WORK STATIC("1") TO("merge/one")), 0);
	merge(owner, "merge/one", 0);
	assert_int_equal(owner->outcome.status, 0);
	merge(owner, "rack", 0);
	assert_int_equal(owner->outcome.status, 0);
	assert_true(settle(owner));
	assert_non_null(owner->table[14]);
	assert_table(owner);
}

/* The hook did, when it was pushed: here it is bypassed. */
static void a_merge_request_is_not_judged_again(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, WORK "git rm -q " P "1 " P "2 " P "3 && " TO("merge/all")),
	                 0);
	merge(owner, "merge/all", 0);
	assert_int_equal(owner->outcome.status, 0);
	assert_true(settle(owner));
	assert_null(owner->table[1]);
	assert_null(owner->table[3]);
	assert_table(owner);
}

static void revert(struct owner *owner, const char *commit, uint32_t confirmed)
{
	const struct history_revert what = {.name = "import/x",
	                                    .author = "ada",
	                                    .commit = &commit,
	                                    .commits = 1,
	                                    .confirmed = confirmed};

	owner->has_outcome = false;
	assert_int_equal(history_revert(owner->history, &what, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
}

static void a_revert_of_many_is_done_when_it_is_confirmed(void **state)
{
	struct owner *owner = *state;
	char imported[COMMIT_TEXT], reverted[COMMIT_TEXT];
	uint64_t task;

	begin(owner);
	task = history_begin(owner->history, "import");
	for (unsigned host = 20; host < 24; host++)
		task_change(owner, task, host, host);
	owner->done = 0;
	assert_int_equal(history_end(owner->history, task, on_done, owner), 0);
	assert_true(wait_for(owner, &owner->done, 1));
	strcpy(imported, owner->commit);
	revert(owner, imported, 0);
	assert_int_equal(owner->outcome.status, -EPERM);
	assert_non_null(strstr(owner->outcome.text,
	                       "reverting import/x would change or remove 4 known addresses"));
	assert_non_null(owner->table[20]);
	/* One that has changed since is left alone, and does not count. */
	change(owner, "learn", 23, 99);
	assert_true(settle(owner));
	revert(owner, imported, 3);
	assert_int_equal(owner->outcome.status, 0);
	assert_int_equal(owner->outcome.applied, 3);
	assert_null(owner->table[20]);
	assert_non_null(owner->table[23]);
	/* To undo that only adds. */
	strcpy(reverted, owner->outcome.commit);
	revert(owner, reverted, 0);
	assert_int_equal(owner->outcome.status, 0);
	assert_non_null(owner->table[20]);
	assert_table(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_branch_that_changes_many_is_merged_when_it_is_confirmed),
	        TEST(what_is_new_or_the_same_does_not_count),
	        TEST(a_merge_request_is_not_judged_again),
	        TEST(a_revert_of_many_is_done_when_it_is_confirmed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* What was unset does not come back by a branch that still has it. */
#include "owner.h"

#define P      "lan/10.0/10.0.0/10.0.0."
#define LAST   "2026-01-01T00:00:00Z"
#define CLONE  "rm -rf w && git clone -q \"$R\" w && cd w && mkdir -p lan/10.0/10.0.0 && "
#define COMMIT "git add -A && git commit -qm edit && "
#define FETCH  "cd w && git fetch -q && "
#define TO(x)  "git push -q origin HEAD:merge/" x
#define SET(h, mac)                                                                                \
	"mkdir -p lan/10.0/10.0.0 && printf 'mac 02:00:00:00:00:" mac                              \
	"\\nstate static\\nsince " LAST "\\n' > " P h " && "
/* On both sides .50 was changed: the person keeps what is in the branch. */
#define KEEP_50                                                                                    \
	"{ git merge -q -s ours --no-commit %s >/dev/null 2>&1; "                                  \
	"git read-tree -m -u HEAD && for f in $(git ls-tree -r --name-only %s -- lan); do "        \
	"test $f = " P "50 || git checkout -q %s -- $f; done; git commit -qm merges; } && "

static bool has(const struct owner *owner, unsigned host, unsigned mac)
{
	const struct entry *entry = owner->table[host];

	return entry ? entry->mac.octet[5] == mac : mac == 0;
}

/* x1 has .50 at M2, and was merged. Meanwhile .50 was set, and then unset. */
static void begin(struct owner *owner)
{
	owner_open(owner);
	change(owner, "operator", 50, 1);
	assert_true(settle(owner));
	/* By its time, git takes the main that is fetched then for the best common ancestor. */
	assert_int_equal(shell(owner, CLONE SET("50", "22") "export GIT_COMMITTER_DATE=" LAST
	                                                    " && " COMMIT "true"),
	                 0);
	change(owner, "operator", 50, 9);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, FETCH "git tag seen origin/main && " TO("x")), 0);
	merges(owner, "merge/x");
	assert_true(has(owner, 50, 0x22));
	change(owner, "operator", 50, 0);
	assert_true(settle(owner));
	assert_table(owner);
}

static void a_main_fetched_before_the_unset_does_not_undo_it(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "cd w && " KEEP_50 SET("60", "60") COMMIT TO("again"), "seen",
	                       "seen", "seen"),
	                 0);
	/* There is more than one best common ancestor. */
	assert_int_equal(shell(owner, "test $(git -C \"$R\" merge-base --all main $(git -C w "
	                              "rev-parse HEAD) | wc -l) = 2"),
	                 0);
	merges(owner, "merge/again");
	assert_true(has(owner, 50, 0) && has(owner, 60, 0x60));
	assert_int_equal(owner->outcome.applied, 1);
	assert_int_equal(owner->outcome.chosen, 0);
	assert_whole(owner);
}

/* `git merge x1` on main: then main is the first parent. */
static void nor_does_it_as_the_first_parent(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "cd w && git checkout -q -b other seen && "
	                              "git merge -q -s recursive -X theirs main -m m && test -f " P
	                              "50 && " SET("60", "60") COMMIT TO("again")),
	                 0);
	merges(owner, "merge/again");
	assert_true(has(owner, 50, 0) && has(owner, 60, 0x60));
}

/* Nor in main itself, which a person has moved on, while an agent runs, or while none does. */
static void push_to_main(struct owner *owner, bool running)
{
	begin(owner);
	if (!running)
		assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(shell(owner,
	                       "cd w && " KEEP_50 SET("60", "60") COMMIT
	                       "git fetch -q && " KEEP_50 "git push -q origin HEAD:main",
	                       "seen", "seen", "seen", "origin/main", "origin/main", "origin/main"),
	                 0);
	assert_int_equal(shell(owner, "git -C \"$R\" cat-file -e main:" P "50"), 0);
	if (!running)
		owner_open(owner);
	merges(owner, NULL);
	assert_true(has(owner, 50, 0) && has(owner, 60, 0x60));
	assert_int_equal(shell(owner, "! git -C \"$R\" cat-file -e main:" P "50 2>/dev/null"), 0);
	assert_whole(owner);
}

static void nor_in_main_itself(void **state)
{
	push_to_main(*state, true);
}

static void nor_in_main_while_no_agent_runs(void **state)
{
	push_to_main(*state, false);
}

/* With the same words, and whatever else it has. */
static void a_commit_that_was_merged_is_not_merged_again(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "cd w && " TO("again")), 0);
	merges(owner, "merge/again");
	assert_non_null(strstr(owner->outcome.text, "nothing to merge: main has it already"));
	assert_int_equal(shell(owner, "cd w && echo plan >plan && " COMMIT TO("more")), 0);
	merges(owner, "merge/more");
	assert_true(has(owner, 50, 0));
	assert_int_equal(shell(owner, "git -C \"$R\" cat-file -e main:plan"), 0);
}

/* A merge that takes one of its sides, whichever, is none. */
static void a_merge_of_strategy_ours_is_no_edit(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	change(owner, "operator", 51, 5);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, FETCH "git merge -q -s ours -m no origin/main && " SET(
	                                      "60", "60") COMMIT TO("again")),
	                 0);
	merges(owner, "merge/again");
	assert_true(has(owner, 50, 0) && has(owner, 51, 5) && has(owner, 60, 0x60));
}

static void a_person_who_sets_it_again_means_it(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, FETCH "git merge -q -m m origin/main && test ! -e " P
	                                    "50 && " SET("50", "33") COMMIT TO("again")),
	                 0);
	merges(owner, "merge/again");
	assert_true(has(owner, 50, 0x33));
	assert_int_equal(owner->outcome.chosen, 0);
	/* Also within a merge, against all parents. */
	change(owner, "operator", 50, 0);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, FETCH "git merge -q --no-commit --no-ff origin/main "
	                                    ">/dev/null; " SET("50", "44") COMMIT TO("evil")),
	                 0);
	merges(owner, "merge/evil");
	assert_true(has(owner, 50, 0x44));
}

/* Who has seen what main has, and decided otherwise, need not be later. */
static void a_conflict_that_was_resolved_is_not_decided_again(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	change(owner, "operator", 50, 1);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, CLONE "sed -i '1s/.*/mac 02:00:00:00:00:22/; 3s/.*/since "
	                                    "2001-01-01T00:00:00Z/' " P "50 && " COMMIT "true"),
	                 0);
	change(owner, "operator", 50, 9);
	change(owner, "operator", 51, 9);
	assert_true(settle(owner));
	assert_int_equal(
	        shell(owner, FETCH KEEP_50 TO("x"), "origin/main", "origin/main", "origin/main"),
	        0);
	merges(owner, "merge/x");
	assert_true(has(owner, 50, 0x22) && has(owner, 51, 9));
	assert_int_equal(owner->outcome.chosen, 0);
}

/* A colleague's branch in one's own is pushed with it. */
static void a_branch_of_a_branch_brings_both(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner,
	                       "cd w && git checkout -q -b theirs seen && " SET("61", "61") COMMIT
	                       "git checkout -q -b mine && " SET("62", "62") COMMIT TO("mine")),
	                 0);
	merges(owner, "merge/mine");
	assert_true(has(owner, 61, 0x61) && has(owner, 62, 0x62));
	change(owner, "operator", 61, 0);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "cd w && git checkout -q theirs && " SET("63", "63")
	                                      COMMIT TO("theirs")),
	                 0);
	merges(owner, "merge/theirs");
	assert_true(has(owner, 61, 0) && has(owner, 63, 0x63));
}

/* Without a base all that it has would come back. */
static void a_branch_without_common_history_is_refused(void **state)
{
	struct owner *owner = *state;

	begin(owner);
	assert_int_equal(shell(owner, "cd w && git checkout -q --orphan alone && " COMMIT
	                              "git push -q origin HEAD:alone"),
	                 0);
	history_merge(owner->history, "alone", 0, on_outcome, owner);
	owner->has_outcome = false;
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -EINVAL);
	assert_non_null(strstr(owner->outcome.text, "no history in common with main"));
	assert_true(has(owner, 50, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_main_fetched_before_the_unset_does_not_undo_it),
	        TEST(nor_does_it_as_the_first_parent),
	        TEST(nor_in_main_itself),
	        TEST(nor_in_main_while_no_agent_runs),
	        TEST(a_commit_that_was_merged_is_not_merged_again),
	        TEST(a_merge_of_strategy_ours_is_no_edit),
	        TEST(a_person_who_sets_it_again_means_it),
	        TEST(a_conflict_that_was_resolved_is_not_decided_again),
	        TEST(a_branch_of_a_branch_brings_both),
	        TEST(a_branch_without_common_history_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

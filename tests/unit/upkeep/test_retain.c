// SPDX-License-Identifier: MIT
/* Old history is thinned: what remains is untouched, and everybody's git works with it. */
#include "keeper.h"
#include "old_history.h"

#include "upkeep/chores.h"
#include "upkeep/retain.h"

#define DAY_S 86400

static void make_history(struct keeper *keeper)
{
	assert_int_equal(shell(keeper, "%s", old_history), 0);
	assert_int_equal(shell(keeper, "git clone -q \"file://$R\" old"), 0);
}

static int thin(struct keeper *keeper, unsigned days, bool now)
{
	struct chores chores = {
	        .git_directory = directory(keeper), .keep = days * DAY_S, .now = now};
	pid_t child;
	int status;

	child = fork();
	if (child == 0) {
		alarm(60);
		status = chores_run(&chores, &keeper->fault);
		if (status < 0)
			fprintf(stderr, "%s\n", keeper->fault.text);
		_exit(status < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define COMMITS "git -C \"$R\" rev-list --count --first-parent main"

static void what_is_older_goes_and_the_rest_is_untouched(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(shell(keeper,
	                       "git -C \"$R\" rev-list --all --since=30.days > before; git -C "
	                       "\"$R\" show-ref > refs"),
	                 0);
	assert_int_equal(thin(keeper, 30, true), 0);
	assert_whole(keeper);
	/* 30 days, and the version upon which they begin. */
	assert_int_equal(number(keeper, COMMITS), 31);
	assert_int_equal(shell(keeper,
	                       "git -C \"$R\" show-ref | cmp - refs && for c in $(cat before); do "
	                       "git -C \"$R\" show $c; done > after && for c in $(cat before); "
	                       "do git -C old show $c; done | cmp - after"),
	                 0);
	/* It is gone: the day before, and what only that had. */
	assert_int_equal(shell(keeper, "! git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                               "origin/main~32) 2>/dev/null"),
	                 0);
	assert_in_range(time(NULL) - retain_since(directory(keeper)), 30 * DAY_S, 31 * DAY_S);
}

static void a_boundary_moves_on(void **state)
{
	struct keeper *keeper = *state;
	unsigned before;

	make_history(keeper);
	assert_int_equal(thin(keeper, 60, true), 0);
	assert_int_equal(number(keeper, COMMITS), 61);
	before = number(keeper, "wc -l < \"$R\"/shallow");
	assert_int_equal(thin(keeper, 20, true), 0);
	assert_int_equal(number(keeper, COMMITS), 21);
	assert_whole(keeper);
	/* Nothing is named that is not there any more; a branch of before is a commit of its own.
	 */
	assert_int_equal(shell(keeper,
	                       "git -C \"$R\" cat-file --batch-check < \"$R\"/shallow | awk '$2 != "
	                       "\"commit\" { exit 1 }' && [ $(git -C \"$R\" rev-list --count "
	                       "task/learn/20260101-000030) = 1 ]"),
	                 0);
	assert_in_range(number(keeper, "wc -l < \"$R\"/shallow"), 1, before + 8);
	assert_int_equal(shell(keeper, "git -C \"$R\" gc -q --prune=now"), 0);
	assert_whole(keeper);
	assert_int_equal(number(keeper, COMMITS), 21);
}

static void it_is_seldom_and_only_when_worth_it(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(thin(keeper, 0, false), 0);
	assert_int_equal(thin(keeper, 95, false), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	/* Looked at today. */
	assert_int_equal(thin(keeper, 30, false), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	assert_int_equal(shell(keeper, "touch -d '2 days ago' \"$R\"/arpkeeper/thinned"), 0);
	assert_int_equal(thin(keeper, 30, false), 0);
	assert_int_equal(number(keeper, COMMITS), 31);
	/* What is beyond is removed a while later. */
	assert_int_equal(
	        shell(keeper,
	              "O=$(git -C old rev-parse origin/main~40) && git -C \"$R\" cat-file "
	              "-e $O && touch -d '1 hour ago' \"$R\"/arpkeeper/to-remove && echo $O "
	              "> gone"),
	        0);
	assert_int_equal(thin(keeper, 30, false), 0);
	assert_int_equal(shell(keeper, "! git -C \"$R\" cat-file -e $(cat gone) 2>/dev/null"), 0);
	assert_whole(keeper);
}

static void a_log_holds_nothing_old(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	/* As if each had been a push of its own. */
	assert_int_equal(
	        shell(keeper,
	              "mkdir -p \"$R\"/logs/refs/heads && git -C \"$R\" log --first-parent "
	              "--reverse "
	              "--format='%%H %%ct' main | awk -v "
	              "p=0000000000000000000000000000000000000000 '{ "
	              "printf \"%%s %%s a <a@b> %%d +0000\\tpush\\n\", p, $1, $2; p = $1 }' > "
	              "\"$R\"/logs/refs/heads/main"),
	        0);
	assert_int_equal(thin(keeper, 30, true), 0);
	assert_int_equal(number(keeper, "git -C \"$R\" reflog main | wc -l"), 30);
	assert_int_equal(shell(keeper, "! git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                               "origin/main~40) 2>/dev/null"),
	                 0);
	assert_whole(keeper);
}

static void an_old_commit_upon_a_new_one_cuts_nothing_off(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(shell(keeper, "cd old && GIT_COMMITTER_DATE=\"$(date -d '90 days ago' "
	                               "+%%s) +0000\" git commit -q "
	                               "--allow-empty -m late && git push -q origin HEAD:main"),
	                 0);
	assert_int_equal(thin(keeper, 30, true), 0);
	assert_int_equal(number(keeper, COMMITS), 32);
	assert_whole(keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_older_goes_and_the_rest_is_untouched),  TEST(a_boundary_moves_on),
	        TEST(it_is_seldom_and_only_when_worth_it),           TEST(a_log_holds_nothing_old),
	        TEST(an_old_commit_upon_a_new_one_cuts_nothing_off),
	};

	return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}

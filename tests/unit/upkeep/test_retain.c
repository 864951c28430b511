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

static const char *archive; /* of the next runs */

/* One run, as if by these clocks (NULL: the machine's own). */
static int thin_at(struct keeper *keeper, unsigned days, bool now, const struct walltime *time)
{
	struct chores chores = {.git_directory = directory(keeper),
	                        .keep = days * DAY_S,
	                        .archive = archive,
	                        .now = now,
	                        .time = time};
	pid_t child;
	int status;

	child = fork();
	if (child == 0) {
		alarm(60);
		status = chores_run(&chores, &keeper->fault);
		if (status < 0)
			fprintf(stderr, "%s\n", keeper->fault.text);
		_exit(status == -EREMOTEIO ? UPKEEP_NO_ARCHIVE : status < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int thin(struct keeper *keeper, unsigned days, bool now)
{
	return thin_at(keeper, days, now, NULL);
}

/* Until everything old is gone: a run removes at most half. */
static void thin_all(struct keeper *keeper, unsigned days)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(thin(keeper, days, true), 0);
}

/* The clocks, when so many days have passed on them since now. */
static struct walltime after(int wall_days, int running_days, int state)
{
	struct walltime made;

	walltime_read(&made);
	made.wall += (int64_t)wall_days * DAY_S;
	made.running += (int64_t)(100 + running_days) * DAY_S;
	made.state = state;
	return made;
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
	thin_all(keeper, 30);
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
	thin_all(keeper, 60);
	assert_int_equal(number(keeper, COMMITS), 61);
	before = number(keeper, "wc -l < \"$R\"/shallow");
	thin_all(keeper, 20);
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
	const struct walltime today = after(-2, -2, WALLTIME_SYNCHRONISED),
	                      later = after(0, 0, WALLTIME_SYNCHRONISED);
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(thin_at(keeper, 0, false, &today), 0);
	assert_int_equal(thin_at(keeper, 95, false, &today), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	/* Looked at today. */
	assert_int_equal(thin_at(keeper, 60, false, &today), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	assert_int_equal(thin_at(keeper, 60, false, &later), 0);
	assert_int_equal(number(keeper, COMMITS), 61);
	/* What is beyond is removed a while later. */
	assert_int_equal(
	        shell(keeper,
	              "O=$(git -C old rev-parse origin/main~70) && git -C \"$R\" cat-file "
	              "-e $O && touch -d '1 hour ago' \"$R\"/arpkeeper/to-remove && echo $O "
	              "> gone"),
	        0);
	assert_int_equal(thin_at(keeper, 60, false, &later), 0);
	assert_int_equal(shell(keeper, "! git -C \"$R\" cat-file -e $(cat gone) 2>/dev/null"), 0);
	assert_whole(keeper);
}

static void a_run_removes_at_most_half(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(thin(keeper, 10, true), 0);
	assert_int_equal(number(keeper, COMMITS), 51);
	assert_whole(keeper);
	assert_int_equal(thin(keeper, 10, true), 0);
	assert_int_equal(number(keeper, COMMITS), 27);
	/* Everything is old. */
	assert_int_equal(shell(keeper,
	                       "cd old && git commit -q --allow-empty -m later --date=now && "
	                       "git push -q origin HEAD:main"),
	                 0);
	assert_int_equal(thin(keeper, 0, true), 0);
	assert_int_equal(number(keeper, COMMITS), 28);
	assert_whole(keeper);
}

/* Nothing may go in a run at `now`, after one at `last`; and then it goes in one that is a day
 * later, by both clocks. */
static void assert_believed_a_day_later(struct keeper *keeper, const struct walltime *last,
                                        struct walltime now)
{
	if (last)
		assert_int_equal(thin_at(keeper, 30, false, last), 0);
	assert_int_equal(thin_at(keeper, 30, false, &now), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	now.wall += DAY_S + 60;
	now.running += DAY_S + 60;
	if (now.state == WALLTIME_LOOSE) {
		assert_int_equal(thin_at(keeper, 30, false, &now), 0);
		assert_int_equal(number(keeper, COMMITS), DAYS);
		now.wall += DAY_S + 60;
		now.running += DAY_S + 60;
		now.state = WALLTIME_SYNCHRONISED;
	}
	assert_int_equal(thin_at(keeper, 30, false, &now), 0);
	assert_in_range(number(keeper, COMMITS), 50, 51);
	assert_whole(keeper);
}

static void nothing_goes_while_the_clock_is_not_synchronised(void **state)
{
	make_history(*state);
	assert_believed_a_day_later(*state, NULL, after(0, 0, WALLTIME_LOOSE));
}

static void nothing_goes_by_the_first_sight_of_a_clock(void **state)
{
	make_history(*state);
	assert_believed_a_day_later(*state, NULL, after(0, 0, WALLTIME_UNKNOWN));
}

/* The clock was set to a time in a year's time, and the kernel calls it synchronised. */
static void nothing_goes_when_the_clock_has_jumped_400_days_ahead(void **state)
{
	const struct walltime before = after(-2, -2, WALLTIME_SYNCHRONISED);

	make_history(*state);
	assert_int_equal(thin_at(*state, 99, false, &before), 0);
	assert_believed_a_day_later(*state, NULL, after(400, 0, WALLTIME_SYNCHRONISED));
}

/* ... and back again: the run that is due waits for no year. */
static void nothing_goes_when_the_clock_has_jumped_back(void **state)
{
	const struct walltime ahead = after(400, -2, WALLTIME_LOOSE);

	make_history(*state);
	assert_believed_a_day_later(*state, &ahead, after(0, 0, WALLTIME_SYNCHRONISED));
}

static void nothing_goes_after_a_restart_by_a_clock_of_which_nothing_is_known(void **state)
{
	const struct walltime before = after(-2, 10, WALLTIME_LOOSE);

	make_history(*state);
	assert_believed_a_day_later(*state, &before, after(0, 0, WALLTIME_UNKNOWN));
}

static void a_synchronised_clock_is_believed_after_a_restart(void **state)
{
	const struct walltime before = after(-2, 10, WALLTIME_LOOSE),
	                      now = after(0, 0, WALLTIME_SYNCHRONISED);
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(thin_at(keeper, 30, false, &before), 0);
	assert_int_equal(number(keeper, COMMITS), DAYS);
	assert_int_equal(thin_at(keeper, 30, false, &now), 0);
	assert_int_equal(number(keeper, COMMITS), 51);
}

/* What is beyond the boundary, too, goes only by a clock that is believed. */
static void what_is_due_waits_for_the_clock(void **state)
{
	const struct walltime today = after(0, 0, WALLTIME_SYNCHRONISED),
	                      jumped = after(400, 0, WALLTIME_SYNCHRONISED);
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(thin_at(keeper, 60, false, &today), 0);
	assert_int_equal(number(keeper, COMMITS), 61);
	assert_int_equal(thin_at(keeper, 60, false, &jumped), 0);
	assert_int_equal(shell(keeper, "git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                               "origin/main~80)"),
	                 0);
}

static void a_log_keeps_nothing_old(void **state)
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
	thin_all(keeper, 30);
	assert_int_equal(number(keeper, "git -C \"$R\" reflog main | wc -l"), 0);
	assert_int_equal(shell(keeper, "! git -C \"$R\" cat-file -e $(git -C old rev-parse "
	                               "origin/main~40) 2>/dev/null"),
	                 0);
	assert_whole(keeper);
}

/* An anchor older than that would keep everything behind it. */
static void an_old_anchor_goes_and_a_young_one_stays(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	assert_int_equal(shell(keeper,
	                       "cd \"$R\" && for d in 80 60 20 10; do git update-ref "
	                       "refs/arpkeeper/anchor/seen/$(printf %%012d $((100 - d))) main~$d; "
	                       "done && git pack-refs --all"),
	                 0);
	thin_all(keeper, 30);
	assert_int_equal(shell(keeper, "git -C \"$R\" for-each-ref --format='%%(refname)' "
	                               "refs/arpkeeper/anchor >left && printf "
	                               "'refs/arpkeeper/anchor/seen/%%012d\\n' 80 90 | cmp - left"),
	                 0);
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
	thin_all(keeper, 30);
	assert_int_equal(number(keeper, COMMITS), 32);
	assert_whole(keeper);
}

/* "<folder>/archive.git", of the next runs. */
static const char *use_archive(const struct keeper *keeper)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/archive.git", keeper->folder);
	return archive = path;
}

static void what_goes_is_in_the_archive_first(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	use_archive(keeper);
	assert_int_equal(shell(keeper, "git -C \"$R\" update-ref refs/tags/v1 main~90 && "
	                               "git -C \"$R\" rev-list main > before"),
	                 0);
	thin_all(keeper, 30);
	archive = NULL;
	assert_int_equal(number(keeper, COMMITS), 31);
	assert_int_equal(shell(keeper, "git -C archive.git rev-list main | cmp - before && "
	                               "git -C archive.git rev-parse -q --verify refs/tags/v1 && "
	                               "test -z \"$(git -C archive.git for-each-ref "
	                               "refs/heads/task)\" && test ! -e archive.git/shallow && "
	                               "git -C archive.git fsck --strict && "
	                               "git clone -q --no-local archive.git whole && "
	                               "test $(git -C whole rev-list --count main) = 110"),
	                 0);
	assert_whole(keeper);
}

/* It begins where that does, and has everything from then on. */
static void an_archive_of_a_thinned_history_begins_there(void **state)
{
	struct keeper *keeper = *state;

	make_history(keeper);
	thin_all(keeper, 60);
	use_archive(keeper);
	thin_all(keeper, 30);
	archive = NULL;
	assert_int_equal(number(keeper, COMMITS), 31);
	assert_int_equal(shell(keeper, "test $(git -C archive.git rev-list --count --first-parent "
	                               "main) = 61 && git -C archive.git fsck --strict"),
	                 0);
}

static void nothing_goes_that_the_archive_cannot_take(void **state)
{
	static const char *const wrong[] = {
	        "touch archive.git",
	        "mkdir archive.git && chmod 777 archive.git && git init -q --bare archive.git",
	        /* It has another main. */
	        "git init -q --bare archive.git && git -C archive.git update-ref refs/heads/main "
	        "$(git -C archive.git commit-tree -m other $(git -C archive.git mktree "
	        "</dev/null))",
	};
	struct keeper *keeper = *state;

	make_history(keeper);
	use_archive(keeper);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(shell(keeper, "rm -rf archive.git && %s", wrong[i]), 0);
		assert_int_equal(thin(keeper, 30, true), UPKEEP_NO_ARCHIVE);
		assert_int_equal(number(keeper, COMMITS), 100);
		assert_int_equal(shell(keeper, "test ! -e \"$R\"/shallow"), 0);
	}
	/* Once it can, everything goes. */
	assert_int_equal(shell(keeper, "rm -rf archive.git"), 0);
	thin_all(keeper, 30);
	archive = NULL;
	assert_int_equal(number(keeper, COMMITS), 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_older_goes_and_the_rest_is_untouched),
	        TEST(a_boundary_moves_on),
	        TEST(it_is_seldom_and_only_when_worth_it),
	        TEST(a_log_keeps_nothing_old),
	        TEST(an_old_anchor_goes_and_a_young_one_stays),
	        TEST(an_old_commit_upon_a_new_one_cuts_nothing_off),
	        TEST(a_run_removes_at_most_half),
	        TEST(nothing_goes_while_the_clock_is_not_synchronised),
	        TEST(nothing_goes_by_the_first_sight_of_a_clock),
	        TEST(nothing_goes_when_the_clock_has_jumped_400_days_ahead),
	        TEST(nothing_goes_when_the_clock_has_jumped_back),
	        TEST(nothing_goes_after_a_restart_by_a_clock_of_which_nothing_is_known),
	        TEST(a_synchronised_clock_is_believed_after_a_restart),
	        TEST(what_is_due_waits_for_the_clock),
	        TEST(what_goes_is_in_the_archive_first),
	        TEST(an_archive_of_a_thinned_history_begins_there),
	        TEST(nothing_goes_that_the_archive_cannot_take),
	};

	return cmocka_run_group_tests_name("retain", tests, NULL, NULL);
}

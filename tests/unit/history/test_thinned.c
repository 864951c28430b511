// SPDX-License-Identifier: MIT
/* After old history is thinned, the agent, its alerts and pushes go on. */
#include "owner.h"

#include "../upkeep/old_history.h"

#include "upkeep/upkeep.h"

#define DAY_S 86400

static void make_history(struct owner *owner)
{
	owner_open(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(
	        shell(owner, "git -C \"$R\" update-ref -d refs/heads/main && %s", old_history), 0);
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" old"), 0);
}

static int thin(struct owner *owner, unsigned days, bool now)
{
	char directory[sizeof(owner->path) + 1];
	struct chores chores = {.git_directory = directory, .keep = days * DAY_S, .now = now};
	pid_t child;
	int status;

	snprintf(directory, sizeof(directory), "%s/", owner->path);
	child = fork();
	if (child == 0) {
		alarm(60);
		status = chores_run(&chores, &owner->fault);
		if (status < 0)
			fprintf(stderr, "%s\n", owner->fault.text);
		_exit(status < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static unsigned number(const struct owner *owner, const char *command)
{
	char text[64];

	return (unsigned)strtoul(output(owner, text, sizeof(text), "%s", command), NULL, 10);
}

/* Until everything old is gone: a run removes at most half. */
static void thin_all(struct owner *owner, unsigned days)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(thin(owner, days, true), 0);
}

#define COMMITS "git -C \"$R\" rev-list --count --first-parent main"

/* One alert a day, as old as the commits of main. */
static const char alerts[] =
        "now=$(date +%s) && tree=$(git -C \"$R\" hash-object -w -t tree /dev/null) && tip= && "
        "for d in $(seq 100 -1 1); do at=$((now - d * 86400 + 3600)); tip=$(GIT_AUTHOR_DATE=$at "
        "GIT_COMMITTER_DATE=$at git -C \"$R\" commit-tree -m \"a$d\" ${tip:+-p $tip} $tree); done "
        "&& git -C \"$R\" update-ref refs/heads/alerts $tip";

#define ALERTS "git -C \"$R\" rev-list --count alerts"

static void old_alerts_are_thinned_and_the_log_goes_on(void **state)
{
	const struct history_alert alert = {.time = time(NULL), .kind = "moved", .words = "here"};
	struct owner *owner = *state;

	make_history(owner);
	assert_int_equal(shell(owner, "%s", alerts), 0);
	thin_all(owner, 30);
	assert_int_equal(number(owner, COMMITS), 31);
	assert_int_equal(number(owner, ALERTS), 31);
	assert_whole(owner);
	thin_all(owner, 20);
	assert_int_equal(number(owner, ALERTS), 21);
	assert_whole(owner);
	owner_open(owner);
	assert_int_equal(history_alert(owner->history, &alert), 0);
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(number(owner, ALERTS), 22);
	assert_int_equal(shell(owner,
	                       "git clone -q \"file://$R\" new && git -C new fsck --strict && "
	                       "[ $(git -C new rev-list --count origin/alerts) = 22 ] && "
	                       "git -C old fetch -q && git -C old fsck --strict"),
	                 0);
	/* Older than all that is kept: of these, too, half goes in a run. */
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref refs/heads/alerts alerts~5"), 0);
	assert_int_equal(number(owner, ALERTS), 17);
	assert_int_equal(thin(owner, 3, true), 0);
	assert_int_equal(number(owner, ALERTS), 10);
	assert_whole(owner);
}

static void the_agent_goes_on_and_people_push(void **state)
{
	struct owner *owner = *state;

	make_history(owner);
	thin_all(owner, 30);
	owner_open(owner);
	assert_true(settle(owner));
	assert_table(owner);
	change(owner, "learn", 900, 9);
	assert_true(settle(owner));
	/* From a clone of before, on top of a commit that is still there; and from a new clone. */
	assert_int_equal(shell(owner,
	                       "git clone -q \"file://$R\" new && [ -e new/.git/shallow ] && for c "
	                       "in old new; do (cd $c && git checkout -q -b x origin/main~5 && "
	                       "printf 'mac 02:00:00:00:01:02\\nstate static\\nsince "
	                       "2026-01-02T03:04:05Z\\n' > lan/10.0/10.0.0/10.0.0.25$(echo $c | wc "
	                       "-c) && git add . && git commit -qm $c && git push -q origin "
	                       "HEAD:merge/$c && git fetch -q && git fsck) || exit 1; done"),
	                 0);
	assert_int_equal(history_merge(owner->history, NULL, 0, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, 0);
	assert_true(settle(owner));
	assert_non_null(owner->table[254]);
	assert_table(owner);
	assert_whole(owner);
	/* On top of a commit that is gone: refused, and no harm done. */
	assert_int_equal(shell(owner,
	                       "cd old && git checkout -q -b y origin/main~45 && echo y > y && git "
	                       "add y && git commit -qm y && ! git push -q origin HEAD:merge/y "
	                       "2>/dev/null"),
	                 0);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(old_alerts_are_thinned_and_the_log_goes_on),
	        TEST(the_agent_goes_on_and_people_push),
	};

	return cmocka_run_group_tests_name("thinned", tests, NULL, NULL);
}

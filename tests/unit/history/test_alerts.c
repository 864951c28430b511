// SPDX-License-Identifier: MIT
/* The incident log: the branch `alerts`, while others change it and the disk fails. */
#include "owner.h"

#include "history/alerts.h"

#define NOON 1795348800 /* 2026-11-22T12:00:00Z */

static void alert(struct owner *owner, unsigned number)
{
	char address[32];
	const struct history_alert about = {
	        .time = NOON + number,
	        .kind = "conflict",
	        .words = "10.0.0.17 at 02:00:00:00:00:01, not 02:00:00:00:00:02",
	        .segment = "lan",
	        .interface = "eth0\nTask: learn/1",
	        .address = address,
	        .mac = "02:00:00:00:00:01",
	        .other = "02:00:00:00:00:02",
	};

	snprintf(address, sizeof(address), "10.0.%u.%u", number >> 8, number & 255);
	assert_int_equal(history_alert(owner->history, &about), 0);
}

static struct history_status status_of(struct owner *owner)
{
	struct history_status status;

	history_status(owner->history, &status);
	return status;
}

/* Waits until no alert waits. */
static bool recorded(struct owner *owner)
{
	for (int i = 0; i < WAIT_MS; i++) {
		if (status_of(owner).alerts_waiting == 0)
			return true;
		turn(owner);
	}
	return false;
}

static unsigned commits(struct owner *owner)
{
	char text[64];

	return (unsigned)strtoul(output(owner, text, sizeof(text),
	                                "git -C \"$R\" rev-list --count alerts 2>/dev/null"),
	                         NULL, 10);
}

/* The log has these addresses, oldest first. */
static void assert_log(struct owner *owner, unsigned first, unsigned count)
{
	assert_int_equal(
	        shell(owner,
	              "for n in $(seq %u %u); do echo 10.0.$((n / 256)).$((n %% 256)); done >want; "
	              "git -C \"$R\" log --reverse --format='%%(trailers:key=Address,valueonly,"
	              "separator=)' alerts >have; cmp want have || { diff want have | head; exit "
	              "1; }",
	              first, first + count - 1),
	        0);
}

static void an_alert_is_a_commit_without_files(void **state)
{
	struct owner *owner = *state;
	char text[4096];

	owner_open(owner);
	alert(owner, 1);
	alert(owner, 2);
	assert_true(recorded(owner));
	assert_string_equal(
	        output(owner, text, sizeof(text), "git -C \"$R\" log -1 --format=%%B alerts"),
	        "conflict: 10.0.0.17 at 02:00:00:00:00:01, not 02:00:00:00:00:02\n\n"
	        "Segment: lan\nInterface: eth0 Task: learn/1\nAlert: conflict\n"
	        "Address: 10.0.0.2\nMAC: 02:00:00:00:00:01\nOther: 02:00:00:00:00:02");
	assert_string_equal(output(owner, text, sizeof(text),
	                           "git -C \"$R\" log --format='%%ct %%an %%T' alerts"),
	                    "1795348802 arpkeeper 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
	                    "1795348801 arpkeeper 4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	/* The tree is an object like any other. */
	assert_string_equal(output(owner, text, sizeof(text),
	                           "git -C \"$R\" cat-file --batch-all-objects --batch-check | "
	                           "grep -c '^4b825dc642cb6eb9a060e54bf8d69288fbee4904 tree 0'"),
	                    "1");
	/* A root of its own. */
	assert_int_not_equal(shell(owner, "git -C \"$R\" merge-base main alerts"), 0);
	assert_int_equal(status_of(owner).alerts, 2);
	assert_whole(owner);
}

static void a_flush_for_a_change_also_writes_alerts(void **state)
{
	struct owner *owner = *state;
	char text[64];

	owner->interval_ms = 5000; /* by itself it would take so long */
	owner_open(owner);
	assert_true(settle(owner));
	alert(owner, 1);
	change_with(owner, "operator", 1, 1, NULL, on_done);
	assert_true(wait_for(owner, &owner->done, 1));
	assert_int_equal(status_of(owner).alerts_waiting, 0);
	output(owner, text, sizeof(text),
	       "for p in \"$R\"/objects/pack/*.idx; do git -C \"$R\" show-index <\"$p\" | "
	       "grep -c -e $(git -C \"$R\" rev-parse alerts) -e $(git -C \"$R\" rev-parse main); "
	       "done | sort | tail -n 1");
	assert_string_equal(text, "2");
	assert_whole(owner);
}

static void the_next_agent_continues_the_log(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	alert(owner, 1);
	/* Closing writes what waits. */
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_int_equal(shell(owner, "git -C \"$R\" pack-refs --all"), 0);
	owner_open(owner);
	alert(owner, 2);
	assert_true(recorded(owner));
	assert_log(owner, 1, 2);
	assert_whole(owner);
}

static void the_log_continues_on_top_of_a_moved_branch(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	alert(owner, 1);
	assert_true(recorded(owner));
	assert_int_equal(shell(owner, "c=$(git -C \"$R\" commit-tree -m 'Address: 10.0.0.2' "
	                              "-m 'Address: 10.0.0.2' -p alerts main^{tree}) && "
	                              "git -C \"$R\" update-ref refs/heads/alerts $c"),
	                 0);
	alert(owner, 3);
	assert_true(recorded(owner));
	assert_log(owner, 1, 3);
	assert_int_equal(shell(owner, "! git -C \"$R\" ls-tree alerts | grep -q ."), 0);
	assert_whole(owner);
}

static void the_log_begins_again_after_the_branch_was_deleted(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	alert(owner, 1);
	assert_true(recorded(owner));
	assert_int_equal(shell(owner, "git -C \"$R\" update-ref -d refs/heads/alerts"), 0);
	alert(owner, 2);
	assert_true(recorded(owner));
	assert_log(owner, 2, 1);
	assert_whole(owner);
}

/* Moves the branch all the time, also between our reading and our writing. */
static void a_race_for_the_branch_loses_no_alert(void **state)
{
	struct owner *owner = *state;
	char text[64];

	owner->interval_ms = 1;
	owner_open(owner);
	alert(owner, 0);
	assert_true(recorded(owner));
	assert_int_equal(shell(owner,
	                       "(while [ -e \"$R\"/HEAD ] && [ ! -e stop ]; do o=$(git -C \"$R\" "
	                       "rev-parse alerts); "
	                       "c=$(git -C \"$R\" commit-tree -m theirs -p $o $o^{tree}); "
	                       "git -C \"$R\" update-ref refs/heads/alerts $c $o 2>/dev/null && "
	                       "echo >>theirs; done; touch stopped) >/dev/null 2>&1 &"),
	                 0);
	for (unsigned i = 1; i <= 200; i++) {
		alert(owner, i);
		for (int j = 0; j < 3; j++)
			turn(owner);
	}
	assert_true(recorded(owner));
	/* On a busy machine the other one may have lost each race so far. */
	assert_true(wait_shell(owner, "test -s theirs"));
	assert_int_equal(shell(owner, "touch stop"), 0);
	assert_true(wait_shell(owner, "test -e stopped"));
	assert_int_equal(status_of(owner).alerts_dropped, 0);
	output(owner, text, sizeof(text),
	       "git -C \"$R\" log --format=%%s alerts | grep -c conflict");
	assert_string_equal(text, "201");
	/* Nor a commit of others. */
	assert_int_equal(shell(owner, "test $(git -C \"$R\" log --format=%%s alerts | "
	                              "grep -c theirs) -eq $(wc -l <theirs)"),
	                 0);
	assert_whole(owner);
}

static void a_lock_on_the_branch_holds_up_nothing_else(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	alert(owner, 1);
	assert_true(recorded(owner));
	assert_int_equal(shell(owner, "touch \"$R\"/refs/heads/alerts.lock"), 0);
	alert(owner, 2);
	for (unsigned i = 1; i <= 5; i++)
		change_with(owner, "operator", i, i, NULL, on_done);
	assert_true(wait_for(owner, &owner->done, 5));
	assert_int_equal(owner->failed, 0);
	assert_true(settle(owner));
	assert_table(owner);
	assert_int_equal(status_of(owner).alerts_waiting, 1);
	assert_string_equal(status_of(owner).trouble, "");
	assert_int_equal(commits(owner), 1);
	/* No reference names the lost attempts: git may prune them. */
	assert_int_equal(shell(owner, "git -C \"$R\" repack -adq && "
	                              "git -C \"$R\" prune --expire=now"),
	                 0);
	assert_int_equal(shell(owner, "rm \"$R\"/refs/heads/alerts.lock"), 0);
	assert_true(recorded(owner));
	assert_log(owner, 1, 2);
	assert_whole(owner);
}

static void the_end_does_not_wait_for_a_lock_for_long(void **state)
{
	struct owner *owner = *state;
	uint64_t began;

	owner_open(owner);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "touch \"$R\"/refs/heads/alerts.lock"), 0);
	alert(owner, 1);
	began = uv_hrtime();
	log_set_level(LOG_LEVEL_ERROR);
	assert_int_equal(owner_close(owner, 20000), 0);
	assert_true(uv_hrtime() - began < 15000000000u);
	assert_int_equal(shell(owner, "rm \"$R\"/refs/heads/alerts.lock"), 0);
	owner_open(owner);
	assert_whole(owner);
}

static void with_disk_trouble_alerts_wait_and_the_oldest_are_dropped(void **state)
{
	struct owner *owner = *state;
	unsigned all = 2 * ALERTS_WAITING + 300;
	struct history_status status;

	owner_open(owner);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, "mv \"$R\"/objects/pack away && touch \"$R\"/objects/pack"),
	                 0);
	for (unsigned i = 0; i < ALERTS_WAITING; i++)
		alert(owner, i);
	/* History's thread may have taken some already, so more are posted than fit twice. */
	for (int i = 0; i < 200; i++)
		turn(owner);
	for (unsigned i = ALERTS_WAITING; i < all; i++)
		alert(owner, i);
	status = status_of(owner);
	assert_in_range(status.alerts_waiting, ALERTS_WAITING, 2 * ALERTS_WAITING);
	assert_int_equal(status.alerts_waiting + status.alerts_dropped, all);
	assert_int_equal(commits(owner), 0);
	assert_int_equal(shell(owner, "rm \"$R\"/objects/pack && mv away \"$R\"/objects/pack"), 0);
	assert_true(recorded(owner));
	assert_int_equal(commits(owner), status.alerts_waiting);
	/* The newest are all there. */
	assert_int_equal(
	        shell(owner,
	              "for n in $(seq %u %u); do echo 10.0.$((n / 256)).$((n %% 256)); "
	              "done | tail -n %d >want; git -C \"$R\" log --reverse --format='%%("
	              "trailers:key=Address,valueonly,separator=)' alerts | tail -n %d >have; "
	              "cmp want have",
	              0u, all - 1, ALERTS_WAITING, ALERTS_WAITING),
	        0);
	change(owner, "learn", 1, 1);
	assert_true(settle(owner));
	assert_table(owner);
	assert_whole(owner);
}

static void the_log_is_not_a_table_and_is_not_merged(void **state)
{
	struct owner *owner = *state;
	char before[64], after[64];

	owner_open(owner);
	change(owner, "learn", 1, 1);
	alert(owner, 1);
	assert_true(settle(owner));
	assert_true(recorded(owner));
	output(owner, before, sizeof(before), "git -C \"$R\" rev-parse main");
	assert_int_equal(history_merge(owner->history, "alerts", 0, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_int_equal(owner->outcome.status, -EINVAL);
	assert_non_null(strstr(owner->outcome.text, "not merged"));
	output(owner, after, sizeof(after), "git -C \"$R\" rev-parse main");
	assert_string_equal(before, after);
	assert_table(owner);
}

static void task_branches_are_kept_as_without_it(void **state)
{
	struct owner *owner = *state;
	char text[64];

	owner_open(owner);
	for (unsigned i = 1; i <= 80; i++) {
		change_with(owner, "operator", i, i, NULL, on_done);
		alert(owner, i);
		assert_true(wait_for(owner, &owner->done, i));
	}
	assert_true(recorded(owner));
	assert_log(owner, 1, 80);
	output(owner, text, sizeof(text), "git -C \"$R\" for-each-ref refs/heads/task | wc -l");
	assert_string_equal(text, "64");
	assert_int_equal(shell(owner, "git clone -q \"file://$R\" w && "
	                              "git -C w rev-parse -q --verify origin/alerts && "
	                              "test $(git -C w symbolic-ref --short HEAD) = main"),
	                 0);
	assert_as_git_makes_it(owner);
	assert_whole(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(an_alert_is_a_commit_without_files),
	        TEST(a_flush_for_a_change_also_writes_alerts),
	        TEST(the_next_agent_continues_the_log),
	        TEST(the_log_continues_on_top_of_a_moved_branch),
	        TEST(the_log_begins_again_after_the_branch_was_deleted),
	        TEST(a_race_for_the_branch_loses_no_alert),
	        TEST(a_lock_on_the_branch_holds_up_nothing_else),
	        TEST(the_end_does_not_wait_for_a_lock_for_long),
	        TEST(with_disk_trouble_alerts_wait_and_the_oldest_are_dropped),
	        TEST(the_log_is_not_a_table_and_is_not_merged),
	        TEST(task_branches_are_kept_as_without_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

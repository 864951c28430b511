/* SPDX-License-Identifier: MIT */
/* The life of addresses, read from repositories that stock git made. */
#include "repository.h"

#include <errno.h>

#include "reader/reader.h"

#define A "lan/10.0/10.0.3/10.0.3.17"
#define B "lan/10.0/10.0.3/10.0.3.18"

#define MAC_1 "02:00:00:00:00:01"
#define MAC_2 "02:00:00:00:00:02"
#define MAC_3 "02:00:00:00:00:03"

/* What is reported, a word for each transition: "+1" began at MAC 1, "-1" ended there, "12" moved.
 */
struct told {
	char text[256];
	char tasks[512];
	size_t stop_after; /* 0: never */
	size_t count;
};

static int tell(void *context, const struct reader_event *event)
{
	struct told *told = context;
	char word[16];

	snprintf(word, sizeof(word), "%s%u:%c%c", *told->text ? " " : "",
	         address_number(event->address) & 0xff,
	         event->before ? '0' + event->before->mac.octet[5] : '+',
	         event->after ? '0' + event->after->mac.octet[5] : '-');
	strcat(told->text, word);
	snprintf(word, sizeof(word), "%.12s;", event->task);
	strcat(told->tasks, word);
	assert_int_equal(strlen(event->commit), 40);
	assert_string_equal(event->segment, "lan");
	assert_string_equal(event->author, "Ann");
	return ++told->count == told->stop_after;
}

static void read_log(const struct sandbox *sandbox, struct told *told, const char *address,
                     const char *mac, size_t limit)
{
	struct reader *reader;
	struct fault fault = {""};
	struct address wanted_address;
	struct mac wanted_mac;

	const struct reader_query query = {.address = address ? &wanted_address : NULL,
	                                   .mac = mac ? &wanted_mac : NULL,
	                                   .limit = limit};

	assert_true(!address || address_parse(&wanted_address, address) == 0);
	assert_true(!mac || mac_parse(&wanted_mac, mac) == 0);
	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	assert_int_equal(reader_log(reader, &query, tell, told, &fault), 0);
	reader_close(reader);
}

/* Every way of asking for everything must agree. */
static void assert_log(const struct sandbox *sandbox, const char *expected)
{
	struct told told = {0};

	read_log(sandbox, &told, NULL, NULL, 0);
	assert_string_equal(told.text, expected);
}

static void commit(const struct sandbox *sandbox, const char *message)
{
	shell_ok(sandbox, "git commit -q --allow-empty -m '%s'", message);
}

static void a_life_is_reported_newest_first(void **state)
{
	struct told told = {0};

	commit_as_agent();
	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "learn: it\n\nTask: learn/1\nInterface: eth0\nTrigger: request");
	entry(*state, A, MAC_2, "dynamic");
	commit(*state, "move: it\n\nTask: move/2");
	commit(*state, "nothing");
	shell_ok(*state, "git rm -q " A);
	commit(*state, "by hand");
	entry(*state, A, MAC_3, "static");
	commit(*state, "again");
	read_log(*state, &told, "10.0.3.17", NULL, 0);
	assert_string_equal(told.text, "17:+3 17:2- 17:12 17:+1");
	assert_string_equal(told.tasks, ";;move/2;learn/1;");
	assert_log(*state, told.text);
}

/* main and a task go on at the same time, and are merged: A changes in main, B in the task. */
static void diverge(const struct sandbox *sandbox)
{
	entry(sandbox, A, MAC_1, "dynamic");
	entry(sandbox, B, MAC_1, "dynamic");
	commit(sandbox, "base");
	shell_ok(sandbox, "git checkout -q -b task");
	entry(sandbox, B, MAC_2, "dynamic");
	commit(sandbox, "task");
	shell_ok(sandbox, "git checkout -q main");
	entry(sandbox, A, MAC_3, "dynamic");
	commit(sandbox, "main");
}

static void a_merge_that_only_joins_repeats_nothing(void **state)
{
	struct told told = {0};

	diverge(*state);
	shell_ok(*state, "git merge -q --no-ff -m join task");
	read_log(*state, &told, "10.0.3.18", NULL, 0);
	assert_string_equal(told.text, "18:12 18:+1");
	told = (struct told){0};
	read_log(*state, &told, "10.0.3.17", NULL, 0);
	assert_string_equal(told.text, "17:13 17:+1");
	told = (struct told){0};
	read_log(*state, &told, NULL, NULL, 0);
	assert_int_equal(told.count, 4);
}

static void a_merge_reports_its_own_changes(void **state)
{
	struct told told = {0};

	diverge(*state);
	shell_ok(*state, "git merge -q --no-ff --no-commit task");
	entry(*state, B, MAC_3, "dynamic"); /* neither side's */
	commit(*state, "join, and more");
	read_log(*state, &told, "10.0.3.18", NULL, 0);
	assert_string_equal(told.text, "18:13 18:12 18:+1");
}

static void a_side_that_lost_a_merge_is_still_reported(void **state)
{
	struct told told = {0};

	diverge(*state);
	entry(*state, B, MAC_3, "static");
	commit(*state, "main, B too");
	shell_ok(*state, "git merge -q --no-ff -s ours -m join task");
	read_log(*state, &told, "10.0.3.18", NULL, 0);
	assert_int_equal(told.count, 3);
	assert_non_null(strstr(told.text, "18:13"));
	assert_non_null(strstr(told.text, "18:12"));
}

/* The fates of an address's events, newest first: "took 13; lost 12 (later since) ann; ...". */
static int tell_fate(void *context, const struct reader_event *event)
{
	static const char *const fates[] = {"took", "lost", "known", "overtaken"};
	char *text = context;

	snprintf(text + strlen(text), 512 - strlen(text), "%s %c%c%s%s%s%s%s; ", fates[event->fate],
	         event->before ? '0' + event->before->mac.octet[5] : '+',
	         event->after ? '0' + event->after->mac.octet[5] : '-', *event->why ? " (" : "",
	         event->why, *event->why ? ")" : "", *event->winner ? " " : "", event->winner);
	return 0;
}

static void assert_fates(const struct sandbox *sandbox, const char *address, const char *expected)
{
	const struct reader_query everything = {.limit = 0};
	struct reader_query query = {.limit = 0};
	struct fault fault = {""};
	struct reader *reader;
	struct address wanted;
	char text[512] = "";

	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	if (address) {
		assert_int_equal(address_parse(&wanted, address), 0);
		query.address = &wanted;
	}
	assert_int_equal(
	        reader_log(reader, address ? &query : &everything, tell_fate, text, &fault), 0);
	reader_close(reader);
	assert_string_equal(text, expected);
}

static void a_side_that_lost_is_told_with_the_reason_and_the_winner(void **state)
{
	diverge(*state);
	setenv("GIT_AUTHOR_NAME", "Bob", 1);
	entry(*state, B, MAC_3, "static");
	commit(*state, "Bob has it");
	setenv("GIT_AUTHOR_NAME", "Ann", 1);
	commit_as_agent();
	shell_ok(*state,
	         "git merge -q --no-ff -s ours -m 'merge: task' -m "
	         "'Task: operator/20261122-a-000001\nChosen: 10.0.3.18 static beats dynamic "
	         "(ours)' task");
	assert_fates(*state, "10.0.3.18", "lost 12 (static beats dynamic) Bob; took 13; took +1; ");
}

/* Two commits of a branch: only the second one took effect, and from what main had by then. */
static void of_a_pushed_branch_only_the_outcome_took_effect(void **state)
{
	diverge(*state);
	shell_ok(*state, "git checkout -q task");
	entry(*state, A, MAC_1, "static");
	commit(*state, "first thought");
	entry(*state, A, MAC_2, "static");
	commit(*state, "second thought");
	shell_ok(*state, "git checkout -q main && git merge -q --no-ff -X theirs -m join task");
	assert_fates(*state, "10.0.3.17", "took 32; overtaken 11; took 13; took +1; ");
}

static void the_commits_of_a_task_all_took_effect(void **state)
{
	commit_as_agent();
	diverge(*state);
	shell_ok(*state, "git checkout -q task && git commit -q --amend -m x -m 'Task: import/7'");
	entry(*state, B, MAC_3, "dynamic");
	commit(*state, "x\n\nTask: import/7");
	shell_ok(*state, "git checkout -q main && git merge -q --no-ff -m join -m 'Task: import/7' "
	                 "task");
	assert_fates(*state, "10.0.3.18", "took 23; took 12; took +1; ");
}

static void what_main_had_already_is_told_as_that(void **state)
{
	diverge(*state);
	entry(*state, B, MAC_2, "dynamic");
	commit(*state, "the same");
	shell_ok(*state, "git merge -q --no-ff -m join task");
	assert_fates(*state, "10.0.3.18", "known 12; took 12; took +1; ");
}

/* A merge that takes an older entry back: neither of its sides says so. */
static void a_merge_that_brings_something_back_is_a_change(void **state)
{
	diverge(*state);
	shell_ok(*state,
	         "git merge -q --no-ff -m join task && git checkout -q task && "
	         "git commit -q --allow-empty -m on && git checkout -q main && git rm -q " B);
	commit(*state, "gone");
	shell_ok(*state, "git merge -q --no-ff --no-commit task; git checkout -q task -- " B);
	commit(*state, "back");
	assert_fates(*state, "10.0.3.18", "took +2; took 2-; took 12; took +1; ");
}

/* An invalid file leaves the address as it was; what a repair restores is told from there. */
static void a_repair_is_told_as_what_it_changed(void **state)
{
	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "good");
	entry(*state, A, MAC_2, "dynamic");
	commit(*state, "good, too");
	entry(*state, A, "nonsense", "dynamic");
	commit(*state, "bad");
	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "repaired");
	assert_fates(*state, "10.0.3.17", "took 21; took 12; took +1; ");
	assert_fates(*state, NULL, "took 21; took 12; took +1; ");
}

static void assert_asked(const struct sandbox *sandbox, const struct reader_query *query,
                         const char *expected)
{
	struct told told = {0};
	struct reader *reader;
	struct fault fault = {""};

	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	assert_int_equal(reader_log(reader, query, tell, &told, &fault), 0);
	assert_string_equal(told.text, expected);
	reader_close(reader);
}

static void commit_at(const struct sandbox *sandbox, const char *time, const char *message)
{
	setenv("GIT_COMMITTER_DATE", time, 1);
	commit(sandbox, message);
	unsetenv("GIT_COMMITTER_DATE");
}

static void events_are_chosen_by_time_prefix_kind_and_author(void **state)
{
	const struct prefix none = {ADDRESS_V4(0x0a000400), 24},
	                    half = {ADDRESS_V4(0x0a000312), 31};

	entry(*state, A, MAC_1, "dynamic");
	commit_at(*state, "@1000 +0000", "a person");
	commit_as_agent();
	entry(*state, B, MAC_1, "dynamic");
	commit_at(*state, "@2000 +0000", "x\n\nTask: learn/20261122-a-000001");
	entry(*state, A, MAC_2, "dynamic");
	commit_at(*state, "@3000 +0000", "x\n\nTask: operator/20261122-a-000002");
	assert_asked(*state, &(struct reader_query){.since = 2000}, "17:12 18:+1");
	assert_asked(*state, &(struct reader_query){.since = 2001}, "17:12");
	assert_asked(*state, &(struct reader_query){.until = 2000}, "18:+1 17:+1");
	assert_asked(*state, &(struct reader_query){.since = 1500, .until = 2500}, "18:+1");
	assert_asked(*state, &(struct reader_query){.prefix = &half}, "18:+1");
	assert_asked(*state, &(struct reader_query){.prefix = &none}, "");
	assert_asked(*state, &(struct reader_query){.kind = "learn"}, "18:+1");
	assert_asked(*state, &(struct reader_query){.kind = "lear"}, "");
	assert_asked(*state, &(struct reader_query){.kind = READER_PUSH}, "17:+1");
	assert_asked(*state, &(struct reader_query){.by = "Ann"}, "17:12 18:+1 17:+1");
	assert_asked(*state, &(struct reader_query){.by = "aNN"}, "17:12 18:+1 17:+1");
	assert_asked(*state, &(struct reader_query){.by = "Bob"}, "");
}

static void read_incidents(const struct sandbox *sandbox, const struct reader_query *query,
                           const char *expected)
{
	struct incidents *incidents;
	struct incident incident;
	struct reader *reader;
	struct fault fault = {""};
	char text[256] = "";

	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	assert_int_equal(incidents_open(&incidents, reader, query, &fault), 0);
	while (incidents_next(incidents, &incident) > 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s %lld; ",
		         incident.kind, incident.address, (long long)incident.time);
	incidents_close(incidents);
	reader_close(reader);
	assert_string_equal(text, expected);
}

static void incidents_are_chosen_likewise(void **state)
{
	const struct address a = address_v4(0x0a000311);
	const struct prefix half = {ADDRESS_V4(0x0a000312), 31};
	const struct mac other = {{2, 0, 0, 0, 0, 2}};

	read_incidents(*state, &(struct reader_query){.limit = 0}, "");
	shell_ok(*state,
	         "t=$(git mktree </dev/null); c=; i=1000; for l in 'conflict:10.0.3.17:" MAC_1
	         ":" MAC_2 "' 'bogon:10.9.9.9:" MAC_3 ":' 'flood:::' 'moved:10.0.3.18:" MAC_1
	         ":'; do "
	         "IFS=: read k a rest <<X\n$l\nX\n m=$(echo $rest | cut -d: -f1-6); "
	         "o=$(echo $rest | cut -d: -f7-); "
	         "c=$({ echo \"$k: it\"; echo; echo \"Alert: $k\"; [ -z \"$a\" ] || echo "
	         "\"Address: $a\"; "
	         "[ -z \"$m\" ] || echo \"MAC: $m\"; [ -z \"$o\" ] || echo \"Other: $o\"; } | "
	         "GIT_COMMITTER_DATE=\"@$i +0000\" git commit-tree ${c:+-p $c} $t); i=$((i + "
	         "1000)); "
	         "done; git branch alerts $c");
	read_incidents(*state, &(struct reader_query){.limit = 0},
	               "moved 10.0.3.18 4000; flood  3000; bogon 10.9.9.9 2000; "
	               "conflict 10.0.3.17 1000; ");
	read_incidents(*state, &(struct reader_query){.since = 2000, .until = 3000},
	               "flood  3000; bogon 10.9.9.9 2000; ");
	read_incidents(*state, &(struct reader_query){.address = &a}, "conflict 10.0.3.17 1000; ");
	read_incidents(*state, &(struct reader_query){.prefix = &half}, "moved 10.0.3.18 4000; ");
	read_incidents(*state, &(struct reader_query){.mac = &other}, "conflict 10.0.3.17 1000; ");
}

static void a_mac_is_followed_from_address_to_address(void **state)
{
	struct told told = {0};

	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "at A");
	entry(*state, B, MAC_2, "dynamic");
	commit(*state, "somebody else");
	shell_ok(*state, "git rm -q " A);
	entry(*state, B, MAC_1, "dynamic");
	commit(*state, "at B");
	entry(*state, B, MAC_2, "dynamic");
	commit(*state, "away");
	read_log(*state, &told, NULL, MAC_1, 0);
	assert_string_equal(told.text, "18:12 17:1- 18:21 17:+1");
}

static void limit_and_handler_stop_it(void **state)
{
	struct told told = {0};

	entry(*state, A, MAC_1, "dynamic");
	entry(*state, B, MAC_1, "dynamic");
	commit(*state, "two");
	entry(*state, A, MAC_2, "dynamic");
	commit(*state, "one");
	read_log(*state, &told, NULL, NULL, 2);
	assert_string_equal(told.text, "17:12 17:+1");
	told = (struct told){.stop_after = 1};
	read_log(*state, &told, NULL, NULL, 0);
	assert_string_equal(told.text, "17:12");
}

static void an_invalid_entry_is_not_reported(void **state)
{
	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "good");
	entry(*state, A, "nonsense", "dynamic");
	shell_ok(*state, "echo x >lan/notes.txt && git add -A");
	commit(*state, "bad");
	entry(*state, A, MAC_1, "dynamic");
	commit(*state, "repaired");
	assert_log(*state, "17:+1");
}

static void hundreds_in_one_second_stay_in_order(void **state)
{
	struct told told = {0};
	char expected[128] = "";

	setenv("GIT_AUTHOR_DATE", "2026-11-22T10:00:00Z", 1);
	setenv("GIT_COMMITTER_DATE", "2026-11-22T10:00:00Z", 1);
	for (int i = 1; i <= 9; i++) {
		char mac[] = "02:00:00:00:00:00", word[16], longer[sizeof(expected) + 16];

		mac[16] = (char)('0' + i);
		shell_ok(*state, "git checkout -q -b t%d", i);
		entry(*state, A, mac, "dynamic");
		commit(*state, "task");
		shell_ok(*state, "git checkout -q main");
		commit(*state, "elsewhere");
		shell_ok(*state, "git merge -q --no-ff -m join t%d", i);
		snprintf(word, sizeof(word), "17:%c%d%s", i == 1 ? '+' : '0' + i - 1, i,
		         *expected ? " " : "");
		snprintf(longer, sizeof(longer), "%s%s", word, expected);
		strcpy(expected, longer);
	}
	unsetenv("GIT_AUTHOR_DATE");
	unsetenv("GIT_COMMITTER_DATE");
	read_log(*state, &told, "10.0.3.17", NULL, 0);
	assert_string_equal(told.text, expected);
	assert_log(*state, expected);
}

static void a_path_without_a_repository_is_named(void **state)
{
	const struct reader_query everything = {.limit = 0};
	const struct sandbox *sandbox = *state;
	struct reader *reader;
	struct fault fault = {""};
	struct told told = {0};

	assert_int_equal(reader_open(&reader, "/tmp", &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "/tmp is not a git repository"));
	shell_ok(sandbox, "git init -q --bare ../empty.git");
	shell_ok(sandbox, "git checkout -q --detach && git branch -q -D main");
	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	assert_int_equal(reader_log(reader, &everything, tell, &told, &fault), -ENOENT);
	assert_non_null(strstr(fault.text, "no branch main"));
	reader_close(reader);
}

#define IN_SANDBOX(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        IN_SANDBOX(a_life_is_reported_newest_first),
	        IN_SANDBOX(a_merge_that_only_joins_repeats_nothing),
	        IN_SANDBOX(a_merge_reports_its_own_changes),
	        IN_SANDBOX(a_side_that_lost_a_merge_is_still_reported),
	        IN_SANDBOX(a_side_that_lost_is_told_with_the_reason_and_the_winner),
	        IN_SANDBOX(of_a_pushed_branch_only_the_outcome_took_effect),
	        IN_SANDBOX(the_commits_of_a_task_all_took_effect),
	        IN_SANDBOX(what_main_had_already_is_told_as_that),
	        IN_SANDBOX(a_merge_that_brings_something_back_is_a_change),
	        IN_SANDBOX(a_repair_is_told_as_what_it_changed),
	        IN_SANDBOX(events_are_chosen_by_time_prefix_kind_and_author),
	        IN_SANDBOX(incidents_are_chosen_likewise),
	        IN_SANDBOX(a_mac_is_followed_from_address_to_address),
	        IN_SANDBOX(limit_and_handler_stop_it),
	        IN_SANDBOX(an_invalid_entry_is_not_reported),
	        IN_SANDBOX(hundreds_in_one_second_stay_in_order),
	        IN_SANDBOX(a_path_without_a_repository_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* The tasks of main, compared with what stock git says of random histories that it made. */
#include "repository.h"

#include <errno.h>

#include "reader/reader.h"

#define STEPS 40

/* What main's line is to be, newest first, in the words of both. */
struct listed {
	char text[32768];
	size_t count;
	char last[41], commit[STEPS + 1][41];
	char bases[STEPS + 1][41], lanes[STEPS + 1][16], kinds[STEPS + 1][16], task[64];
	int64_t times[STEPS + 1];
};

static int list(void *context, const struct reader_task *task)
{
	struct listed *listed = context;
	char *end = listed->text + strlen(listed->text);
	size_t n = listed->count++;

	snprintf(end, sizeof(listed->text) - (size_t)(end - listed->text), "%s %lld %s|%s|%u %zu\n",
	         task->commit, (long long)task->time, task->author, task->subject, task->parents,
	         task->changes);
	assert_false(task->more);
	snprintf(listed->bases[n], 41, "%s", task->base);
	snprintf(listed->commit[n], 41, "%s", task->commit);
	snprintf(listed->lanes[n], 16, "%s", task_lane_name(task->lane));
	snprintf(listed->kinds[n], 16, "%s", task->kind);
	snprintf(listed->task, sizeof(listed->task), "%s", task->task);
	listed->times[n] = task->time;
	return 0;
}

static void read_tasks(const struct sandbox *sandbox, struct listed *listed,
                       const struct reader_tasks_query *query)
{
	struct fault fault = {""};
	struct reader *reader;

	memset(listed, 0, sizeof(*listed));
	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	assert_int_equal(reader_tasks(listed->last, reader, query, list, listed, &fault), 0);
	reader_close(reader);
}

/* The same line as list() writes it, by git; `options` of git log. */
static const char *by_git(const struct sandbox *sandbox, const char *options)
{
	shell_ok(sandbox,
	         "git log --first-parent --format='%%H %%ct %%an|%%s|%%P' %s main | "
	         "while IFS='|' read -r head subject parents; do set -- $parents; "
	         "if [ $# -gt 0 ]; then n=$(git diff --name-only $1 ${head%%%% *} -- lan | wc -l); "
	         "else n=$(git ls-tree -r ${head%%%% *} -- lan | wc -l); fi; "
	         "echo \"$head|$subject|$# $n\"; done",
	         options);
	return output_of(sandbox);
}

static void change_any(const struct sandbox *sandbox)
{
	for (int i = rand() % 3; i >= 0; i--) {
		char path[64], mac[MAC_TEXT];
		unsigned host = 1 + (unsigned)rand() % 12;

		snprintf(path, sizeof(path), "lan/10.0/10.0.3/10.0.3.%u", host);
		snprintf(mac, sizeof(mac), "02:00:00:00:%02x:%02x", (unsigned)rand() & 255,
		         (unsigned)rand() & 255);
		entry(sandbox, path, mac, rand() % 2 ? "dynamic" : "static");
	}
}

static void commit_as_person(void)
{
	setenv("GIT_COMMITTER_NAME", "Ann", 1);
	setenv("GIT_COMMITTER_EMAIL", "ann@example.net", 1);
}

/* One commit each second, from 2026-01-01 on. */
static void tick(void)
{
	static long now = 1767225600;
	char text[32];

	snprintf(text, sizeof(text), "%ld +0000", ++now);
	setenv("GIT_COMMITTER_DATE", text, 1);
	setenv("GIT_AUTHOR_DATE", text, 1);
}

/* A branch from a few commits ago, and its merge; `trailer` of the merge. */
static void branch_and_merge(const struct sandbox *sandbox, const char *message, bool by_agent,
                             const char *trailer)
{
	int back = rand() % 3;

	shell_ok(sandbox,
	         "n=$(git rev-list --first-parent --count main); back=%d; "
	         "[ $back -lt $n ] || back=$((n - 1)); git checkout -q -B branch main~$back",
	         back);
	for (int i = rand() % 2; i >= 0; i--) {
		if (by_agent)
			commit_as_agent();
		else
			commit_as_person();
		tick();
		change_any(sandbox);
		shell_ok(sandbox, "git commit -q --allow-empty -m '%s'", message);
	}
	tick();
	commit_as_agent();
	shell_ok(sandbox,
	         "git checkout -q main && git merge -q --no-ff -X theirs -m 'merge: it\n\n%s' "
	         "branch",
	         trailer);
}

/* Makes a random history. Returns what its lanes are to be, oldest first, a letter each. */
static void make_history(const struct sandbox *sandbox, unsigned seed, char lanes[STEPS + 1])
{
	srand(seed);
	for (int i = 0; i < STEPS; i++) {
		static const char *const kinds[] = {"learn",    "resolve",  "move",  "expire",
		                                    "operator", "external", "import"};
		static const char letters[] = "llmeoxo";
		int kind = rand() % 7;

		tick();
		switch (rand() % 6) {
		case 0:
			commit_as_person();
			change_any(sandbox);
			shell_ok(sandbox, "git commit -q --allow-empty -m 'by hand'");
			lanes[i] = 'p';
			break;
		case 1:
			branch_and_merge(sandbox, "rack 3", false,
			                 "Task: operator/20260101-n-000001\nBranch: merge/r3");
			lanes[i] = 'p';
			break;
		case 2: {
			char trailer[64], message[96];

			snprintf(trailer, sizeof(trailer), "Task: %s/20260101-n-%06d", kinds[kind],
			         i + 1);
			snprintf(message, sizeof(message), "task\n\n%s", trailer);
			branch_and_merge(sandbox, message, true, trailer);
			lanes[i] = letters[kind];
			break;
		}
		case 3:
			commit_as_agent();
			shell_ok(sandbox,
			         "echo %d >README.md && git commit -qam 'arpkeeper: a page'", i);
			lanes[i] = 'x';
			break;
		default:
			commit_as_agent();
			change_any(sandbox);
			shell_ok(sandbox,
			         "git commit -q --allow-empty -m '%s: it\n\nTask: "
			         "%s/20260101-n-%06d'",
			         kinds[kind], kinds[kind], i + 1);
			lanes[i] = letters[kind];
		}
	}
	lanes[STEPS] = '\0';
}

static void assert_lanes(const struct listed *listed, const char *lanes)
{
	assert_int_equal(listed->count, STEPS + 1);
	for (int i = 0; i < STEPS; i++) {
		char first = listed->lanes[STEPS - 1 - i][0];

		/* Of "operator" and "other" the second letter differs. */
		if (first == 'o')
			first = listed->lanes[STEPS - 1 - i][1] == 'p' ? 'o' : 'x';
		assert_int_equal(first, lanes[i]);
	}
}

/* Where a branch began, by git: the newest commit of main's line that both sides have. */
static void assert_bases(const struct sandbox *sandbox, const struct listed *listed)
{
	unsigned merges = 0;

	for (size_t i = 0; i < listed->count; i++) {
		char expected[41] = "";

		if (!listed->bases[i][0])
			continue;
		shell_ok(sandbox, "git merge-base %s^1 %s^2", listed->commit[i], listed->commit[i]);
		snprintf(expected, sizeof(expected), "%.40s", output_of(sandbox));
		assert_string_equal(listed->bases[i], expected);
		merges++;
	}
	assert_true(merges > 2);
}

static void tasks_are_gits_first_parents(void **state)
{
	static struct listed listed;
	const struct reader_tasks_query all = {.bases = true};
	char lanes[STEPS + 1];

	make_history(*state, 1, lanes);
	read_tasks(*state, &listed, &all);
	assert_string_equal(listed.text, by_git(*state, ""));
	assert_string_equal(listed.last, "");
	assert_lanes(&listed, lanes);
	assert_bases(*state, &listed);
}

static void pages_join_to_the_whole(void **state)
{
	static struct listed whole, page;
	static char joined[32768];
	const struct reader_tasks_query all = {.limit = 0};
	struct reader_tasks_query query = {.limit = 7};
	char lanes[STEPS + 1], before[41];
	size_t pages = 0;

	make_history(*state, 3, lanes);
	read_tasks(*state, &whole, &all);
	joined[0] = '\0';
	do {
		read_tasks(*state, &page, &query);
		assert_true(page.count > 0 && page.count <= 7);
		strcat(joined, page.text);
		strcpy(before, page.last);
		query.before = before;
		pages++;
	} while (before[0]);
	assert_string_equal(joined, whole.text);
	assert_int_equal(pages, (whole.count + 6) / 7);
}

static void a_time_a_kind_and_an_author_choose(void **state)
{
	static struct listed whole, some;
	const struct reader_tasks_query all = {.limit = 0};
	struct reader_tasks_query query = {.limit = 0};
	char lanes[STEPS + 1], options[128];
	size_t pushes = 0, kept = 0;

	make_history(*state, 4, lanes);
	read_tasks(*state, &whole, &all);
	query.since = whole.times[30];
	query.until = whole.times[10];
	read_tasks(*state, &some, &query);
	snprintf(options, sizeof(options), "--since=%lld --until=%lld", (long long)query.since,
	         (long long)query.until);
	assert_string_equal(some.text, by_git(*state, options));
	assert_int_equal(some.count, 21);

	query = (struct reader_tasks_query){.kind = READER_PUSH};
	read_tasks(*state, &some, &query);
	for (size_t i = 0; i < whole.count; i++)
		pushes += !strcmp(whole.kinds[i], READER_PUSH);
	assert_true(pushes > 2);
	assert_int_equal(some.count, pushes);
	for (size_t i = 0; i < some.count; i++)
		kept += !strcmp(some.lanes[i], "push");
	assert_int_equal(kept, pushes);

	query = (struct reader_tasks_query){.by = "Bob"};
	read_tasks(*state, &some, &query);
	assert_int_equal(some.count, 0);
	query.by = "Ann";
	read_tasks(*state, &some, &query);
	assert_string_equal(some.text, whole.text);
	query = (struct reader_tasks_query){.until = 1000};
	read_tasks(*state, &some, &query);
	assert_int_equal(some.count, 0);
}

struct opened {
	unsigned tasks, changes;
	char main[41], events[2048];
};

static int open_task(void *context, const struct reader_task *task)
{
	struct opened *opened = context;

	opened->tasks++;
	strcpy(opened->main, task->commit);
	return 0;
}

static void add_event(char text[2048], const struct reader_event *event)
{
	size_t used = strlen(text);

	snprintf(text + used, 2048 - used, "%.8s %08x %d;", event->commit,
	         address_number(event->address), event->fate);
}

static int open_change(void *context, const struct reader_event *event)
{
	struct opened *opened = context;

	assert_string_equal(event->main, opened->main);
	add_event(opened->events, event);
	opened->changes++;
	return 0;
}

struct of_main {
	const char *main;
	char events[2048];
};

static int note_of_main(void *context, const struct reader_event *event)
{
	struct of_main *of = context;

	if (!strcmp(event->main, of->main))
		add_event(of->events, event);
	return 0;
}

static void an_opened_task_has_what_the_log_tells_of_it(void **state)
{
	static struct listed whole;
	const struct sandbox *sandbox = *state;
	const struct reader_tasks_query all = {.limit = 0};
	const struct reader_query everything = {.limit = 0};
	struct fault fault = {""};
	struct reader *reader;
	char lanes[STEPS + 1], abbreviated[16];
	unsigned changes = 0;

	make_history(sandbox, 5, lanes);
	read_tasks(sandbox, &whole, &all);
	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	for (size_t i = 0; i < whole.count; i++) {
		struct opened opened = {0};
		struct of_main of = {.main = whole.commit[i]};

		snprintf(abbreviated, sizeof(abbreviated), "%.12s", whole.commit[i]);
		assert_int_equal(reader_task(reader, i % 2 ? abbreviated : whole.commit[i],
		                             open_task, open_change, &opened, &fault),
		                 0);
		assert_int_equal(opened.tasks, 1);
		assert_string_equal(opened.main, whole.commit[i]);
		assert_int_equal(reader_log(reader, &everything, note_of_main, &of, &fault), 0);
		assert_string_equal(opened.events, of.events);
		changes += opened.changes;
	}
	assert_true(changes > STEPS);
	reader_close(reader);
}

static void what_is_not_of_main_is_refused(void **state)
{
	static const char *const wrong[] = {"",
	                                    "main",
	                                    "HEAD~1",
	                                    "1234",
	                                    "0123456789012345678901234567890123456789",
	                                    "01234567890123456789012345678901234567890"};
	const struct sandbox *sandbox = *state;
	struct fault fault = {""};
	struct opened opened = {0};
	struct reader *reader;
	char side[41], next[41];

	change_any(sandbox);
	shell_ok(sandbox,
	         "git checkout -q -b branch && git commit -qm aside && git checkout -q main "
	         "&& git rev-parse branch");
	snprintf(side, sizeof(side), "%.40s", output_of(sandbox));
	change_any(sandbox);
	shell_ok(sandbox, "git commit -qm on");
	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		const struct reader_tasks_query query = {.before = wrong[i]};

		assert_int_equal(
		        reader_task(reader, wrong[i], open_task, open_change, &opened, &fault),
		        -ENOENT);
		assert_non_null(strstr(fault.text, "is not a commit of main"));
		assert_int_equal(reader_tasks(next, reader, &query, open_task, &opened, &fault),
		                 -ENOENT);
	}
	assert_int_equal(reader_task(reader, side, open_task, open_change, &opened, &fault),
	                 -ENOENT);
	assert_int_equal(opened.tasks, 0);
	reader_close(reader);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(tasks_are_gits_first_parents, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(pages_join_to_the_whole, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(a_time_a_kind_and_an_author_choose, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(an_opened_task_has_what_the_log_tells_of_it,
	                                        sandbox_open, sandbox_close),
	        cmocka_unit_test_setup_teardown(what_is_not_of_main_is_refused, sandbox_open,
	                                        sandbox_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Which commits the name of a task or of a commit means, and what a revert left alone. */
#include "repository.h"

#include <errno.h>

#include "reader/reader.h"

#define A    "lan/10.0/10.0.3/10.0.3.17"
#define B    "lan/10.0/10.0.3/10.0.3.18"
#define TASK "import/20261122-000017"

#define MAC_1 "02:00:00:00:00:01"
#define MAC_2 "02:00:00:00:00:02"

/* Commits an entry as part of a task. Its id. */
static const char *change(const struct sandbox *sandbox, const char *path, const char *mac,
                          const char *task)
{
	static char id[4][41];
	static unsigned next;

	entry(sandbox, path, mac, "dynamic");
	commit_as_agent();
	shell_ok(sandbox,
	         "export GIT_COMMITTER_DATE='2026-11-22T10:16:00Z'; "
	         "printf 'x\\n\\nTask: %s\\n' | git commit -qF - && git rev-parse HEAD",
	         task);
	next = (next + 1) % 4;
	snprintf(id[next], sizeof(id[next]), "%.40s", output_of(sandbox));
	return id[next];
}

static struct reader *open_clone(const struct sandbox *sandbox)
{
	struct reader *reader;
	struct fault fault;

	assert_int_equal(reader_open(&reader, sandbox->clone, &fault), 0);
	return reader;
}

static void expect(struct reader *reader, const char *name, const char *says,
                   const char *const *commit, size_t commits)
{
	struct named_commits found;
	struct fault fault = {""};

	if (names_find(&found, reader, name, &fault))
		fail_msg("%s", fault.text);
	assert_string_equal(found.name, says);
	assert_int_equal(found.count, commits);
	for (size_t i = 0; i < commits; i++)
		assert_string_equal(found.commit[i], commit[i]);
	names_clear(&found);
}

static void a_task_means_its_own_commits_oldest_first(void **state)
{
	const struct sandbox *sandbox = *state;
	const char *commit[2];
	struct reader *reader;

	commit[0] = change(sandbox, A, MAC_1, TASK);
	change(sandbox, B, MAC_1, "learn/20261122-000018");
	commit[1] = change(sandbox, B, MAC_2, TASK);
	/* The task's merge names it, too. */
	shell_ok(sandbox, "git merge -q -s ours --no-ff -m 'merge: x\n\nTask: " TASK "' "
	                  "$(git commit-tree -p HEAD~3 -m y 'HEAD~3^{tree}')");
	reader = open_clone(sandbox);
	expect(reader, TASK, TASK, commit, 2);
	expect(reader, "task/" TASK, TASK, commit, 2);
	reader_close(reader);
}

static void an_id_with_a_node_is_a_task(void **state)
{
	static const char task[] = "import/20261122-gate-2.example.net-000017";
	const struct sandbox *sandbox = *state;
	const char *commit = change(sandbox, A, MAC_1, task);
	struct reader *reader;

	change(sandbox, B, MAC_1, "import/20261122-gate-000017");
	reader = open_clone(sandbox);
	expect(reader, task, task, &commit, 1);
	reader_close(reader);
}

/* Two nodes gave the id before they met; one of them twice, in one task. */
static void an_id_of_two_tasks_is_refused_and_both_are_listed(void **state)
{
	const struct sandbox *sandbox = *state;
	struct named_commits found;
	const char *commit[3];
	char short_name[13];
	struct fault fault = {""};
	struct reader *reader;

	commit[2] = change(sandbox, A, MAC_1, TASK);
	commit[1] = change(sandbox, A, MAC_2, TASK);
	shell_ok(sandbox, "git checkout -qb other HEAD~2");
	setenv("GIT_COMMITTER_EMAIL", "arpkeeper@other.net", 1);
	entry(sandbox, B, MAC_1, "dynamic");
	shell_ok(sandbox, "export GIT_COMMITTER_DATE='2026-11-22T10:17:00Z'; "
	                  "git commit -qm 'there' -m 'Task: " TASK "' && git checkout -q main && "
	                  "git merge -q --no-ff -m 'merge: other' other && git rev-parse other");
	commit[0] = strdup(output_of(sandbox));
	reader = open_clone(sandbox);
	assert_int_equal(names_find(&found, reader, TASK, &fault), -ENOTUNIQ);
	assert_non_null(strstr(fault.text, "2 tasks are called " TASK));
	assert_int_equal(found.count, 0);
	assert_int_equal(found.candidates, 3);
	for (size_t i = 0; i < 3; i++) {
		assert_memory_equal(found.candidate[i].commit, commit[i], 40);
		assert_int_equal(found.candidate[i].task, i ? 2 : 1);
		assert_string_equal(found.candidate[i].host, i ? "example.net" : "other.net");
	}
	assert_string_equal(found.candidate[0].subject, "there");
	names_clear(&found);
	snprintf(short_name, sizeof(short_name), "%s", commit[1]);
	expect(reader, commit[1], short_name, &commit[1], 1);
	reader_close(reader);
	free((char *)commit[0]);
}

/* The same host twice, such as two instances. */
static void tasks_of_one_host_are_told_apart_by_their_line(void **state)
{
	const struct sandbox *sandbox = *state;
	struct named_commits found;
	struct fault fault = {""};
	struct reader *reader;

	change(sandbox, A, MAC_1, TASK);
	shell_ok(sandbox, "git checkout -qb other HEAD~1");
	change(sandbox, B, MAC_1, TASK);
	shell_ok(sandbox, "git checkout -q main && git merge -q --no-ff -m 'merge: other' other");
	reader = open_clone(sandbox);
	assert_int_equal(names_find(&found, reader, TASK, &fault), -ENOTUNIQ);
	assert_int_equal(found.candidates, 2);
	names_clear(&found);
	reader_close(reader);
}

static void a_trailer_of_another_committer_is_not_believed(void **state)
{
	const struct sandbox *sandbox = *state;
	const char *commit;
	struct reader *reader;

	commit = change(sandbox, A, MAC_1, TASK);
	entry(sandbox, B, MAC_1, "dynamic");
	setenv("GIT_COMMITTER_EMAIL", "bob@example.net", 1);
	shell_ok(sandbox, "printf 'x\\n\\nTask: " TASK "\\n' | git commit -qF -");
	reader = open_clone(sandbox);
	expect(reader, TASK, TASK, &commit, 1);
	reader_close(reader);
}

static void a_commit_is_named_as_git_does(void **state)
{
	const struct sandbox *sandbox = *state;
	const char *commit = change(sandbox, A, MAC_1, TASK);
	struct reader *reader = open_clone(sandbox);
	char short_name[13];

	snprintf(short_name, sizeof(short_name), "%s", commit);
	expect(reader, "main", short_name, &commit, 1);
	expect(reader, short_name, short_name, &commit, 1);
	reader_close(reader);
}

static void what_is_not_in_main_is_refused(void **state)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
	        {"learn/20261122-000099", "main has no task learn/20261122-000099"},
	        {TASK, "is not finished"},
	        {"beside", "is not in main"},
	        {"nothing", "neither a task"},
	};
	const struct sandbox *sandbox = *state;
	struct reader *reader;

	change(sandbox, A, MAC_1, "learn/20261122-000018");
	shell_ok(sandbox, "git branch task/" TASK " && git branch beside "
	                  "$(git commit-tree -p HEAD -m y 'HEAD^{tree}')");
	reader = open_clone(sandbox);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct named_commits undo;
		struct fault fault;

		assert_int_equal(names_find(&undo, reader, cases[i].name, &fault), -ENOENT);
		if (!strstr(fault.text, cases[i].says))
			fail_msg("'%s' is not in '%s'", cases[i].says, fault.text);
	}
	reader_close(reader);
}

static void note(void *context, const char *segment, struct address address, const char *by)
{
	char *text = context;

	snprintf(text + strlen(text), 128 - strlen(text), "%s %u %s;", segment,
	         address_number(address) & 0xff, by);
}

static void what_was_changed_since_is_named_with_its_task(void **state)
{
	const struct sandbox *sandbox = *state;
	struct named_commits undo;
	struct reader *reader;
	struct fault fault = {""};
	char text[128] = "";
	const char *tip;

	change(sandbox, A, MAC_1, TASK);
	tip = change(sandbox, A, MAC_2, "move/20261122-000018");
	reader = open_clone(sandbox);
	assert_int_equal(names_find(&undo, reader, TASK, &fault), 0);
	if (reader_undo_left(reader, &undo, tip, note, text, &fault))
		fail_msg("%s", fault.text);
	assert_string_equal(text, "lan 17 move/20261122-000018;");
	names_clear(&undo);
	reader_close(reader);
}

#define UNDONE(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        UNDONE(a_task_means_its_own_commits_oldest_first),
	        UNDONE(an_id_with_a_node_is_a_task),
	        UNDONE(an_id_of_two_tasks_is_refused_and_both_are_listed),
	        UNDONE(tasks_of_one_host_are_told_apart_by_their_line),
	        UNDONE(a_trailer_of_another_committer_is_not_believed),
	        UNDONE(a_commit_is_named_as_git_does),
	        UNDONE(what_is_not_in_main_is_refused),
	        UNDONE(what_was_changed_since_is_named_with_its_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* What the page is told of tasks, compared with git and with the log. */
#include "asking.h"

#include <errno.h>
#include <time.h>

#include "reader/reader.h"
#include "web/changes.h"
#include "web/tasks.h"

#define COMMITS 400

/* The commits of main's line, by git, a line each. */
static char *line_of(const struct maker *maker, const char *format)
{
	static char text[1 << 18];
	char command[512];
	FILE *output;
	size_t length;

	snprintf(command, sizeof(command), "git -C '%s' log --first-parent --format='%s' main",
	         maker->path, format);
	output = popen(command, "re");
	assert_non_null(output);
	length = fread(text, 1, sizeof(text) - 1, output);
	text[length] = '\0';
	assert_int_equal(pclose(output), 0);
	return text;
}

static void add_line(char *text, size_t size, const json_t *task)
{
	size_t used = strlen(text), index;
	json_t *parent;

	used += (size_t)snprintf(text + used, size - used, "%s|%s|%s|", text_of(task, "commit"),
	                         text_of(task, "author"), text_of(task, "subject"));
	json_array_foreach (json_object_get(task, "parents"), index, parent)
		used += (size_t)snprintf(text + used, size - used, "%s%s", index ? " " : "",
		                         json_string_value(parent));
	snprintf(text + used, size - used, "\n");
}

static void pages_of_tasks_are_gits_first_parents(void **state)
{
	static char listed[1 << 18];
	/* Main was replaced, sometimes, by a branch that had merged it; and clocks differ. */
	const struct maker maker = begin(*state, 5, COMMITS);
	char parameters[128] = "limit=17";

	listed[0] = '\0';
	for (;;) {
		json_t *page = ask(api_tasks, maker.path, "", parameters), *task;
		const char *next = text_of(page, "next");
		size_t index;

		assert_in_range(length_of(page, "tasks"), 1, 17);
		json_array_foreach (json_object_get(page, "tasks"), index, task) {
			add_line(listed, sizeof(listed), task);
			assert_string_equal(text_of(task, "lane"), "push");
			assert_string_equal(text_of(task, "kind"), "push");
			assert_true(json_is_null(json_object_get(task, "task")));
			assert_int_equal(strlen(text_of(task, "time")),
			                 strlen("2026-11-22T10:15:00Z"));
		}
		snprintf(parameters, sizeof(parameters), "limit=17&before=%s", next ? next : "");
		json_decref(page);
		if (!next)
			break;
	}
	assert_string_equal(listed, line_of(&maker, "%H|%an|%s|%P"));
}

/* "ADDRESS COMMIT FATE" of each change, those of `main` alone. */
static size_t print_changes(char *text, size_t size, const json_t *changes, const char *main)
{
	const json_t *change;
	size_t index, count = 0;

	text[0] = '\0';
	json_array_foreach ((json_t *)changes, index, change) {
		size_t used = strlen(text);

		if (strcmp(text_of(change, "main"), main) != 0)
			continue;
		snprintf(text + used, size - used, "%s %s %s\n", text_of(change, "address"),
		         text_of(change, "commit"), text_of(change, "fate"));
		count++;
	}
	return count;
}

static void an_opened_task_has_the_changes_of_the_log(void **state)
{
	static char opened[1 << 16], logged[1 << 16];
	const struct maker maker = begin(*state, 7, 120);
	json_t *log = ask(api_changes, maker.path, "", "limit=1000"), *task;
	json_t *tasks = ask(api_tasks, maker.path, "", "limit=500");
	size_t index, changes = 0;

	assert_true(json_is_null(json_object_get(tasks, "next")));
	json_array_foreach (json_object_get(tasks, "tasks"), index, task) {
		const char *commit = text_of(task, "commit");
		json_t *one = ask(api_task, maker.path, commit, "");

		assert_string_equal(text_of(one, "commit"), commit);
		assert_string_equal(text_of(one, "subject"), text_of(task, "subject"));
		assert_int_equal(number_of(one, "total"), number_of(task, "changes"));
		assert_true(json_is_null(json_object_get(one, "body")));
		print_changes(logged, sizeof(logged), json_object_get(log, "changes"), commit);
		changes += print_changes(opened, sizeof(opened), json_object_get(one, "changes"),
		                         commit);
		assert_string_equal(opened, logged);
		assert_int_equal(length_of(one, "changes") > 0, logged[0] != '\0');
		json_decref(one);
	}
	assert_true(changes > 40);
	json_decref(tasks);
	json_decref(log);
}

static void an_import_is_counted_and_cut_off(void **state)
{
	const struct sandbox *sandbox = *state;
	json_t *one, *tasks, *task;

	commit_as_agent();
	shell_ok(
	        sandbox,
	        "for a in $(seq 0 4); do mkdir -p lan/10.0/10.0.$a; for b in $(seq 1 250); do "
	        "printf 'mac 02:00:00:00:00:01\\nstate static\\nsince 2026-11-22T10:15:00Z\\n' "
	        ">lan/10.0/10.0.$a/10.0.$a.$b; done; done; echo more >README.md; git add -A && "
	        "git commit -qm 'import: a list\n\nof racks <b>\n\nTask: import/20261122-n-000001' "
	        "&& git push -q origin main && git rev-parse HEAD");
	tasks = ask(api_tasks, sandbox->origin, "", "limit=1");
	task = json_array_get(json_object_get(tasks, "tasks"), 0);
	assert_string_equal(text_of(task, "lane"), "operator");
	assert_string_equal(text_of(task, "kind"), "import");
	assert_string_equal(text_of(task, "task"), "import/20261122-n-000001");
	assert_int_equal(number_of(task, "changes"), 1250);
	assert_string_equal(text_of(tasks, "next"), text_of(task, "commit"));
	one = ask(api_task, sandbox->origin, text_of(task, "commit"), "");
	assert_int_equal(number_of(one, "total"), 1250);
	assert_int_equal(length_of(one, "changes"), 1000);
	assert_string_equal(text_of(one, "body"), "of racks <b>\n\nTask: import/20261122-n-000001");
	json_decref(one);
	json_decref(tasks);
}

static void what_is_wrong_is_named(void **state)
{
	const struct maker maker = begin(*state, 9, 30);
	static const struct {
		const char *parameters, *named;
		int error;
	} wrong[] = {{"limit=0", "limit", -EINVAL},
	             {"limit=501", "limit", -EINVAL},
	             {"before=main", "before", -EINVAL},
	             {"before=0123456789012345678901234567890123456789", "not a commit", -ENOENT}};
	struct fault fault;
	json_t *answer;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(
		        try_to_ask(&answer, api_tasks, maker.path, "", wrong[i].parameters, &fault),
		        wrong[i].error);
		assert_non_null(strstr(fault.text, wrong[i].named));
		assert_null(answer);
	}
	assert_int_equal(try_to_ask(&answer, api_task, maker.path, "../../main", "", &fault),
	                 -ENOENT);
	assert_int_equal(try_to_ask(&answer, api_task, maker.path, "", "", &fault), -ENOENT);
	assert_null(answer);
	assert_int_equal(try_to_ask(&answer, api_tasks, "/nowhere", "", "", &fault), -ENOENT);
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Of a history that TASKS_HISTORY names, such as one of 100,000 commits by tests/bench/commits.py.
 */
static void the_first_hundred_are_quick(void **state)
{
	const char *path = getenv("TASKS_HISTORY");
	const struct maker maker = path ? (struct maker){.path = path} : begin(*state, 11, COMMITS);
	int64_t best = INT64_MAX;

	for (int i = 0; i < 5; i++) {
		int64_t begun = now_us();
		json_t *page = ask(api_tasks, maker.path, "", "");

		if (now_us() - begun < best)
			best = now_us() - begun;
		assert_int_equal(length_of(page, "tasks"), 100);
		json_decref(page);
	}
	print_message("the first 100 tasks: %.1f ms\n", (double)best / 1000);
	assert_true(best < 50000 * 10); /* 50 ms; tests run beside others, and with sanitizers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(pages_of_tasks_are_gits_first_parents, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(an_opened_task_has_the_changes_of_the_log,
	                                        sandbox_open, sandbox_close),
	        cmocka_unit_test_setup_teardown(an_import_is_counted_and_cut_off, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(what_is_wrong_is_named, sandbox_open,
	                                        sandbox_close),
	        cmocka_unit_test_setup_teardown(the_first_hundred_are_quick, sandbox_open,
	                                        sandbox_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

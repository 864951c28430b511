// SPDX-License-Identifier: MIT
/*
 * The courier with scripts as its command. Its log, in which the scripts' standard error is, comes
 * through a pipe, so that each step is awaited.
 */
#include "inside.h"

#include <dirent.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/syscall.h>

#define PATIENCE_MS 20000

struct route {
	struct place *place;
	struct courier_options options;
	struct courier *courier;
	char command[96];
	FILE *log;
	char line[1024];
};

/* Writes the script; the log of the courier that is opened goes to route->log. */
static int open_route(struct route *route, struct place *place, const char *script,
                      struct fault *fault)
{
	const int error_output = dup(STDERR_FILENO);
	int ends[2], error;

	route->place = place;
	snprintf(route->command, sizeof(route->command), "%s/command", place->folder);
	write_file(route->command, script);
	assert_int_equal(chmod(route->command, 0755), 0);
	route->options.user = &place->user;
	route->options.command = route->command;
	route->options.label = "agent.alert-command";
	route->options.failed = "the alert was not passed on";
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_true(dup2(ends[1], STDERR_FILENO) >= 0);
	error = courier_open(&route->courier, &route->options, fault);
	assert_true(dup2(error_output, STDERR_FILENO) >= 0);
	close(error_output);
	close(ends[1]);
	route->log = fdopen(ends[0], "r");
	assert_non_null(route->log);
	setvbuf(route->log, NULL, _IONBF, 0);
	return error;
}

static void open_working(struct route *route, void **state, const char *script)
{
	struct fault fault = {""};
	int error = open_route(route, *state, script, &fault);

	if (error)
		print_error("%s\n", fault.text);
	assert_int_equal(error, 0);
}

/* The next line of the log; false: the courier has ended. */
static bool next_line(struct route *route)
{
	struct pollfd ready = {.fd = fileno(route->log), .events = POLLIN};

	assert_true(poll(&ready, 1, PATIENCE_MS) > 0);
	return fgets(route->line, sizeof(route->line), route->log) != NULL;
}

/* Awaits a line with the text. */
static const char *await_line(struct route *route, const char *text)
{
	do
		assert_true(next_line(route));
	while (!strstr(route->line, text));
	return strstr(route->line, text);
}

static void close_route(struct route *route)
{
	courier_close(route->courier);
	route->courier = NULL;
	while (next_line(route))
		;
	fclose(route->log);
}

static void text_arrives_without_rights(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};

	assert_int_equal(setenv("ARPKEEPER_TEST_SECRET", "1", 1), 0);
	open_working(
	        &route, state,
	        "#!/bin/sh\n"
	        "read -r text\n"
	        "echo \"text $text, arguments $#, user $(id -u) $(id -g) $(id -G)\" >&2\n"
	        "echo \"environment $(env | grep -vE '^(PWD|OLDPWD|SHLVL|_)=' | sort | tr '\\n' "
	        "' ')\" >&2\n"
	        "sed -nE '/^(NoNewPrivs|Cap...):/H; ${x;s/[[:space:]]+/ /g;p}' "
	        "/proc/self/status >&2\n"
	        "for i in 3 4 5 6 7 8 9 11 12; do [ ! -e /proc/$$/fd/$i ] || echo \"open $i\" >&2; "
	        "done\n"
	        "echo \"in $PWD\" >&2\n"
	        "echo hidden\n");
	assert_int_equal(courier_send(route.courier, "{\"alert\":\"conflict\"}", false), 0);
	await_line(&route, "text {\"alert\":\"conflict\"}, arguments 0, user 64123 64123 64123");
	await_line(&route, "environment HOME=/nonexistent LC_ALL=C "
	                   "PATH=/usr/local/bin:/usr/bin:/bin USER=64123 ");
	await_line(&route, "CapInh: 0000000000000000 CapPrm: 0000000000000000 CapEff: "
	                   "0000000000000000 CapBnd: 0000000000000000 CapAmb: 0000000000000000 "
	                   "NoNewPrivs: 1");
	/* 10 is the script. */
	assert_true(next_line(&route));
	assert_non_null(strstr(route.line, ": in /\n"));
	courier_close(route.courier);
	while (next_line(&route))
		assert_null(strstr(route.line, "hidden"));
	fclose(route.log);
}

static void hanging_command_is_killed_with_its_children(void **state)
{
	struct route route = {.options = {.limit_ms = 500, .window_ms = 60000, .runs = 5}};
	struct pollfd child = {.events = POLLIN};

	open_working(&route, state,
	             "#!/bin/sh\n"
	             "trap '' TERM\n"
	             "sleep 1000 &\n"
	             "echo \"child $!\" >&2\n"
	             "read -r text\n"
	             "[ \"$text\" = end ] || wait\n");
	assert_int_equal(courier_send(route.courier, "hang", false), 0);
	child.fd = (int)syscall(SYS_pidfd_open, atoi(await_line(&route, "child ") + 6), 0);
	assert_true(child.fd >= 0);
	await_line(&route, "killed, because it took longer than 500 ms");
	assert_int_equal(poll(&child, 1, PATIENCE_MS), 1);
	close(child.fd);
	/* Also when the command itself ends in time: the text after it is not held up. */
	assert_int_equal(courier_send(route.courier, "end", false), 0);
	await_line(&route, "child ");
	await_line(&route, "works again");
	close_route(&route);
}

static unsigned processes_with(const char *text)
{
	DIR *processes = opendir("/proc");
	const struct dirent *process;
	unsigned count = 0;

	assert_non_null(processes);
	while ((process = readdir(processes))) {
		char path[300], line[4096];
		ssize_t length;
		int file;

		snprintf(path, sizeof(path), "/proc/%s/cmdline", process->d_name);
		file = open(path, O_RDONLY | O_CLOEXEC);
		length = file >= 0 ? read(file, line, sizeof(line)) : -1;
		if (length > 0 && memmem(line, (size_t)length, text, strlen(text)))
			count++;
		if (file >= 0)
			close(file);
	}
	closedir(processes);
	return count;
}

static void what_moves_to_another_session_is_ended(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};
	struct pollfd child = {.events = POLLIN};

	/* Its parents end, and it is in no group of theirs. */
	open_working(
	        &route, state,
	        "#!/bin/sh\n"
	        "read -r text\n"
	        "cd \"${0%/*}/outside\" && mkfifo gone\n"
	        "(setsid sh -c 'trap \"\" TERM HUP INT; echo \"child $$\" >&2; echo >gone; exec "
	        "sleep 1000' &)\n"
	        "read -r nothing <gone\n");
	assert_int_equal(courier_send(route.courier, "leave", false), 0);
	child.fd = (int)syscall(SYS_pidfd_open, atoi(await_line(&route, "child ") + 6), 0);
	/* It may have ended already. */
	assert_true(child.fd >= 0 || errno == ESRCH);
	await_line(&route, "that it left behind");
	if (child.fd >= 0) {
		assert_int_equal(poll(&child, 1, PATIENCE_MS), 1);
		close(child.fd);
	}
	close_route(&route);
	assert_int_equal(processes_with(route.command), 0);
}

/* Each starts the next one in a session of its own, and ends: as fast as it can. */
static void a_chain_of_sessions_is_ended(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};
	struct courier_counts counts;

	open_working(&route, state,
	             "#!/bin/sh\n"
	             "if [ \"$1\" = next ]; then setsid \"$0\" next & exit; fi\n"
	             "read -r text\n"
	             "for i in 1 2 3 4; do setsid \"$0\" next & done\n"
	             "echo \"ran $text\" >&2\n");
	assert_int_equal(courier_send(route.courier, "first", false), 0);
	await_line(&route, "that it left behind");
	assert_int_equal(processes_with(route.command), 0);
	/* It serves the next one. */
	assert_int_equal(courier_send(route.courier, "second", false), 0);
	await_line(&route, "ran second");
	await_line(&route, "that it left behind");
	do
		courier_count(route.courier, &counts);
	while (counts.passed < 2);
	assert_true(counts.left >= 2);
	close_route(&route);
	assert_int_equal(processes_with(route.command), 0);
}

static void failure_is_said_once(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 10}};
	unsigned failures = 0;

	open_working(&route, state, "#!/bin/sh\nread -r text\nexit \"$text\"\n");
	assert_int_equal(courier_send(route.courier, "3", false), 0);
	assert_int_equal(courier_send(route.courier, "4", false), 0);
	assert_int_equal(courier_send(route.courier, "0", false), 0);
	assert_int_equal(courier_send(route.courier, "5", false), 0);
	do {
		assert_true(next_line(&route));
		failures += strstr(route.line, "it ended with status 3") != NULL;
		assert_null(strstr(route.line, "status 4"));
	} while (!strstr(route.line, "works again"));
	assert_int_equal(failures, 1);
	await_line(&route, "warning: agent.alert-command");
	assert_non_null(strstr(route.line, "it ended with status 5"));
	close_route(&route);
}

static void output_is_bounded(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};
	unsigned lines = 0;

	open_working(&route, state,
	             "#!/bin/sh\n"
	             "head -c 300000 /dev/zero | tr '\\0' x >&2\n"
	             "echo >&2\n"
	             "seq 100000 >&2\n"
	             "exit 1\n");
	assert_int_equal(courier_send(route.courier, "x", false), 0);
	do {
		assert_true(next_line(&route));
		assert_true(strlen(route.line) < 512);
		lines++;
	} while (!strstr(route.line, "status 1"));
	/* Eight, the note that the rest is left out, and the failure. */
	assert_int_equal(lines, 10);
	close_route(&route);
}

static void storm_is_bounded_and_counted(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 3600000, .runs = 4}};
	unsigned news = 0, trouble = 0, dropped = 0;
	struct courier_counts counts;

	open_working(&route, state, "#!/bin/sh\nread -r text\necho \"ran $text\" >&2\n");
	for (unsigned i = 0; i < 80; i++)
		assert_int_equal(courier_send(route.courier, "news", true), 0);
	for (unsigned i = 0; i < 80; i++)
		assert_int_equal(courier_send(route.courier, "trouble", false), 0);
	/* The keeper learns it, too: as many as may run, and those that found no room. */
	do
		courier_count(route.courier, &counts);
	while (counts.passed < 4 || counts.dropped < 160 - 4 - 2 * COURIER_WAITING);
	assert_int_equal(counts.passed, 4);
	assert_int_equal(counts.failed, 0);
	courier_close(route.courier);
	while (next_line(&route)) {
		const char *count = strstr(route.line, "alert-command: ");

		news += strstr(route.line, "ran news") != NULL;
		trouble += strstr(route.line, "ran trouble") != NULL;
		if (count && strstr(route.line, "not passed on"))
			dropped += (unsigned)atoi(count + strlen("alert-command: "));
	}
	fclose(route.log);
	/* News never has more than half. */
	assert_int_equal(news + trouble, 4);
	assert_in_range(news, 0, 2);
	assert_int_equal(dropped, 156);
}

static void expect_refused(struct route *route, const char *words)
{
	struct fault fault = {""};

	assert_int_not_equal(sandbox_check_command(route->options.command, &fault), 0);
	if (!strstr(fault.text, words))
		print_error("%s\n", fault.text);
	assert_non_null(strstr(fault.text, words));
}

static void commands_that_others_can_change_are_refused(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};
	struct place *place = *state;
	struct fault fault = {""};
	char other[128];

	open_working(&route, state, "#!/bin/sh\nexit 0\n");
	assert_int_equal(sandbox_check_command(route.command, &fault), 0);
	assert_int_equal(chown(route.command, STRANGER, 0), 0);
	expect_refused(&route, "command: another user than root can write it");
	assert_int_equal(chown(route.command, 0, 0), 0);
	assert_int_equal(chmod(route.command, 0775), 0);
	expect_refused(&route, "command: another user than root can write it");
	assert_int_equal(chmod(route.command, 0644), 0);
	expect_refused(&route, "not a program that the recorder's user may run");
	assert_int_equal(chmod(route.command, 0755), 0);
	/* Whoever may write the folder can put another file there. */
	assert_int_equal(chmod(place->folder, 0757), 0);
	expect_refused(&route, ": another user than root can write it");
	assert_int_equal(chmod(place->folder, 0755), 0);
	snprintf(other, sizeof(other), "%s/link", place->folder);
	assert_int_equal(symlink("command", other), 0);
	route.options.command = other;
	expect_refused(&route, "the path has links: give ");
	route.options.command = place->folder;
	expect_refused(&route, "not a program");
	snprintf(other, sizeof(other), "%s/missing", place->folder);
	route.options.command = other;
	expect_refused(&route, "No such file");
	close_route(&route);
}

static void command_that_becomes_another_s_is_not_run(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};

	open_working(&route, state, "#!/bin/sh\necho ran >&2\n");
	assert_int_equal(courier_send(route.courier, "1", false), 0);
	await_line(&route, "ran");
	assert_int_equal(chmod(route.command, 0757), 0);
	assert_int_equal(courier_send(route.courier, "2", false), 0);
	do {
		assert_true(next_line(&route));
		assert_null(strstr(route.line, ": ran"));
	} while (!strstr(route.line, "another user than root can write it"));
	close_route(&route);
}

static void start_says_what_is_wrong_with_the_command(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};
	struct place *place = *state;
	struct fault fault = {""};

	assert_int_equal(chmod(place->folder, 0757), 0);
	assert_int_equal(open_route(&route, place, "#!/bin/sh\n", &fault), -EPERM);
	assert_non_null(strstr(fault.text, "agent.alert-command: "));
	assert_non_null(strstr(fault.text, "another user than root can write it"));
	assert_null(route.courier);
	fclose(route.log);
}

static void command_reaches_no_other_process_of_its_user(void **state)
{
	struct route route = {.options = {.limit_ms = 20000, .window_ms = 60000, .runs = 5}};

	/* Landlock has scopes from version 6 on. */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 6)
		skip();
	open_working(&route, state, "#!/bin/sh\nkill -0 $PPID && echo reached >&2\nexit 9\n");
	assert_int_equal(courier_send(route.courier, "x", false), 0);
	do {
		assert_true(next_line(&route));
		assert_null(strstr(route.line, "reached"));
	} while (!strstr(route.line, "status 9"));
	close_route(&route);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)
	        TEST(text_arrives_without_rights),
	        TEST(hanging_command_is_killed_with_its_children),
	        TEST(what_moves_to_another_session_is_ended),
	        TEST(a_chain_of_sessions_is_ended),
	        TEST(failure_is_said_once),
	        TEST(output_is_bounded),
	        TEST(storm_is_bounded_and_counted),
	        TEST(commands_that_others_can_change_are_refused),
	        TEST(command_that_becomes_another_s_is_not_run),
	        TEST(start_says_what_is_wrong_with_the_command),
	        TEST(command_reaches_no_other_process_of_its_user),
	};

	if (geteuid() != 0) {
		print_message("root is needed\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}

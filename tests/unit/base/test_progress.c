/* SPDX-License-Identifier: MIT */
/* The progress bar, as a terminal gets it: standard error is a pty here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

#define CLEAR "\r\x1b[K"
#define ROOM  (256 * 1024)

static int64_t milliseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* A pty in place of standard error; what is drawn is read at the end. */
struct terminal {
	int master, saved;
	char text[ROOM];
	size_t length;
};

static struct terminal *terminal_open(unsigned columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
	struct terminal *terminal;
	int master, slave;

	/* As in a chroot without /dev/pts. */
	if (openpty(&master, &slave, NULL, NULL, &size))
		skip();
	terminal = calloc(1, sizeof(*terminal));
	assert_non_null(terminal);
	terminal->master = master;
	assert_int_equal(fcntl(terminal->master, F_SETFL, O_NONBLOCK), 0);
	terminal->saved = dup(STDERR_FILENO);
	assert_true(terminal->saved >= 0);
	assert_true(dup2(slave, STDERR_FILENO) >= 0);
	close(slave);
	setenv("TERM", "xterm", 1);
	setenv("LC_ALL", "C", 1);
	setenv("NO_COLOR", "1", 1);
	return terminal;
}

static const char *terminal_text(struct terminal *terminal)
{
	ssize_t got;

	while ((got = read(terminal->master, terminal->text + terminal->length,
	                   ROOM - 1 - terminal->length)) > 0)
		terminal->length += (size_t)got;
	terminal->text[terminal->length] = '\0';
	return terminal->text;
}

static void terminal_close(struct terminal *terminal)
{
	assert_true(dup2(terminal->saved, STDERR_FILENO) >= 0);
	close(terminal->saved);
	close(terminal->master);
	free(terminal);
}

/* Steps for so long, as fast as it can: to about half of `total`. */
static void work(struct progress *progress, int64_t for_ms, uint64_t total)
{
	int64_t began = milliseconds(), passed;

	while ((passed = milliseconds() - began) < for_ms)
		progress_step(progress, total / 2 * (uint64_t)passed / (uint64_t)for_ms);
}

/* Steps as fast as it can, 10,000 of them a millisecond, until something is drawn. */
static void work_until_drawn(struct progress *progress, struct terminal *terminal)
{
	int64_t began = milliseconds(), passed = 0;

	for (; terminal_text(terminal)[0] == '\0' && passed < 10000;
	     passed = milliseconds() - began)
		progress_step(progress, 10000 * (uint64_t)passed);
}

static unsigned drawings(const char *text)
{
	unsigned count = 0;

	for (const char *at = strstr(text, CLEAR); at; at = strstr(at + 1, CLEAR))
		count++;
	return count;
}

static void long_work_shows_a_bar_and_takes_it_away(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;
	const char *text, *last;
	unsigned count;

	(void)state;
	progress_begin(&progress, "reading 1,000 entries", 1000);
	work(&progress, 700, 1000);
	progress_end(&progress);
	text = terminal_text(terminal);
	assert_non_null(strstr(text, CLEAR "reading 1,000 entries  ===="));
	assert_non_null(strstr(text, "----  "));
	assert_non_null(strstr(text, " 4"));
	assert_non_null(strstr(text, " %  "));
	assert_non_null(strstr(text, "/s  0:0"));
	assert_non_null(strstr(text, " left"));
	assert_null(strchr(text, '\n'));
	count = drawings(text);
	assert_in_range(count, 3, 12); /* 0.5 s, at most 15 a second, and the end */
	last = text + strlen(text) - strlen(CLEAR);
	assert_string_equal(last, CLEAR);
	terminal_close(terminal);
}

static void short_work_shows_nothing(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;

	(void)state;
	progress_begin(&progress, "reading", 1000);
	for (uint64_t i = 0; i <= 1000; i++)
		progress_step(&progress, i);
	progress_end(&progress);
	assert_string_equal(terminal_text(terminal), "");
	terminal_close(terminal);
}

static void of_unknown_length_it_counts(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;
	const char *text;

	(void)state;
	progress_begin(&progress, "reading", 0);
	work_until_drawn(&progress, terminal);
	progress_end(&progress);
	text = terminal_text(terminal);
	assert_non_null(strstr(text, CLEAR "reading  "));
	assert_non_null(strstr(text, ",")); /* thousands */
	assert_non_null(strstr(text, "/s"));
	assert_null(strchr(text, '%'));
	assert_null(strchr(text, '='));
	assert_null(strstr(text, "left"));
	terminal_close(terminal);
}

static void it_fits_any_terminal(void **state)
{
	static const unsigned columns[] = {1, 5, 10, 20, 35, 50, 80, 200, 4000};

	(void)state;
	for (size_t i = 0; i < sizeof(columns) / sizeof(*columns); i++) {
		struct terminal *terminal = terminal_open(columns[i]);
		struct progress progress;
		const char *at;

		progress_begin(&progress, "recording 1,048,576 entries", 1048576);
		progress.began -= 1000000000; /* as if it had begun a second ago */
		work(&progress, 100, 1048576);
		progress_end(&progress);
		for (at = terminal_text(terminal); *at;) {
			size_t length;

			assert_memory_equal(at, CLEAR, strlen(CLEAR));
			at += strlen(CLEAR);
			length = strcspn(at, "\r");
			assert_true(length < columns[i]);
			at += length;
		}
		terminal_close(terminal);
	}
}

static void colours_and_lines_where_the_terminal_has_them(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;
	const char *text;

	(void)state;
	unsetenv("NO_COLOR");
	setenv("LC_ALL", "en_GB.UTF-8", 1);
	progress_begin(&progress, "reading", 1000);
	progress.began -= 1000000000;
	progress.read -= 1000000000;
	progress.drawn -= 1000000000;
	progress_step(&progress, 500);
	progress_end(&progress);
	text = terminal_text(terminal);
	assert_non_null(strstr(text, "\x1b[36m\xe2\x94\x81"));
	assert_non_null(strstr(text, "\x1b[0;2m\xe2\x94\x80"));
	assert_non_null(strstr(text, "\x1b[0m  "));
	terminal_close(terminal);
}

static void a_dumb_terminal_gets_nothing(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;

	(void)state;
	setenv("TERM", "dumb", 1);
	progress_begin(&progress, "reading", 1000);
	progress.began -= 1000000000;
	work(&progress, 50, 1000);
	progress_end(&progress);
	assert_string_equal(terminal_text(terminal), "");
	terminal_close(terminal);
}

static void a_file_gets_nothing(void **state)
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	struct progress progress;

	(void)state;
	assert_non_null(file);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	setenv("TERM", "xterm", 1);
	progress_begin(&progress, "reading", 1000);
	progress.began -= 1000000000;
	work(&progress, 50, 1000);
	progress_end(&progress);
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
	fclose(file);
}

static void a_log_line_takes_the_bar_away_first(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;

	(void)state;
	progress_begin(&progress, "reading", 1000);
	progress.began -= 1000000000;
	work(&progress, 100, 1000);
	(void)terminal_text(terminal);
	terminal->length = 0;
	log_warning("line 7: no MAC");
	log_info("and on");
	progress_end(&progress);
	assert_string_equal(terminal_text(terminal),
	                    CLEAR "warning: line 7: no MAC\r\ninfo: and on\r\n");
	terminal_close(terminal);
}

/* The clock is read only now and then, however long a step takes. */
static void slow_steps_are_drawn_one_by_one(void **state)
{
	struct terminal *terminal = terminal_open(100);
	struct progress progress;

	(void)state;
	progress_begin(&progress, "flushing", 4);
	for (uint64_t i = 0; i < 4; i++) {
		progress.began -= 1000000000;
		progress.read -= 1000000000;
		progress.drawn -= 1000000000;
		progress_step(&progress, i);
	}
	assert_int_equal(drawings(terminal_text(terminal)), 4);
	progress_end(&progress);
	terminal_close(terminal);
}

static void counts_have_thousands(void **state)
{
	static const struct {
		uint64_t count;
		const char *text;
	} cases[] = {
	        {0, "0"},
	        {999, "999"},
	        {1000, "1,000"},
	        {1048576, "1,048,576"},
	        {UINT64_MAX, "18,446,744,073,709,551,615"},
	};
	char text[PROGRESS_COUNT_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(progress_count(text, cases[i].count), cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(long_work_shows_a_bar_and_takes_it_away),
	        cmocka_unit_test(short_work_shows_nothing),
	        cmocka_unit_test(of_unknown_length_it_counts),
	        cmocka_unit_test(it_fits_any_terminal),
	        cmocka_unit_test(colours_and_lines_where_the_terminal_has_them),
	        cmocka_unit_test(a_dumb_terminal_gets_nothing),
	        cmocka_unit_test(a_file_gets_nothing),
	        cmocka_unit_test(a_log_line_takes_the_bar_away_first),
	        cmocka_unit_test(slow_steps_are_drawn_one_by_one),
	        cmocka_unit_test(counts_have_thousands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

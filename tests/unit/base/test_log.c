/* SPDX-License-Identifier: MIT */
/* Log lines and faults: what a person gets to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define THREADS 4
#define LINES   200

/* Runs `write` with standard error in a file; returns what arrived there. */
static char *captured(void (*write_lines)(void))
{
	FILE *file = tmpfile();
	int saved = dup(STDERR_FILENO);
	char *text;
	long length;

	assert_non_null(file);
	assert_true(saved >= 0);
	fflush(stderr);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	write_lines();
	assert_true(dup2(saved, STDERR_FILENO) >= 0);
	close(saved);
	length = lseek(fileno(file), 0, SEEK_END);
	text = calloc(1, (size_t)length + 1);
	assert_non_null(text);
	assert_int_equal(pread(fileno(file), text, (size_t)length, 0), length);
	fclose(file);
	return text;
}

static void write_each_level(void)
{
	log_error("e %d", 1);
	log_warning("w\n");
	log_info("i");
	log_debug("d");
}

static void a_line_is_level_and_message(void **state)
{
	char *text = captured(write_each_level);

	(void)state;
	assert_string_equal(text, "error: e 1\nwarning: w\ninfo: i\n");
	free(text);
}

static void lines_above_the_level_are_dropped(void **state)
{
	char *text;

	(void)state;
	log_set_level(LOG_LEVEL_ERROR);
	text = captured(write_each_level);
	assert_string_equal(text, "error: e 1\n");
	free(text);
	log_set_level(LOG_LEVEL_DEBUG);
	text = captured(write_each_level);
	assert_string_equal(text, "error: e 1\nwarning: w\ninfo: i\ndebug: d\n");
	free(text);
	log_set_level(LOG_LEVEL_INFO);
}

static void write_forgery(void)
{
	log_info("note %s", "x\nerror: forged\x1b[2J");
}

static void quoted_text_cannot_forge_a_line(void **state)
{
	char *text = captured(write_forgery);

	(void)state;
	assert_string_equal(text, "info: note x error: forged [2J\n");
	free(text);
}

static void write_one(void)
{
	log_info("now");
}

/* As systemd does, before it starts a unit. */
static void write_to_the_journal(void)
{
	struct stat status;
	char stream[64];

	assert_int_equal(fstat(STDERR_FILENO, &status), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev,
	         (uintmax_t)status.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_set_level(LOG_LEVEL_DEBUG);
	log_set_style(log_service_style());
	write_each_level();
	/* Standard error went elsewhere: then these are no longer for the journal. */
	setenv("JOURNAL_STREAM", "0:1", 1);
	assert_int_equal(log_service_style(), LOG_STYLE_STAMPED);
	setenv("JOURNAL_STREAM", "nonsense", 1);
	assert_int_equal(log_service_style(), LOG_STYLE_STAMPED);
	unsetenv("JOURNAL_STREAM");
	assert_int_equal(log_service_style(), LOG_STYLE_STAMPED);
	log_set_style(LOG_STYLE_PLAIN);
	log_set_level(LOG_LEVEL_INFO);
}

static void the_journal_gets_priorities_and_no_time_stamps(void **state)
{
	char *text = captured(write_to_the_journal);

	(void)state;
	assert_string_equal(text, "<3>e 1\n<4>w\n<6>i\n<7>d\n");
	free(text);
}

static void a_time_stamp_is_utc_with_milliseconds(void **state)
{
	int year, month, day, hour, minute, second, ms, end = 0;
	char *text;

	(void)state;
	log_set_style(LOG_STYLE_STAMPED);
	text = captured(write_one);
	log_set_style(LOG_STYLE_PLAIN);
	assert_int_equal(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ info: now%n", &year, &month,
	                        &day, &hour, &minute, &second, &ms, &end),
	                 7);
	assert_string_equal(text + end, "\n");
	free(text);
}

static void write_long(void)
{
	char *text = malloc(5000);

	assert_non_null(text);
	memset(text, 'x', 4999);
	text[4999] = '\0';
	log_info("%s", text);
	free(text);
}

static void a_line_too_long_is_cut_and_still_ends(void **state)
{
	char *text = captured(write_long);

	(void)state;
	assert_int_equal(strlen(text), 1024);
	assert_true(strchr(text, '\n') == text + 1023);
	free(text);
}

static void write_errno(void)
{
	errno = ENOENT;
	log_info("%m");
	assert_int_equal(errno, ENOENT);
}

static void logging_keeps_errno(void **state)
{
	char *text = captured(write_errno);

	(void)state;
	assert_string_equal(text, "info: No such file or directory\n");
	free(text);
}

static void *write_many(void *argument)
{
	for (int i = 0; i < LINES; i++)
		log_info("%s", (const char *)argument);
	return NULL;
}

static void write_from_threads(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, write_many, "abcdefghij"), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

static void lines_of_several_threads_do_not_mix(void **state)
{
	static const char line[] = "info: abcdefghij\n";
	char *text = captured(write_from_threads);
	size_t count = 0;

	(void)state;
	for (const char *at = text; *at; at += sizeof(line) - 1, count++)
		assert_memory_equal(at, line, sizeof(line) - 1);
	assert_int_equal(count, THREADS * LINES);
	free(text);
}

static void a_fault_returns_the_error_and_keeps_the_sentence(void **state)
{
	struct fault fault;

	(void)state;
	assert_int_equal(fault_set(&fault, -EINVAL, "%s: %d", "eth0", 7), -EINVAL);
	assert_string_equal(fault.text, "eth0: 7");
	assert_int_equal(fault_set(NULL, -ENOENT, "nobody listens"), -ENOENT);
}

static void a_fault_may_wrap_itself(void **state)
{
	struct fault fault;

	(void)state;
	fault_set(&fault, -EINVAL, "line 2: bad");
	fault_set(&fault, -EINVAL, "file: %s", fault.text);
	assert_string_equal(fault.text, "file: line 2: bad");
}

static void a_fault_too_long_is_cut(void **state)
{
	struct fault fault;
	char text[2 * FAULT_TEXT];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fault_set(&fault, -EINVAL, "%s", text);
	assert_int_equal(strlen(fault.text), FAULT_TEXT - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_is_level_and_message),
	        cmocka_unit_test(lines_above_the_level_are_dropped),
	        cmocka_unit_test(quoted_text_cannot_forge_a_line),
	        cmocka_unit_test(the_journal_gets_priorities_and_no_time_stamps),
	        cmocka_unit_test(a_time_stamp_is_utc_with_milliseconds),
	        cmocka_unit_test(a_line_too_long_is_cut_and_still_ends),
	        cmocka_unit_test(logging_keeps_errno),
	        cmocka_unit_test(lines_of_several_threads_do_not_mix),
	        cmocka_unit_test(a_fault_returns_the_error_and_keeps_the_sentence),
	        cmocka_unit_test(a_fault_may_wrap_itself),
	        cmocka_unit_test(a_fault_too_long_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

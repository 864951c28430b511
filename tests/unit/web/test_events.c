// SPDX-License-Identifier: MIT
/* The ring that readers of /events share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "web/events.h"

static struct events events;
static char buffer[EVENTS_ROOM];

static int set_up(void **state)
{
	(void)state;
	return events_init(&events);
}

static int tear_down(void **state)
{
	(void)state;
	events_clear(&events);
	return 0;
}

/* What the reader is given next, as text. */
static const char *next(struct events_reader *reader)
{
	size_t length = events_read(reader, buffer, sizeof(buffer) - 1);

	buffer[length] = '\0';
	return buffer;
}

static void open_reader(struct events_reader *reader)
{
	assert_true(events_open(reader, &events, 2));
	assert_non_null(strstr(next(reader), "retry: "));
}

static void each_reader_gets_what_comes_after_it(void **state)
{
	struct events_reader early, late;

	(void)state;
	open_reader(&early);
	events_publish(&events, "change", "{\"a\":1}");
	open_reader(&late);
	events_publish(&events, "alert", "{\"b\":2}");
	assert_string_equal(next(&early), "event: change\ndata: {\"a\":1}\n\n"
	                                  "event: alert\ndata: {\"b\":2}\n\n");
	assert_string_equal(next(&late), "event: alert\ndata: {\"b\":2}\n\n");
	events_close(&early);
	events_close(&late);
}

static void events_are_given_whole(void **state)
{
	struct events_reader reader;
	char line[EVENTS_ROOM / 2];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	open_reader(&reader);
	events_publish(&events, "change", line);
	events_publish(&events, "change", line);
	for (int i = 0; i < 2; i++) {
		const char *text = next(&reader);

		assert_int_equal(strncmp(text, "event: change\ndata: x", 21), 0);
		assert_string_equal(text + strlen(text) - 3, "x\n\n");
	}
	events_close(&reader);
}

/* A full ring goes in a fraction of the time that a pause between its pieces would take. */
static void a_backlog_is_given_without_pauses(void **state)
{
	struct events_reader reader;
	struct timespec begun, ended;
	size_t given = 0;

	(void)state;
	open_reader(&reader);
	for (int i = 0; i < EVENTS_MAX; i++)
		events_publish(&events, "change", "{\"address\":\"10.0.0.1\",\"note\":\"a note\"}");
	clock_gettime(CLOCK_MONOTONIC, &begun);
	while (reader.next < events.next - 64)
		given += strlen(next(&reader));
	clock_gettime(CLOCK_MONOTONIC, &ended);
	assert_true(given > 100 * EVENTS_ROOM);
	assert_true(ended.tv_sec - begun.tv_sec < 3);
	events_close(&reader);
}

static void a_reader_that_is_overtaken_is_dropped(void **state)
{
	struct events_reader slow, other;
	uint64_t dropped;
	unsigned readers;

	(void)state;
	open_reader(&slow);
	for (int i = 0; i <= EVENTS_MAX; i++)
		events_publish(&events, "change", "{}");
	open_reader(&other);
	assert_non_null(strstr(next(&slow), "event: dropped\n"));
	assert_string_equal(next(&slow), "");
	events_count(&events, &readers, &dropped);
	assert_int_equal(readers, 2);
	assert_int_equal(dropped, 1);
	events_publish(&events, "change", "{}");
	assert_string_equal(next(&other), "event: change\ndata: {}\n\n");
	events_close(&slow);
	events_close(&other);
}

static void the_ring_is_bounded_in_bytes(void **state)
{
	char line[EVENTS_LINE - 10];

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 3 * EVENTS_BYTES / EVENTS_LINE; i++)
		events_publish(&events, "change", line);
	assert_in_range(events.bytes, EVENTS_BYTES / 2, EVENTS_BYTES);
}

/* Its readers are told, as of any gap. */
static void an_event_that_is_too_long_is_left_out(void **state)
{
	char line[EVENTS_LINE + 1];
	struct events_reader reader;

	(void)state;
	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	open_reader(&reader);
	events_publish(&events, "change", line);
	assert_non_null(strstr(next(&reader), "event: dropped\n"));
	events_close(&reader);
}

static void readers_are_limited(void **state)
{
	struct events_reader reader[3];

	(void)state;
	assert_true(events_open(&reader[0], &events, 2));
	assert_true(events_open(&reader[1], &events, 2));
	assert_false(events_open(&reader[2], &events, 2));
	events_close(&reader[0]);
	assert_true(events_open(&reader[2], &events, 2));
	events_close(&reader[1]);
	events_close(&reader[2]);
}

static void *read_to_end(void *given)
{
	char mine[EVENTS_ROOM];

	while (events_read(given, mine, sizeof(mine)) > 0)
		;
	return NULL;
}

static void a_stop_ends_readers_that_wait(void **state)
{
	struct events_reader reader;
	pthread_t thread;

	(void)state;
	open_reader(&reader);
	assert_int_equal(pthread_create(&thread, NULL, read_to_end, &reader), 0);
	events_stop(&events);
	assert_int_equal(pthread_join(thread, NULL), 0);
	events_close(&reader);
	assert_false(events_open(&reader, &events, 2));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(each_reader_gets_what_comes_after_it),
	        TEST(events_are_given_whole),
	        TEST(a_backlog_is_given_without_pauses),
	        TEST(a_reader_that_is_overtaken_is_dropped),
	        TEST(the_ring_is_bounded_in_bytes),
	        TEST(an_event_that_is_too_long_is_left_out),
	        TEST(readers_are_limited),
	        TEST(a_stop_ends_readers_that_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

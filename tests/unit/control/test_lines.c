/* SPDX-License-Identifier: MIT */
/* Framing: lines out of a stream, whatever the pieces it comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "control/lines.h"

#define LIMIT ((size_t)100)

static size_t feed_bytes(struct lines *lines, const char *bytes, size_t length)
{
	size_t room = 0;
	char *place = lines_room(lines, LIMIT, &room);

	if (!place)
		return 0;
	length = length < room ? length : room;
	memcpy(place, bytes, length);
	lines_add(lines, length);
	return length;
}

/* As a read of at most `most` bytes. Returns how many there was room for. */
static size_t feed(struct lines *lines, const char *text, size_t most)
{
	return feed_bytes(lines, text, strnlen(text, most));
}

static void expect_line(struct lines *lines, const char *wanted)
{
	size_t length = 0;
	const char *line = lines_next(lines, &length);

	assert_non_null(line);
	assert_int_equal(length, strlen(wanted));
	assert_memory_equal(line, wanted, length);
}

static void lines_come_whole_from_pieces_of_any_size(void **state)
{
	static const char text[] = "one\n\nthree is longer\nfour\nand a beginning";

	(void)state;
	for (size_t piece = 1; piece <= sizeof(text); piece++) {
		static const char *const wanted[] = {"one", "", "three is longer", "four"};
		struct lines lines = {.text = NULL};
		size_t at = 0, length, seen = 0;

		while (text[at]) {
			at += feed(&lines, text + at, piece);
			while (lines_ready(&lines))
				expect_line(&lines, wanted[seen++]);
			assert_null(lines_next(&lines, &length));
		}
		assert_int_equal(seen, 4);
		assert_false(lines_overflow(&lines, LIMIT));
		lines_clear(&lines);
	}
}

static void a_line_of_the_limit_is_taken_and_a_longer_one_is_not(void **state)
{
	struct lines lines = {.text = NULL};
	char text[3 * LIMIT];
	size_t length;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[LIMIT] = '\n';
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(feed(&lines, text, SIZE_MAX), LIMIT + 1);
	assert_non_null(lines_next(&lines, &length));
	assert_int_equal(length, LIMIT);
	assert_false(lines_overflow(&lines, LIMIT));

	text[LIMIT] = 'x';
	assert_int_equal(feed(&lines, text, SIZE_MAX), LIMIT + 1);
	assert_null(lines_next(&lines, &length));
	assert_true(lines_overflow(&lines, LIMIT));
	assert_int_equal(feed(&lines, text, SIZE_MAX), 0); /* no room */
	lines_clear(&lines);
}

static void memory_does_not_grow_with_the_stream(void **state)
{
	struct lines lines = {.text = NULL};
	size_t length;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		feed(&lines, "a line that ends\nand one that beg", SIZE_MAX);
		feed(&lines, "ins later\n", SIZE_MAX);
		expect_line(&lines, "a line that ends");
		expect_line(&lines, "and one that begins later");
		assert_null(lines_next(&lines, &length));
		assert_true(lines.room <= 2 * (LIMIT + 1));
	}
	lines_clear(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(lines_come_whole_from_pieces_of_any_size),
	        cmocka_unit_test(a_line_of_the_limit_is_taken_and_a_longer_one_is_not),
	        cmocka_unit_test(memory_does_not_grow_with_the_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

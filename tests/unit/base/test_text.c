// SPDX-License-Identifier: MIT
/* Text for people: what is fine, and what becomes of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define RAECK                                                                                      \
	"R\xc3\xa4"                                                                                \
	"ck"

static void assert_mended(const char *text, const char *expected)
{
	char copy[64];

	strcpy(copy, text);
	text_mend(copy);
	assert_string_equal(copy, expected);
}

static void what_is_text_stays(void **state)
{
	(void)state;
	assert_null(text_reason(RAECK, strlen(RAECK)));
	assert_mended(RAECK "\n\xe2\x82\xac \xf0\x9f\x90\xa2",
	              RAECK "\n\xe2\x82\xac \xf0\x9f\x90\xa2");
	assert_mended("", "");
}

static void what_is_not_text_becomes_a_question_mark(void **state)
{
	(void)state;
	assert_non_null(text_reason("a\x1b[31m", 6));
	assert_mended("a\x1b[31m \xff line\t", "a?[31m ? line?");
	/* A C1 control, a surrogate, a line separator, more bytes than necessary. */
	assert_mended("\xc2\x9b"
	              "a \xed\xa0\x80 \xe2\x80\xa8 \xc0\xaf.",
	              "??a ??? ??? ??.");
	assert_mended("\xe2\x82z", "??z");
}

static void a_character_that_was_cut_off_goes(void **state)
{
	(void)state;
	assert_mended("a\xc3", "a");
	assert_mended("a\xe2\x82", "a");
	assert_mended("a\xf0\x9f\x90", "a");
	assert_mended("\x82\xf0", "?");
}

/* Any bytes: what is left is text, line by line, and nothing was added. */
static void whatever_comes_text_is_left(void **state)
{
	unsigned seed = 20261127;

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		char text[16], copy[16];
		size_t length = (size_t)rand_r(&seed) % sizeof(text);

		for (size_t i = 0; i < length; i++)
			text[i] = (char)(rand_r(&seed) % 4 ? 0x80 | rand_r(&seed) : rand_r(&seed));
		text[length] = '\0';
		strcpy(copy, text);
		text_mend(copy);
		assert_true(strlen(copy) <= strlen(text));
		for (char *line = copy; *line;) {
			size_t part = strcspn(line, "\n");

			assert_null(text_reason(line, part));
			line += part + (line[part] == '\n');
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_text_stays),
	        cmocka_unit_test(what_is_not_text_becomes_a_question_mark),
	        cmocka_unit_test(a_character_that_was_cut_off_goes),
	        cmocka_unit_test(whatever_comes_text_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

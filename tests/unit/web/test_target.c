// SPDX-License-Identifier: MIT
/* Targets of requests: what is decoded, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "web/target.h"

static struct target target;
static struct fault fault;

static int parse(const char *line)
{
	target_clear(&target);
	fault.text[0] = '\0';
	return target_parse(&target, line, &fault);
}

static void refuse(const char *line, int error, const char *text)
{
	assert_int_equal(parse(line), error);
	assert_non_null(strstr(fault.text, text));
}

static void parameters_are_decoded(void **state)
{
	(void)state;
	assert_int_equal(parse("/api/v1/table?prefix=10.0.0.0%2F24&q=rack+3%2C%20k%C3%A4se&state="),
	                 0);
	assert_string_equal(target.path, "/api/v1/table");
	assert_string_equal(target_find(&target, "prefix"), "10.0.0.0/24");
	assert_string_equal(target_find(&target, "q"), "rack 3, k\xc3\xa4se");
	assert_string_equal(target_find(&target, "state"), "");
	assert_null(target_find(&target, "mac"));
	assert_int_equal(parse("/a%20b+c"), 0);
	assert_string_equal(target.path, "/a b+c");
	assert_int_equal(parse("/?&&q=1&"), 0);
	assert_int_equal(target.count, 1);
	assert_int_equal(parse("/?q"), 0);
	assert_string_equal(target_find(&target, "q"), "");
}

static void what_is_not_a_target_is_refused(void **state)
{
	(void)state;
	refuse("", -EINVAL, "'/'");
	refuse("http://evil.example/", -EINVAL, "'/'");
	refuse("/%", -EINVAL, "%");
	refuse("/%4", -EINVAL, "%");
	refuse("/%zz", -EINVAL, "%");
	refuse("/%00", -EINVAL, "%");
	refuse("/%0a", -EINVAL, "the path");
	refuse("/?q=%00", -EINVAL, "q has a '%'");
	refuse("/?q=%ff", -EINVAL, "q is not valid UTF-8");
	refuse("/?q=%1b[31m", -EINVAL, "q ");
	refuse("/?Q=1", -EINVAL, "lower-case");
	refuse("/?=1", -EINVAL, "lower-case");
	refuse("/?a%62=1", -EINVAL, "lower-case");
	refuse("/?q=1&q=2", -EINVAL, "q is given twice");
	refuse("/?abcdefghijklmnopqrstuvwxyz=1", -EINVAL, "at most");
}

static void what_is_too_long_is_refused(void **state)
{
	char line[TARGET_MOST + 2];

	(void)state;
	memset(line, 'a', sizeof(line));
	line[0] = '/';
	line[sizeof(line) - 1] = '\0';
	refuse(line, -E2BIG, "4096 bytes");
	line[sizeof(line) - 2] = '\0';
	refuse(line, -EINVAL, "longer than 512");
	line[TARGET_VALUE] = '\0';
	assert_int_equal(parse(line), 0);
	strcpy(line, "/?");
	for (int name = 'a'; name <= 'y'; name++)
		sprintf(line + strlen(line), "%c=1&", name);
	refuse(line, -EINVAL, "more than 24");
}

static int tear_down(void **state)
{
	(void)state;
	target_clear(&target);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(parameters_are_decoded),
	        cmocka_unit_test(what_is_not_a_target_is_refused),
	        cmocka_unit_test(what_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}

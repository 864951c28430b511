/* SPDX-License-Identifier: MIT */
/* Where entries live in the tree, and what may be called a segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"

#define NAME_63 "a23456789b123456789c123456789d123456789e123456789f123456789g123"
#define NAME_64 "a23456789b123456789c123456789d123456789e123456789f123456789g1234"

static void a_path_repeats_the_address_level_by_level(void **state)
{
	char path[ENTRY_PATH_MAX];

	(void)state;
	assert_string_equal(entry_path(path, "lan", address_v4(0x0a000311)),
	                    "lan/10.0/10.0.3/10.0.3.17");
	assert_string_equal(entry_path(path, NAME_63, address_v4(UINT32_MAX)),
	                    NAME_63 "/255.255/255.255.255/255.255.255.255");
	assert_true(strlen(path) < ENTRY_PATH_MAX);
}

static void any_address_survives_its_path_and_back(void **state)
{
	char path[ENTRY_PATH_MAX], segment[SEGMENT_NAME_MAX + 1];
	struct fault fault;

	(void)state;
	srandom(3);
	for (int i = 0; i < 10000; i++) {
		struct address address = address_v4((uint32_t)random() * 3u), parsed;

		entry_path(path, i % 2 ? "lan" : NAME_63, address);
		if (entry_path_parse(segment, &parsed, path, &fault) < 0)
			fail_msg("%s: %s", path, fault.text);
		assert_true(address_equal(parsed, address));
		assert_string_equal(segment, i % 2 ? "lan" : NAME_63);
	}
}

static void a_path_that_is_not_an_entrys_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *path, *reason;
	} bad[] = {
	        {"", "path is neither <segment>/<a.b>/<a.b.c>/<a.b.c.d>"},
	        {"README.md", "path is neither <segment>"},
	        {"lan", "path is neither <segment>"},
	        {"lan/10.0/10.0.3", "path is neither <segment>"},
	        {"lan/10.0.3.17", "path is neither <segment>"},
	        {"lan/10.0/10.0.3/10.0.3.17/x", "path is neither <segment>"},
	        {"lan/10.0/10.0.3/10.0.3.17/", "path is neither <segment>"},
	        {"/10.0/10.0.3/10.0.3.17", "'' is not a segment's name"},
	        {"-lan/10.0/10.0.3/10.0.3.17", "'-lan' is not a segment's name"},
	        {"la n/10.0/10.0.3/10.0.3.17", "'la n' is not a segment's name"},
	        {NAME_64 "/10.0/10.0.3/10.0.3.17", "is not a segment's name"},
	        {"lan/10.0/10.0.3/10.0.3.017", "'10.0.3.017' is neither an IPv4 address"},
	        {"lan/10.0/10.0.3/notes", "'notes' is neither an IPv4 address"},
	        {"lan/10.0/10.0.3/", "'' is neither an IPv4 address"},
	        {"lan/10.0/10.0.4/10.0.3.17", "should be lan/10.0/10.0.3/10.0.3.17"},
	        {"lan/10.1/10.0.3/10.0.3.17", "should be lan/10.0/10.0.3/10.0.3.17"},
	        {"lan//10.0.3/10.0.3.17", "should be lan/10.0/10.0.3/10.0.3.17"},
	        {"lan/10.0/10.00.3/10.0.3.17", "should be lan/10.0/10.0.3/10.0.3.17"},
	};
	char segment[SEGMENT_NAME_MAX + 1];
	struct fault fault;
	struct address address;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (entry_path_parse(segment, &address, bad[i].path, &fault) != -EINVAL)
			fail_msg("taken: %s", bad[i].path);
		if (!strstr(fault.text, bad[i].reason))
			fail_msg("%s: %s", bad[i].path, fault.text);
	}
}

static void a_segment_is_a_name_that_git_and_people_can_use(void **state)
{
	static const char *const good[] = {"lan",      "a",    "0",    "LAN-2_b.c",
	                                   "a.lock.b", "lock", NAME_63};
	static const char *const bad[] = {
	        "",    ".",      "..",    ".git",      "-x", "_x", "a/b", "a b",   "a\nb",
	        "a:b", "x.lock", ".lock", "a\xc3\xa4", "a~", "a^", "a*",  NAME_64, "README.md"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!segment_name_is_valid(good[i]))
			fail_msg("'%s' is refused", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (segment_name_is_valid(bad[i]))
			fail_msg("'%s' is taken", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_path_repeats_the_address_level_by_level),
	        cmocka_unit_test(any_address_survives_its_path_and_back),
	        cmocka_unit_test(a_path_that_is_not_an_entrys_is_refused_with_the_reason),
	        cmocka_unit_test(a_segment_is_a_name_that_git_and_people_can_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

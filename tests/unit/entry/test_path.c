/* SPDX-License-Identifier: MIT */
/* Where entries live in the tree, and what may be called a segment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
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

static struct address address_of(const char *text)
{
	struct address address;

	if (address_parse(&address, text) < 0)
		fail_msg("'%s' is not an address", text);
	return address;
}

static void an_ipv6_path_has_the_network_the_last_byte_and_the_address(void **state)
{
	static const struct {
		const char *address, *path;
	} known[] = {
	        {"2001:db8:0:7::11f", "lan/2001-db8-0-7/1f/2001-db8-0-7--11f"},
	        {"2001:db8:0:7::", "lan/2001-db8-0-7/00/2001-db8-0-7--"},
	        {"2001:db8::1", "lan/2001-db8/01/2001-db8--1"},
	        {"2001::7:0:0:0:1", "lan/2001-0-0-7/01/2001-0-0-7--1"},
	        {"1:0:0:4:5:6:7:8", "lan/1-0-0-4/08/1--4-5-6-7-8"},
	        {"fe80::50:2aff:fe16:6d01", "lan/fe80/01/fe80--50-2aff-fe16-6d01"},
	        {"::1:0:0:0:1", "lan/0-0-0-1/01/--1-0-0-0-1"},
	        {"::abc0", "lan/0/c0/--abc0"},
	        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	         "lan/ffff-ffff-ffff-ffff/ff/ffff-ffff-ffff-ffff-ffff-ffff-ffff-ffff"},
	};
	char path[ENTRY_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_string_equal(entry_path(path, "lan", address_of(known[i].address)),
		                    known[i].path);
	entry_path(path, NAME_63, (struct address){UINT64_MAX, UINT64_MAX});
	assert_int_equal(strlen(path), ENTRY_PATH_MAX - 1);
}

/* With runs of zeros, which the short spelling leaves out. */
static struct address any_ipv6(void)
{
	struct address address = {0};

	do {
		uint64_t *half[] = {&address.high, &address.low};

		for (int group = 0; group < 8; group++) {
			uint64_t value = (uint64_t)random() & (random() % 2 ? 0xffff : 0xf);

			*half[group / 4] = *half[group / 4] << 16 | (random() % 2 ? value : 0);
		}
	} while (address_is_v4(address));
	return address;
}

static void any_ipv6_address_survives_its_path_and_back(void **state)
{
	char path[ENTRY_PATH_MAX], segment[SEGMENT_NAME_MAX + 1];
	struct fault fault;

	(void)state;
	srandom(6);
	for (int i = 0; i < 100000; i++) {
		struct address address = any_ipv6(), parsed;

		entry_path(path, i % 2 ? "lan" : NAME_63, address);
		if (entry_path_parse(segment, &parsed, path, &fault) < 0)
			fail_msg("%s: %s", path, fault.text);
		assert_true(address_equal(parsed, address));
		assert_string_equal(segment, i % 2 ? "lan" : NAME_63);
	}
}

/* Whatever one byte of a path becomes, it leads to another address, or is refused. */
static void an_ipv6_address_has_one_path(void **state)
{
	static const char letters[] = "0123456789abcdefABCDEF-:./g ";
	char path[ENTRY_PATH_MAX], again[ENTRY_PATH_MAX], segment[SEGMENT_NAME_MAX + 1];
	struct fault fault;

	(void)state;
	srandom(7);
	for (int i = 0; i < 20000; i++) {
		struct address address = any_ipv6(), parsed;
		size_t at;

		entry_path(path, "lan", address);
		at = strlen("lan/") + (size_t)random() % (strlen(path) - strlen("lan/"));
		path[at] = letters[(size_t)random() % (sizeof(letters) - 1)];
		if (entry_path_parse(segment, &parsed, path, &fault) == 0)
			assert_string_equal(entry_path(again, segment, parsed), path);
		else
			assert_true(fault.text[0]);
	}
}

/* Of every address, every other network and last byte, and the right path is named. */
static void the_directories_of_another_ipv6_address_are_refused(void **state)
{
	char path[ENTRY_PATH_MAX], wrong[2 * ENTRY_PATH_MAX], other[ENTRY_PATH_MAX];
	char segment[SEGMENT_NAME_MAX + 1], should[ENTRY_PATH_MAX + 32];
	struct fault fault;

	(void)state;
	srandom(8);
	for (int i = 0; i < 20000; i++) {
		struct address address = any_ipv6(), foreign = any_ipv6(), parsed;
		const char *name, *folders;

		entry_path(path, "lan", address);
		entry_path(other, "lan", foreign);
		name = strrchr(path, '/');
		folders = strrchr(other, '/');
		snprintf(wrong, sizeof(wrong), "%.*s%s", (int)(folders - other), other, name);
		snprintf(should, sizeof(should), "the path should be %s", path);
		if (strcmp(wrong, path) == 0)
			continue;
		assert_int_equal(entry_path_parse(segment, &parsed, wrong, &fault), -EINVAL);
		assert_non_null(strstr(fault.text, should));
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
	        {"lan/2001-db8-0-7/1F/2001-db8-0-7--11f",
	         "should be lan/2001-db8-0-7/1f/2001-db8-0-7--11f"},
	        {"lan/2001-db8-0-7/1f/2001-db8-0-7--11F",
	         "is not spelled as in RFC 5952, with dashes for colons; the path should be "
	         "lan/2001-db8-0-7/1f/2001-db8-0-7--11f"},
	        {"lan/2001-db8-0-7/1f/2001-db8-0-7-0-0-0-11f",
	         "should be lan/2001-db8-0-7/1f/2001"},
	        {"lan/2001-db8-0-7/1f/2001:db8:0:7::11f", "should be lan/2001-db8-0-7/1f/2001-db8"},
	        {"lan/2001:db8:0:7/1f/2001-db8-0-7--11f", "should be lan/2001-db8-0-7/1f/2001-db8"},
	        {"lan/2001-db8-0-7--/1f/2001-db8-0-7--11f", "should be lan/2001-db8-0-7/1f/2001"},
	        {"lan/2001-db8-0/1f/2001-db8-0-7--11f", "should be lan/2001-db8-0-7/1f/2001-db8"},
	        {"lan/2001-db8-0-0/01/2001-db8--1", "should be lan/2001-db8/01/2001-db8--1"},
	        {"lan/fe80/01/fe80--1%eth0", "nor an IPv6 address with dashes for colons"},
	        {"lan/fe80/01/fe80-1", "nor an IPv6 address"},
	        {"lan/10.0/10.0.3/--ffff-a00-311", "nor an IPv6 address"},
	        {"lan/10.0/10.0.3/--ffff-10.0.3.17", "nor an IPv6 address"},
	        {"lan/0/01/0000-0000-0000-0000-0000-0000-0000-00001", "nor an IPv6 address"},
	        {"lan/2001-db8-0-7/2001-db8-0-7--11f",
	         "nor one of IPv6, such as lan/2001-db8-0-7/1f"},
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
	        cmocka_unit_test(an_ipv6_path_has_the_network_the_last_byte_and_the_address),
	        cmocka_unit_test(any_ipv6_address_survives_its_path_and_back),
	        cmocka_unit_test(an_ipv6_address_has_one_path),
	        cmocka_unit_test(the_directories_of_another_ipv6_address_are_refused),
	        cmocka_unit_test(a_path_that_is_not_an_entrys_is_refused_with_the_reason),
	        cmocka_unit_test(a_segment_is_a_name_that_git_and_people_can_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

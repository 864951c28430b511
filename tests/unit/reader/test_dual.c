/* SPDX-License-Identifier: MIT */
/* Entries of both families are read by address, by prefix and outside of the configuration; of a
 * prefix only its folder is read. */
#include "repository.h"

#include <errno.h>

#include "reader/compare.h"
#include "reader/reader.h"

#define MAC "02:00:00:00:00:01"

static const char *const paths[] = {
        "lan/10.0/10.0.3/10.0.3.9",
        "lan/10.0/10.0.3/10.0.3.17",
        "lan/10.0/10.0.20/10.0.20.1",
        "lan/2001-db8-0-7/ff/2001-db8-0-7--ff",
        "lan/2001-db8-0-7/01/2001-db8-0-7--101",
        "lan/2001-db8-0-7/1f/2001-db8-0-7-1--11f",
        "lan/2001-db8-0-10/05/2001-db8-0-10--5",
        "lan/fe80/01/fe80--1",
};

/* By address: neither as git sorts them, nor by their last byte. */
#define IN_ORDER                                                                                   \
	"10.0.3.9 10.0.3.17 10.0.20.1 2001:db8:0:7::ff 2001:db8:0:7::101 2001:db8:0:7:1::11f "     \
	"2001:db8:0:10::5 fe80::1 "

static int dual_open(void **state)
{
	const struct sandbox *sandbox;

	assert_int_equal(sandbox_open(state), 0);
	sandbox = *state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		entry(sandbox, paths[i], MAC, "static");
	shell_ok(sandbox, "git -C ../r.git config --add arpkeeper-segment.lan.prefix 2001:db8::/32 "
	                  "&& git -C ../r.git config --add arpkeeper-segment.lan.prefix fe80::/64 "
	                  "&& git commit -qm both && git push -q origin main");
	return 0;
}

static struct reader *open_it(const struct sandbox *sandbox)
{
	struct reader *reader;
	struct fault fault = {""};

	assert_int_equal(reader_open(&reader, sandbox->origin, &fault), 0);
	return reader;
}

static void add(char *text, struct address address)
{
	char one[ADDRESS_TEXT];

	sprintf(text + strlen(text), "%s ", address_format(one, address));
}

static int add_entry(void *context, const struct reader_entry *found)
{
	add(context, found->address);
	return 0;
}

static void fail_at(void *context, const char *path, const char *reason)
{
	(void)context;
	fail_msg("%s: %s", path, reason);
}

static int add_difference(void *context, const char *segment, struct address address,
                          const struct entry *before, const struct entry *after)
{
	assert_string_equal(segment, "lan");
	assert_null(before);
	assert_non_null(after);
	add(context, address);
	return 0;
}

static void entries_are_read_by_address(void **state)
{
	struct reader *reader = open_it(*state);
	char text[1024] = "";
	struct fault fault = {""};
	const struct reader_entries wanted = {
	        .handle = add_entry, .problem = fail_at, .context = text};

	assert_int_equal(reader_entries(reader, &wanted, &fault), 0);
	assert_string_equal(text, IN_ORDER);
	assert_int_equal(reader_check(reader, fail_at, NULL, &fault),
	                 sizeof(paths) / sizeof(*paths));
	reader_close(reader);
}

static void expect_prefix(struct reader *reader, const char *asked, const char *segment,
                          const char *expected)
{
	struct reader_moment moment;
	struct fault fault = {""};
	struct prefix prefix;
	char text[1024] = "";

	assert_int_equal(prefix_parse(&prefix, asked, &fault), 0);
	assert_int_equal(reader_at(reader, &moment, time(NULL), &fault), 0);
	assert_int_equal(
	        reader_diff(reader, NULL, &moment, &prefix, segment, add_difference, text, &fault),
	        0);
	assert_string_equal(text, expected);
}

static void a_prefix_of_any_length_has_what_it_contains(void **state)
{
	struct reader *reader = open_it(*state);

	for (int named = 0; named < 2; named++) {
		const char *segment = named ? "lan" : NULL;

		expect_prefix(reader, "10.0.3.17", segment, "10.0.3.17 ");
		expect_prefix(reader, "10.0.3.16/28", segment, "10.0.3.17 ");
		expect_prefix(reader, "10.0.3.0/24", segment, "10.0.3.17 10.0.3.9 ");
		expect_prefix(reader, "10.0.0.0/20", segment, "10.0.3.17 10.0.3.9 ");
		expect_prefix(reader, "10.0.0.0/16", segment, "10.0.20.1 10.0.3.17 10.0.3.9 ");
		expect_prefix(reader, "10.0.0.0/8", segment, "10.0.20.1 10.0.3.17 10.0.3.9 ");
		expect_prefix(reader, "0.0.0.0/0", segment, "10.0.20.1 10.0.3.17 10.0.3.9 ");
		expect_prefix(reader, "2001:db8:0:7::101", segment, "2001:db8:0:7::101 ");
		expect_prefix(reader, "2001:db8:0:7::/120", segment, "2001:db8:0:7::ff ");
		expect_prefix(reader, "2001:db8:0:7::/80", segment,
		              "2001:db8:0:7::101 2001:db8:0:7::ff ");
		expect_prefix(reader, "2001:db8:0:7::/64", segment,
		              "2001:db8:0:7::101 2001:db8:0:7:1::11f 2001:db8:0:7::ff ");
		expect_prefix(reader, "2001:db8::/59", segment,
		              "2001:db8:0:10::5 2001:db8:0:7::101 2001:db8:0:7:1::11f "
		              "2001:db8:0:7::ff ");
		expect_prefix(reader, "fe80::/10", segment, "fe80::1 ");
		expect_prefix(reader, "fe80::2", segment, "");
		expect_prefix(reader, "2001:db8:0:8::/64", segment, "");
		expect_prefix(reader, "2001:db8:0:7::/64", "dmz", "");
	}
	reader_close(reader);
}

static int add_path(void *context, const struct tree_difference *difference)
{
	sprintf((char *)context + strlen(context), "%s ", difference->path);
	return 0;
}

/* What lies beside a prefix's folder is not even looked at. */
static void of_a_prefix_only_its_folder_is_compared(void **state)
{
	const struct sandbox *sandbox = *state;
	git_repository *repository;
	git_object *tree;
	struct prefix prefix;
	struct fault fault;
	char text[1024] = "";

	git_libgit2_init();
	assert_int_equal(git_repository_open(&repository, sandbox->origin), 0);
	assert_int_equal(git_revparse_single(&tree, repository, "main^{tree}"), 0);
	assert_int_equal(prefix_parse(&prefix, "2001:db8:0:7::/96", &fault), 0);
	assert_int_equal(reader_compare(repository, NULL, git_object_id(tree), &prefix, "lan",
	                                add_path, text),
	                 0);
	assert_string_equal(text, "lan/2001-db8-0-7/01/2001-db8-0-7--101 "
	                          "lan/2001-db8-0-7/1f/2001-db8-0-7-1--11f "
	                          "lan/2001-db8-0-7/ff/2001-db8-0-7--ff ");
	text[0] = '\0';
	assert_int_equal(prefix_parse(&prefix, "10.0.3.0/25", &fault), 0);
	assert_int_equal(reader_compare(repository, NULL, git_object_id(tree), &prefix, NULL,
	                                add_path, text),
	                 0);
	assert_string_equal(text, "lan/10.0/10.0.3/10.0.3.17 lan/10.0/10.0.3/10.0.3.9 ");
	git_object_free(tree);
	git_repository_free(repository);
	git_libgit2_shutdown();
}

static void a_folder_of_no_configured_prefix_is_outside(void **state)
{
	const struct sandbox *sandbox = *state;
	char text[1024] = "";
	struct reader *reader;
	struct fault fault = {""};

	shell_ok(sandbox, "git -C ../r.git config --unset arpkeeper-segment.lan.prefix db8 && "
	                  "git -C ../r.git config --add arpkeeper-segment.lan.prefix "
	                  "2001:db8:0:7::/112");
	reader = open_it(sandbox);
	assert_int_equal(reader_outside(reader, true, add_entry, text, &fault), 0);
	assert_string_equal(text, "2001:db8:0:10::5 2001:db8:0:7:1::11f ");
	reader_close(reader);
}

static void note_problem(void *context, const char *path, const char *reason)
{
	sprintf(context, "%s: %s", path, reason);
}

static void a_file_in_the_wrong_folder_is_named(void **state)
{
	const struct sandbox *sandbox = *state;
	char text[1024] = "";
	struct fault fault = {""};
	struct reader *reader;

	shell_ok(sandbox, "mkdir lan/fe80/02 && git mv lan/fe80/01/fe80--1 lan/fe80/02/ && "
	                  "git commit -qm moved && git push -q origin main");
	reader = open_it(sandbox);
	expect_prefix(reader, "fe80::1", NULL, "");
	assert_int_equal(reader_check(reader, note_problem, text, &fault),
	                 sizeof(paths) / sizeof(*paths) - 1);
	assert_non_null(strstr(text, "lan/fe80/02/fe80--1: "));
	assert_non_null(strstr(text, "should be lan/fe80/01/fe80--1"));
	reader_close(reader);
}

static int add_event(void *context, const struct reader_event *event)
{
	char mac[MAC_TEXT];

	add(context, event->address);
	strcat(context, event->after ? mac_format(mac, event->after->mac) + 15 : "gone");
	strcat(context, "; ");
	return 0;
}

static void expect_log(struct reader *reader, const struct reader_query *query,
                       const char *expected)
{
	char text[1024] = "";
	struct fault fault = {""};

	assert_int_equal(reader_log(reader, query, add_event, text, &fault), 0);
	assert_string_equal(text, expected);
}

static void lives_are_told_by_address_mac_and_prefix(void **state)
{
	const struct sandbox *sandbox = *state;
	const struct mac mac = {{2, 0, 0, 0, 0, 2}};
	struct prefix prefix;
	struct fault fault;
	struct reader *reader;

	entry(sandbox, paths[4], "02:00:00:00:00:02", "static");
	shell_ok(sandbox,
	         "git commit -qm 'another MAC' && git rm -q %s && git commit -qm gone && "
	         "git push -q origin main",
	         paths[3]);
	reader = open_it(sandbox);
	assert_int_equal(prefix_parse(&prefix, "2001:db8:0:7::101", &fault), 0);
	expect_log(reader, &(struct reader_query){.address = &prefix.network},
	           "2001:db8:0:7::101 02; 2001:db8:0:7::101 01; ");
	expect_log(reader, &(struct reader_query){.mac = &mac}, "2001:db8:0:7::101 02; ");
	assert_int_equal(prefix_parse(&prefix, "2001:db8:0:7::/112", &fault), 0);
	expect_log(reader, &(struct reader_query){.prefix = &prefix},
	           "2001:db8:0:7::ff gone; 2001:db8:0:7::101 02; 2001:db8:0:7::101 01; "
	           "2001:db8:0:7::ff 01; ");
	reader_close(reader);
}

#define DUAL(test) cmocka_unit_test_setup_teardown(test, dual_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        DUAL(entries_are_read_by_address),
	        DUAL(a_prefix_of_any_length_has_what_it_contains),
	        DUAL(of_a_prefix_only_its_folder_is_compared),
	        DUAL(a_folder_of_no_configured_prefix_is_outside),
	        DUAL(a_file_in_the_wrong_folder_is_named),
	        DUAL(lives_are_told_by_address_mac_and_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

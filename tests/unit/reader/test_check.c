/* SPDX-License-Identifier: MIT */
/* A repository is checked as the hook judges a push. */
#include "repository.h"

#include <errno.h>

#include "reader/reader.h"

#define A "lan/10.0/10.0.3/10.0.3.17"
#define B "lan/10.0/10.0.3/10.0.3.18"

#define MAC_1 "02:00:00:00:00:01"
#define MAC_2 "02:00:00:00:00:02"

struct found {
	unsigned problems;
	char text[512];
};

static void find(void *context, const char *path, const char *reason)
{
	struct found *found = context;

	found->problems++;
	snprintf(found->text, sizeof(found->text), "%s|%s", path, reason);
}

static int64_t check(const char *path, struct found *found, struct fault *fault)
{
	struct reader *reader;
	int64_t valid = reader_open(&reader, path, fault);

	if (valid == 0)
		valid = reader_check(reader, find, found, fault);
	reader_close(reader);
	return valid;
}

static void a_repository_is_checked(void **state)
{
	const struct sandbox *sandbox = *state;
	struct found found = {0};
	struct fault fault = {""};

	entry(sandbox, A, MAC_1, "static");
	entry(sandbox, B, MAC_2, "dynamic");
	shell_ok(sandbox, "git commit -qm change && git push -q origin main");
	assert_int_equal(check(sandbox->origin, &found, &fault), 2);
	assert_int_equal(check(sandbox->clone, &found, &fault), 2); /* a clone, too */
	assert_int_equal(found.problems, 0);
	entry(sandbox, B, MAC_2, "solid");
	shell_ok(sandbox, "git commit -qm change");
	assert_int_equal(check(sandbox->clone, &found, &fault), 1);
	assert_int_equal(found.problems, 1);
	assert_memory_equal(found.text, B "|line 2: ", strlen(B "|line 2: "));
}

static void a_repository_of_something_else_is_not_ours(void **state)
{
	const struct sandbox *sandbox = *state;
	struct found found = {0};
	struct fault fault = {""};

	assert_int_equal(check(sandbox->clone, &found, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "is not one of arpkeeper's"));
	assert_int_equal(check(sandbox->origin, &found, &fault), 0); /* ours, empty */
	shell_ok(sandbox, "git -C ../r.git config arpkeeper-segment.lan.prefix 10.0.0.1/16");
	assert_int_equal(check(sandbox->origin, &found, &fault), -EINVAL);
	assert_non_null(strstr(fault.text, "10.0.0.0/16"));
}

static int add_path(void *context, const struct reader_entry *entry)
{
	char *text = context, path[ENTRY_PATH_MAX], mac[MAC_TEXT];
	size_t length = strlen(text);

	snprintf(text + length, 512 - length, "%s %s\n",
	         entry_path(path, entry->segment, entry->address),
	         entry->entry ? mac_format(mac, entry->entry->mac) : "-");
	return 0;
}

/* Within the configuration (lan, 10.0.0.0/16), beside it in the segment, in no segment; and files
 * that are no entries. */
static void entries_outside_are_named_and_are_not_wrong(void **state)
{
	const struct sandbox *sandbox = *state;
	char text[512] = "";
	struct reader *reader;
	struct found found = {0};
	struct fault fault = {""};

	entry(sandbox, A, MAC_1, "static");
	entry(sandbox, "lan/10.1/10.1.0/10.1.0.5", MAC_2, "static");
	entry(sandbox, "dmz/192.0/192.0.2/192.0.2.7", MAC_2, "dynamic");
	shell_ok(sandbox,
	         "mkdir -p docs/a.b && echo x > docs/a.b/file && echo y > notes && git add . && "
	         "git commit -qm change && git push -q origin main");
	assert_int_equal(reader_open(&reader, sandbox->origin, &fault), 0);
	assert_int_equal(reader_outside(reader, true, add_path, text, &fault), 0);
	assert_string_equal(text, "dmz/192.0/192.0.2/192.0.2.7 " MAC_2 "\n"
	                          "lan/10.1/10.1.0/10.1.0.5 " MAC_2 "\n");
	text[0] = '\0';
	assert_int_equal(
	        reader_entries(reader,
	                       &(struct reader_entries){.handle = add_path, .context = text},
	                       &fault),
	        0);
	assert_string_equal(text, A " " MAC_1 "\n");
	reader_close(reader);
	assert_int_equal(check(sandbox->origin, &found, &fault), 1);
	assert_int_equal(found.problems, 0);
	/* A clone does not know what is configured. */
	assert_int_equal(check(sandbox->clone, &found, &fault), 3);
	/* One that is outside and invalid is wrong. */
	entry(sandbox, "dmz/192.0/192.0.2/192.0.2.7", MAC_2, "solid");
	shell_ok(sandbox, "git commit -qam change && git push -q origin main");
	assert_int_equal(check(sandbox->origin, &found, &fault), 1);
	assert_int_equal(found.problems, 1);
}

static void an_ipv6_entry_is_judged_as_one_of_ipv4(void **state)
{
	static const char host[] = "lan/2001-db8-0-7/1f/2001-db8-0-7--11f";
	static const struct {
		const char *path, *reason;
	} bad[] = {
	        {"lan/2001-db8-0-7/20/2001-db8-0-7--11f",
	         "should be lan/2001-db8-0-7/1f/2001-db8-0-7--11f"},
	        {"lan/2001-db8-0-7/00/2001-db8-0-7--",
	         "2001:db8:0:7:: is a multicast or anycast address of its prefix"},
	        {"lan/2001-db8-0-7/01/note", "nor an IPv6 address with dashes for colons"},
	};
	const struct sandbox *sandbox = *state;
	struct found found = {0};
	struct fault fault = {""};

	shell_ok(sandbox, "git -C ../r.git config --add arpkeeper-segment.lan.prefix "
	                  "2001:db8:0:7::/64");
	entry(sandbox, A, MAC_1, "static");
	entry(sandbox, host, MAC_2, "dynamic");
	entry(sandbox, "lan/2001-db8/01/2001-db8--1", MAC_2, "dynamic"); /* in no prefix */
	/* No segment, although the folder's name is hexadecimal. */
	shell_ok(sandbox, "mkdir -p docs/add/face && echo x > docs/add/face/file && git add . && "
	                  "git commit -qm change && git push -q origin main");
	assert_int_equal(check(sandbox->origin, &found, &fault), 2);
	assert_int_equal(check(sandbox->clone, &found, &fault), 3);
	assert_int_equal(found.problems, 0);
	/* A segment that has IPv6 addresses alone. */
	entry(sandbox, "dmz/fe80/5b/fe80--1-2-3-5b", MAC_2, "static");
	shell_ok(sandbox, "git commit -qam change");
	assert_int_equal(check(sandbox->clone, &found, &fault), 4);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		found = (struct found){0};
		entry(sandbox, bad[i].path, MAC_2, "static");
		shell_ok(sandbox, "git commit -qm bad && git push -q origin main");
		assert_int_equal(check(sandbox->origin, &found, &fault), 2);
		assert_int_equal(found.problems, 1);
		if (!strstr(found.text, bad[i].reason))
			fail_msg("%s", found.text);
		shell_ok(sandbox, "git rm -q '%s' && git commit -qm good", bad[i].path);
	}
}

#define CHECKED(test) cmocka_unit_test_setup_teardown(test, sandbox_open, sandbox_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        CHECKED(a_repository_is_checked),
	        CHECKED(entries_outside_are_named_and_are_not_wrong),
	        CHECKED(an_ipv6_entry_is_judged_as_one_of_ipv4),
	        CHECKED(a_repository_of_something_else_is_not_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* Ids of tasks, and the names of nodes in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "store/taskid.h"

#define NAME_63 "a23456789-123456789-123456789-123456789-123456789-123456789-123"

static void an_id_is_read_as_it_was_written(void **state)
{
	static const char *const nodes[] = {"gateway", "gw1.example.net", "a-000001",
	                                    "7",       "20261122",        NAME_63};
	char text[TASK_ID_MAX];
	struct task_id read;

	(void)state;
	for (size_t i = 0; i < sizeof(nodes) / sizeof(*nodes); i++) {
		struct task_id written = {.date = "20261122", .number = 1000017};

		strcpy(written.node, nodes[i]);
		task_id_format(text, "operator", &written);
		assert_true(task_id_parse(&read, text));
		assert_string_equal(read.node, nodes[i]);
		assert_string_equal(read.date, "20261122");
		assert_int_equal(read.number, 1000017);
	}
}

static void an_older_id_has_no_node(void **state)
{
	struct task_id read;

	(void)state;
	assert_true(task_id_parse(&read, "learn/20261122-000017"));
	assert_string_equal(read.node, "");
	assert_int_equal(read.number, 17);
}

static void other_texts_are_not_ids(void **state)
{
	static const char *const texts[] = {
	        "",
	        "learn",
	        "/20261122-000017",
	        "learn/2026112-000017",
	        "learn/202611223-000017",
	        "learn/20261122-00017",
	        "learn/20261122-0000000000000017",
	        "learn/20261122-000017x",
	        "learn/20261122--000017",
	        "learn/20261122-gate..way-000017",
	        "learn/20261122-.gate-000017",
	        "learn/20261122-ga/te-000017",
	        "learn/20261122-gate-",
	        "Learn/20261122-000017",
	        "task/learn/20261122-000017",
	};
	struct task_id read;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (task_id_parse(&read, texts[i]))
			fail_msg("'%s' is taken for an id", texts[i]);
	assert_false(task_id_parse(&read, "learn/20261122-" NAME_63 "4-000017"));
}

static void a_hosts_name_becomes_a_nodes(void **state)
{
	static const struct {
		const char *host, *node;
	} cases[] = {
	        {"gateway", "gateway"},
	        {"gw1.example.net", "gw1.example.net"},
	        {"rack 3 / left", "rack-3---left"},
	        {"..x..y.", "x.-y."},
	        {"", "localhost"},
	        {"-", "localhost"},
	        {"\xc3\xa4", "localhost"},
	        {NAME_63 "456", NAME_63},
	};
	char name[NODE_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		node_name_of_host(name, cases[i].host);
		assert_string_equal(name, cases[i].node);
		assert_true(node_name_is_valid(name));
	}
	assert_false(node_name_is_valid("a b"));
	assert_false(node_name_is_valid(NAME_63 "4"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_id_is_read_as_it_was_written),
	        cmocka_unit_test(an_older_id_has_no_node),
	        cmocka_unit_test(other_texts_are_not_ids),
	        cmocka_unit_test(a_hosts_name_becomes_a_nodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

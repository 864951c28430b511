/* SPDX-License-Identifier: MIT */
/*
 * Several nodes of a fleet in one process, each with a table and a repository. They give each other
 * their branches as a node does: stock git fetches them, without force.
 */
#ifndef TESTS_UNIT_HISTORY_NODES_H
#define TESTS_UNIT_HISTORY_NODES_H

#include "owner.h"

#define NODES      3
#define TEST_POLL  1000
#define HOST_PATH  "lan/10.0/10.0.0/10.0.0.%u"
#define FETCH_NODE "'refs/heads/node/lan/*:refs/fleet/from/%s/lan/*'"

static const uint8_t share_all[] = {SHARE_ALL};
static const struct fleet_options node_options[NODES] = {
        {"a", TEST_POLL, share_all}, {"b", TEST_POLL, share_all}, {"c", TEST_POLL, share_all}};

struct nodes {
	struct owner *owner[NODES];
};

OWNED struct owner *node_new(unsigned which)
{
	struct owner *owner = owner_new();

	owner->node = node_options[which].node;
	owner->fleet = &node_options[which];
	return owner;
}

OWNED int begin_nodes(void **state)
{
	struct nodes *nodes = calloc(1, sizeof(*nodes));

	assert_non_null(nodes);
	for (unsigned i = 0; i < NODES; i++) {
		nodes->owner[i] = node_new(i);
		owner_open(nodes->owner[i]);
	}
	*state = nodes;
	return 0;
}

OWNED int set_up_nodes(void **state)
{
	owner_mixes(false);
	return begin_nodes(state);
}

OWNED int set_up_mixed_nodes(void **state)
{
	owner_mixes(true);
	return begin_nodes(state);
}

OWNED int tear_down_nodes(void **state)
{
	struct nodes *nodes = *state;

	for (unsigned i = 0; i < NODES; i++)
		owner_free(nodes->owner[i]);
	free(nodes);
	return 0;
}

/* Looks at what was fetched, and waits until it is recorded. */
OWNED void looks(struct owner *owner)
{
	owner->has_outcome = false;
	assert_int_equal(history_merge(owner->history, NULL, 0, on_outcome, owner), 0);
	assert_true(wait_outcome(owner));
	assert_true(settle(owner));
}

/* `to` fetches all branches that `from` has: its own, and what it took from others. */
OWNED void gets(struct owner *to, struct owner *from)
{
	assert_true(settle(from));
	assert_true(settle(to));
	assert_int_equal(shell(to, "git -C \"$R\" fetch -q --no-write-fetch-head %s " FETCH_NODE,
	                       from->path, from->fleet->node),
	                 0);
	looks(to);
}

/* All get everything from all, until nobody has anything new. */
OWNED void exchange(struct nodes *nodes, unsigned count)
{
	for (unsigned round = 0; round < 4; round++)
		for (unsigned i = 0; i < count; i++)
			for (unsigned j = 0; j < count; j++)
				if (i != j)
					gets(nodes->owner[i], nodes->owner[j]);
}

OWNED bool has(const struct owner *owner, unsigned host, unsigned mac)
{
	const struct entry *entry = owner->table[host];

	return entry ? entry->mac.octet[5] == mac : mac == 0;
}

/* An operator's, at one node. */
OWNED void declares(struct owner *owner, unsigned host, unsigned mac)
{
	struct task_context context = {.segment = "lan"};
	struct entry *after = make_entry(mac, ENTRY_STATIC, time(NULL));

	entry_free(owner->table[host]);
	owner->table[host] = entry_copy(after);
	assert_int_equal(history_record(owner->history, "operator", &context, 0, place(host), after,
	                                NULL, NULL),
	                 0);
}

OWNED void unsets(struct owner *owner, unsigned host)
{
	change(owner, "operator", host, 0);
}

/* Whether what stock git prints of the owner's repository is this. */
OWNED bool prints(struct owner *owner, const char *want, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

OWNED bool prints(struct owner *owner, const char *want, const char *format, ...)
{
	char command[2048];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return shell(owner, "test \"$(git -C \"$R\" %s)\" = '%s' || { git -C \"$R\" %s; exit 1; }",
	             command, want, command) == 0;
}

/* main of both has the same files. */
OWNED void assert_same(struct owner *a, struct owner *b)
{
	for (unsigned i = 0; i < ADDRESSES; i++) {
		const struct entry *left = a->table[i], *right = b->table[i];

		assert_true(left && right ? mac_equal(left->mac, right->mac) &&
		                                    left->state == right->state
		                          : left == right);
	}
	assert_int_equal(shell(a,
	                       "test \"$(git -C \"$R\" ls-tree -r main -- lan)\" = \"$(git -C %s "
	                       "ls-tree -r main -- lan)\" || { git -C \"$R\" diff --stat main "
	                       "$(git -C %s rev-parse main^{tree}) ; exit 1; }",
	                       b->path, b->path),
	                 0);
}

#define NODES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_nodes, tear_down_nodes)
#define MIXED_NODES_TEST(name)                                                                     \
	cmocka_unit_test_setup_teardown(name, set_up_mixed_nodes, tear_down_nodes)

#endif

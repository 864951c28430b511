// SPDX-License-Identifier: MIT
/* Nodes that take each other's branches come to one table, and to rest. */
#include "nodes.h"

static void what_one_learns_the_others_propose(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(a, "learn", 17, 1);
	assert_true(settle(a));
	assert_true(prints(a, "lan/10.0/10.0.0/10.0.0.17",
	                   "ls-tree -r --name-only refs/heads/node/lan/a"));
	assert_true(prints(a, "1",
	                   "log --format=%%\\(trailers:key=Count,valueonly,separator=\\) "
	                   "refs/heads/node/lan/a"));
	gets(b, a);
	assert_true(has(b, 17, 1));
	assert_same(a, b);
	assert_int_equal(b->answered, 1);
	/* One parent, and whose word it is. */
	assert_true(prints(b, "sync: 10.0.0.17 is at 02:00:00:00:00:01 a",
	                   "log -1 --format=%%s\\ %%\\(trailers:key=Node,valueonly,separator=\\) "
	                   "main -- " HOST_PATH,
	                   17));
	assert_true(prints(b, "1", "rev-list --count --min-parents=1 --max-parents=1 main"));
	/* It is a's: b says nothing of it. */
	assert_int_not_equal(shell(b, "git -C \"$R\" rev-parse -q --verify refs/heads/node/lan/b"),
	                     0);
	assert_whole(b);
}

static void an_unset_anywhere_removes_it_everywhere(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(a, "learn", 17, 1);
	gets(b, a);
	unsets(b, 17);
	gets(a, b);
	assert_true(has(a, 17, 0) && has(b, 17, 0));
	exchange(nodes, 2);
	assert_true(has(a, 17, 0) && has(b, 17, 0));
	/* The mark goes when what it hid is gone. */
	assert_true(prints(a, "", "ls-tree -r refs/heads/node/lan/a"));
	assert_true(prints(b, "", "ls-tree -r refs/heads/node/lan/b"));
	assert_same(a, b);
	assert_true(prints(a, "sync: 10.0.0.17, last at 02:00:00:00:00:01 b",
	                   "log -1 --format=%%s\\ %%\\(trailers:key=Node,valueonly,separator=\\) "
	                   "main -- " HOST_PATH,
	                   17));
}

static void what_its_owner_expires_is_gone(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(a, "learn", 17, 1);
	gets(b, a);
	change(a, "expire", 17, 0);
	gets(b, a);
	assert_true(has(b, 17, 0));
	exchange(nodes, 2);
	assert_same(a, b);
}

static void a_static_entry_survives_what_others_hear(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(b, "learn", 17, 2);
	declares(a, 17, 1);
	gets(b, a);
	assert_true(has(b, 17, 1));
	gets(a, b);
	assert_true(has(a, 17, 1));
	exchange(nodes, 2);
	assert_same(a, b);
	/* b's claim was beaten, and is no more. */
	assert_true(prints(b, "", "ls-tree -r refs/heads/node/lan/b"));
	/* Nor does a move there. */
	change(b, "move", 17, 3);
	assert_true(settle(b));
	looks(b);
	exchange(nodes, 2);
	assert_true(has(a, 17, 1) && has(b, 17, 1));
	assert_same(a, b);
}

/* 10.0.3.17 is declared here and there, and both have seen both. */
static void declared_by_both(struct nodes *nodes)
{
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	declares(b, 17, 2);
	assert_true(settle(b));
	declares(a, 17, 1);
	gets(a, b);
	gets(b, a);
	exchange(nodes, 2);
}

/* A merge of three versions would bring it back. */
static void an_unset_does_not_come_back_from_who_declared_it_too(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	declared_by_both(nodes);
	assert_same(a, b);
	unsets(a, 17);
	gets(a, b);
	assert_true(has(a, 17, 0));
	exchange(nodes, 2);
	assert_true(has(a, 17, 0) && has(b, 17, 0));
	assert_same(a, b);
}

static void a_set_is_not_undone_by_who_declared_it_before(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	declared_by_both(nodes);
	declares(a, 17, 6);
	gets(b, a);
	gets(a, b);
	assert_true(has(a, 17, 6) && has(b, 17, 6));
	exchange(nodes, 2);
	assert_true(has(a, 17, 6) && has(b, 17, 6));
	assert_same(a, b);
}

static void three_nodes_in_any_order_are_equal(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1], *c = nodes->owner[2];

	change(a, "learn", 17, 1);
	declares(b, 18, 2);
	change(c, "learn", 18, 3);
	change(c, "learn", 19, 4);
	gets(b, a);
	gets(c, b);
	unsets(c, 17);
	gets(a, c);
	assert_true(has(a, 17, 0) && has(a, 18, 2) && has(a, 19, 4));
	declares(a, 19, 5);
	unsets(b, 18);
	exchange(nodes, 3);
	assert_true(has(a, 17, 0) && has(a, 18, 0) && has(a, 19, 5));
	assert_same(a, b);
	assert_same(b, c);
	assert_whole(a);
	assert_whole(c);
}

static void they_come_to_rest(void **state)
{
	struct nodes *nodes = *state;
	char before[NODES][128], after[128];

	for (unsigned i = 0; i < 20; i++)
		change(nodes->owner[i % NODES], "learn", 30 + i, 1 + i);
	declares(nodes->owner[1], 30, 0x40);
	exchange(nodes, NODES);
	unsets(nodes->owner[2], 31);
	exchange(nodes, NODES);
	for (unsigned i = 0; i < NODES; i++) {
		struct history_status status;

		history_status(nodes->owner[i]->history, &status);
		snprintf(before[i], sizeof(before[i]), "%s %llu", status.tip,
		         (unsigned long long)status.fleet.published);
		assert_int_equal(status.fleet.waiting, 0);
	}
	exchange(nodes, NODES);
	for (unsigned i = 0; i < NODES; i++) {
		struct history_status status;

		history_status(nodes->owner[i]->history, &status);
		snprintf(after, sizeof(after), "%s %llu", status.tip,
		         (unsigned long long)status.fleet.published);
		assert_string_equal(before[i], after);
	}
	assert_same(nodes->owner[0], nodes->owner[1]);
	assert_same(nodes->owner[0], nodes->owner[2]);
}

static void reopen(struct owner *owner)
{
	assert_int_equal(owner_close(owner, 5000), 0);
	owner_open(owner);
	assert_true(settle(owner));
}

static void a_start_finds_all_as_it_was(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];
	struct history_status before, after;

	change(a, "learn", 17, 1);
	declares(b, 18, 2);
	change(b, "learn", 19, 3);
	gets(b, a);
	gets(a, b);
	history_status(a->history, &before);
	reopen(a);
	looks(a);
	history_status(a->history, &after);
	assert_string_equal(before.tip, after.tip);
	assert_int_equal(before.fleet.published, after.fleet.published);
	assert_int_equal(after.fleet.nodes, 1);
	exchange(nodes, 2);
	assert_same(a, b);
	unsets(a, 18);
	gets(b, a);
	assert_true(has(b, 18, 0));
}

static void the_first_start_claims_what_main_has(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];
	struct history_status status;

	assert_int_equal(owner_close(a, 5000), 0);
	a->fleet = NULL;
	owner_open(a);
	for (unsigned i = 1; i <= 50; i++)
		change(a, "learn", i, i);
	declares(a, 60, 60);
	assert_true(settle(a));
	assert_int_equal(owner_close(a, 5000), 0);
	a->fleet = &node_options[0];
	owner_open(a);
	looks(a);
	history_status(a->history, &status);
	assert_int_equal(status.fleet.claims, 51);
	/* What was learned is in main as it was; an operator's word begins now. */
	assert_true(prints(a, "1", "rev-list --count main -- " HOST_PATH, 50));
	assert_int_equal(
	        shell(a, "test \"$(git -C \"$R\" ls-tree -r main -- lan)\" = \"$(git -C \"$R\" "
	                 "ls-tree -r refs/heads/node/lan/a)\""),
	        0);
	gets(b, a);
	assert_same(a, b);
	assert_true(has(b, 50, 50) && has(b, 60, 60));
}

static void what_a_person_pushes_is_this_nodes_word(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(b, "learn", 17, 1);
	change(b, "learn", 18, 2);
	gets(a, b);
	assert_int_equal(shell(a, "rm -rf w && git clone -q \"$R\" w && cd w && "
	                          "printf 'mac 02:00:00:00:00:22\\nstate static\\nsince "
	                          "2026-01-01T00:00:00Z\\n' >lan/10.0/10.0.0/10.0.0.17 && "
	                          "git rm -q lan/10.0/10.0.0/10.0.0.18 && git commit -qam edit && "
	                          "git push -q origin HEAD:merge/x"),
	                 0);
	a->has_outcome = false;
	history_merge(a->history, "merge/x", 0, on_outcome, a);
	assert_true(wait_outcome(a));
	assert_true(settle(a));
	assert_true(has(a, 17, 0x22) && has(a, 18, 0));
	gets(b, a);
	assert_true(has(b, 17, 0x22) && has(b, 18, 0));
	exchange(nodes, 2);
	assert_same(a, b);
	assert_true(prints(a, "lan/10.0/10.0.0/10.0.0.17",
	                   "ls-tree -r --name-only refs/heads/node/lan/a"));
}

/* One of several on a wire claims what all hear. */
static void who_is_not_the_first_waits_for_its_turn(void **state)
{
	static const struct fleet_options patient = {"a", 3600000, share_all},
	                                  quick = {"c", 1, share_all};
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1], *c = nodes->owner[2];
	struct history_status status;

	assert_int_equal(owner_close(a, 5000), 0);
	a->fleet = &patient;
	owner_open(a);
	change(b, "learn", 9, 9);
	gets(a, b);
	for (unsigned i = 20; i < 60; i++)
		change(a, "learn", i, i);
	assert_true(settle(a));
	history_status(a->history, &status);
	/* The hash does not favour one node. */
	assert_in_range(status.fleet.waiting, 5, 35);
	assert_int_equal(status.fleet.claims + status.fleet.waiting, 40);
	/* main has all of it at once. */
	assert_true(prints(a, "41", "ls-tree -r --name-only main -- lan | wc -l"));
	for (unsigned i = 20; i < 60; i++)
		change(b, "learn", i, i);
	gets(a, b);
	history_status(a->history, &status);
	assert_in_range(status.fleet.waiting, 0, 1);
	/* When nobody else does, it claims. */
	assert_int_equal(owner_close(c, 5000), 0);
	c->fleet = &quick;
	owner_open(c);
	gets(c, b);
	for (unsigned i = 100; i < 140; i++)
		change(c, "learn", i, i);
	for (int i = 0; i < WAIT_MS; i++) {
		turn(c);
		history_status(c->history, &status);
		if (status.fleet.claims == 40)
			break;
	}
	assert_int_equal(status.fleet.claims, 40);
	assert_int_equal(status.fleet.waiting, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        NODES_TEST(what_one_learns_the_others_propose),
	        NODES_TEST(an_unset_anywhere_removes_it_everywhere),
	        MIXED_NODES_TEST(what_its_owner_expires_is_gone),
	        MIXED_NODES_TEST(a_static_entry_survives_what_others_hear),
	        NODES_TEST(an_unset_does_not_come_back_from_who_declared_it_too),
	        NODES_TEST(a_set_is_not_undone_by_who_declared_it_before),
	        MIXED_NODES_TEST(three_nodes_in_any_order_are_equal),
	        MIXED_NODES_TEST(they_come_to_rest),
	        MIXED_NODES_TEST(a_start_finds_all_as_it_was),
	        MIXED_NODES_TEST(the_first_start_claims_what_main_has),
	        NODES_TEST(what_a_person_pushes_is_this_nodes_word),
	        MIXED_NODES_TEST(who_is_not_the_first_waits_for_its_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

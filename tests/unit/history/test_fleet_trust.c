// SPDX-License-Identifier: MIT
/* Branches that are bad are left out, one by one, and everything else goes on. */
#include "nodes.h"

#define BOOT "0123456789abcdef0123456789abcdef"
#define FROM "refs/fleet/from/hub/lan/"

/* A branch of one commit with one file, as `node` would publish it. */
static void publish(struct owner *owner, const char *node, unsigned count, const char *parent,
                    const char *path, const char *text)
{
	assert_int_equal(shell(owner,
	                       "export GIT_DIR=\"$R\" GIT_INDEX_FILE=$PWD/index && rm -f index && "
	                       "printf '%s' >file && git update-index --add --cacheinfo "
	                       "100644,$(git hash-object -w file),%s && "
	                       "c=$(printf 'claim\\n\\nNode: %s\\nCount: %u\\nBoot: " BOOT
	                       "\\n' | git commit-tree %s $(git write-tree)) && "
	                       "git update-ref " FROM "%s $c",
	                       text, path, node, count, parent, node),
	                 0);
}

static bool raised(const struct owner *owner, const char *what)
{
	return strstr(owner->raised, what) != NULL;
}

static unsigned count_raised(const struct owner *owner, const char *what)
{
	unsigned count = 0;

	for (const char *at = owner->raised; (at = strstr(at, what)); at++)
		count++;
	return count;
}

static void bad_branches_are_left_out_and_the_rest_goes_on(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];

	publish(a, "good", 1, "", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	publish(a, "path", 1, "", "lan/10.0/10.0.1/10.0.0.18",
	        "mac 02:00:00:00:00:12\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	publish(a, "other", 1, "", "wan/10.0/10.0.0/10.0.0.18",
	        "mac 02:00:00:00:00:12\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	publish(a, "text", 1, "", "lan/10.0/10.0.0/10.0.0.19",
	        "mac 02:00:00:00:00:12\\nstate forever\\nsince 2026-01-01T00:00:00Z\\n");
	publish(a, "mark", 1, "", "lan/10.0/10.0.0/10.0.0.17",
	        "state gone\\nsince 2026-01-02T00:00:00Z\\nafter 2026-01-02T00:00:00Z\\nnote x\\n");
	publish(a, "outside", 1, "", "lan/192.168/192.168.0/192.168.0.1",
	        "mac 02:00:00:00:00:12\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	/* Whose it is not. */
	assert_int_equal(shell(a, "git -C \"$R\" update-ref " FROM "thief $(git -C \"$R\" "
	                          "rev-parse " FROM "good)"),
	                 0);
	/* Its tree is missing. */
	assert_int_equal(
	        shell(a,
	              "t=$(printf '100644 blob e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\\tx\\n' | "
	              "git -C \"$R\" mktree --missing) && "
	              "c=$(printf 'claim\\n\\nNode: tree\\nCount: 1\\nBoot: " BOOT
	              "\\n' | git -C \"$R\" commit-tree $t) && "
	              "git -C \"$R\" update-ref " FROM "tree $c && "
	              "rm -f \"$R\"/objects/$(echo $t | sed 's|..|&/|')"),
	        0);
	looks(a);
	assert_true(has(a, 17, 0x11));
	assert_true(has(a, 18, 0) && has(a, 19, 0));
	assert_true(raised(a, "branch-invalid: node path's branch in lan is left out"));
	assert_true(raised(a, "node other's branch"));
	assert_true(raised(a, "node text's branch"));
	assert_true(raised(a, "node mark's branch"));
	assert_true(raised(a, "node thief's branch"));
	assert_true(raised(a, "node tree's branch"));
	assert_false(raised(a, "node outside's branch"));
	/* Once, until it moves. */
	looks(a);
	looks(a);
	assert_int_equal(count_raised(a, "node text's branch"), 1);
	publish(a, "text", 2, "-p " FROM "text", "lan/10.0/10.0.0/10.0.0.19",
	        "mac 02:00:00:00:00:12\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 19, 0x12));
	assert_int_equal(count_raised(a, "node text's branch"), 1);
}

static void a_branch_that_was_rewound_is_left_out(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];

	publish(a, "b", 1, "", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	looks(a);
	publish(a, "b", 2, "-p " FROM "b", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:12\\nstate static\\nsince 2026-01-02T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0x12));
	/* Another second commit, and a third on top of it. */
	assert_int_equal(shell(a, "git -C \"$R\" update-ref " FROM "b " FROM "b^"), 0);
	looks(a);
	assert_false(raised(a, "branch-rewound"));
	publish(a, "b", 2, "-p " FROM "b", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:13\\nstate static\\nsince 2026-01-03T00:00:00Z\\n");
	publish(a, "b", 3, "-p " FROM "b", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:14\\nstate static\\nsince 2026-01-04T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0x12));
	assert_true(raised(a, "branch-rewound: node b's branch in lan"));
}

static void a_clock_that_is_ahead_is_said_and_taken(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];

	publish(a, "b", 1, "", "lan/10.0/10.0.0/10.0.0.17",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2199-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0x11));
	assert_true(raised(a, "clock: node b says what begins at 2199-01-01T00:00:00Z"));
	/* An operator's word is later all the same, also after the claim is gone and the agent was
	 * started again. */
	publish(a, "b", 2, "-p " FROM "b", "lan/10.0/10.0.0/10.0.0.18",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0) && has(a, 18, 0x11));
	assert_true(
	        prints(a, "7226582400 lan/10.0/10.0.0/10.0.0.17", "cat-file -p refs/fleet/floors"));
	assert_int_equal(owner_close(a, 5000), 0);
	owner_open(a);
	declares(a, 17, 0x22);
	assert_true(settle(a));
	assert_int_equal(shell(a,
	                       "git -C \"$R\" cat-file -p refs/heads/node/lan/a:"
	                       "lan/10.0/10.0.0/10.0.0.17 | grep -q 'since 2199-01-01T00:00:01Z'"),
	                 0);
	assert_whole(a);
}

#define WIDE "lan/2001-db8-0-7/11/2001-db8-0-7--11" /* host 17 */

/* In the floors' text as in main: its path. */
static void a_floor_of_ipv6_outlives_a_restart(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];

	publish(a, "b", 1, "", WIDE,
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2199-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0x11));
	publish(a, "b", 2, "-p " FROM "b", "lan/10.0/10.0.0/10.0.0.18",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(has(a, 17, 0));
	assert_true(prints(a, "7226582400 " WIDE, "cat-file -p refs/fleet/floors"));
	assert_int_equal(owner_close(a, 5000), 0);
	owner_open(a);
	declares(a, 17, 0x22);
	assert_true(settle(a));
	assert_int_equal(shell(a, "git -C \"$R\" cat-file -p refs/heads/node/lan/a:" WIDE
	                          " | grep -q 'since 2199-01-01T00:00:01Z'"),
	                 0);
}

static void a_second_machine_of_the_same_name_stops_publication(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0];
	struct history_status status;

	change(a, "learn", 17, 1);
	assert_true(settle(a));
	publish(a, "a", 1, "", "lan/10.0/10.0.0/10.0.0.18",
	        "mac 02:00:00:00:00:11\\nstate static\\nsince 2026-01-01T00:00:00Z\\n");
	looks(a);
	assert_true(raised(a, "duplicate-node"));
	change(a, "learn", 18, 2);
	assert_true(settle(a));
	history_status(a->history, &status);
	assert_int_equal(status.fleet.published, 1);
	/* The table goes on, and so does main. */
	assert_true(prints(a, "2", "ls-tree -r --name-only main -- lan | wc -l"));
}

static void what_this_node_declared_and_others_beat_is_said(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];
	struct history_status status;

	declares(a, 17, 1);
	gets(b, a);
	declares(b, 17, 2);
	gets(a, b);
	assert_true(has(a, 17, 2));
	assert_true(raised(a, "overruled: 10.0.0.17"));
	history_status(a->history, &status);
	assert_int_equal(status.fleet.overruled, 1);
}

static void only_static_entries_are_shared_if_so_configured(void **state)
{
	static const uint8_t share[] = {SHARE_STATIC};
	static const struct fleet_options some = {"a", TEST_POLL, share};
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	assert_int_equal(owner_close(a, 5000), 0);
	a->fleet = &some;
	owner_open(a);
	change(a, "learn", 17, 1);
	declares(a, 18, 2);
	change(b, "learn", 19, 3);
	declares(b, 20, 4);
	gets(b, a);
	gets(a, b);
	assert_true(has(b, 17, 0) && has(b, 18, 2));
	assert_true(has(a, 17, 1) && has(a, 19, 0) && has(a, 20, 4));
	unsets(b, 20);
	gets(a, b);
	assert_true(has(a, 20, 0) && has(a, 17, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        NODES_TEST(bad_branches_are_left_out_and_the_rest_goes_on),
	        NODES_TEST(a_branch_that_was_rewound_is_left_out),
	        NODES_TEST(a_clock_that_is_ahead_is_said_and_taken),
	        MIXED_NODES_TEST(a_floor_of_ipv6_outlives_a_restart),
	        NODES_TEST(a_second_machine_of_the_same_name_stops_publication),
	        NODES_TEST(what_this_node_declared_and_others_beat_is_said),
	        NODES_TEST(only_static_entries_are_shared_if_so_configured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

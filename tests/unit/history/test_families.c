// SPDX-License-Identifier: MIT
/* IPv6 in the repository: the paths, the words, what people push, and what a fleet says. */
#include "nodes.h"

#define V6   "lan/2001-db8-0-7"
#define ONE  V6 "/11/2001-db8-0-7--11"        /* host 17 */
#define LINK "lan/fe80/0f/fe80--50-ff-fe00-f" /* host 15 */
#define WORK "rm -rf w && git clone -q \"$R\" w && cd w && "
#define WRITE(path, mac)                                                                           \
	"mkdir -p $(dirname " path ") && printf 'mac 02:00:00:00:00:" mac                          \
	"\\nstate static\\nsince "                                                                 \
	"2026-01-01T00:00:00Z\\n' >" path " && "
#define PUSH "git add -A && git commit -qm x && git push -q origin HEAD:"

static void an_address_of_ipv6_has_its_path_and_its_words(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	for (unsigned host = 15; host < 18; host++) {
		change(owner, "learn", host, host - 14);
		assert_true(settle(owner));
	}
	assert_true(prints(owner, "lan/10.0/10.0.0/10.0.0.16\n" ONE "\n" LINK,
	                   "ls-tree -r --name-only main -- lan"));
	assert_true(prints(owner, "learn: 2001:db8:0:7::11 is at 02:00:00:00:00:03",
	                   "log -1 --no-merges --format=%%s main -- " ONE));
	change(owner, "move", 17, 4);
	assert_true(settle(owner));
	change(owner, "expire", 15, 0);
	assert_true(settle(owner));
	assert_true(prints(owner,
	                   "expire: fe80::50:ff:fe00:f, last at 02:00:00:00:00:01\n"
	                   "move: 2001:db8:0:7::11 from 02:00:00:00:00:03 to 02:00:00:00:00:04",
	                   "log -2 --no-merges --format=%%s main"));
	assert_true(prints(owner, "10.0.0.0/22\n2001:db8:0:7::/64\nfe80::/64",
	                   "config --get-all arpkeeper-segment.lan.prefix"));
	assert_table(owner);
	assert_whole(owner);
	assert_int_equal(owner_close(owner, 5000), 0);
	/* A start reads it. */
	owner_open(owner);
	assert_true(has(owner, 17, 4) && has(owner, 16, 2) && has(owner, 15, 0));
	assert_true(settle(owner));
	assert_table(owner);
}

static void what_people_push_of_both_families_is_merged(void **state)
{
	struct owner *owner = *state;

	owner_open(owner);
	change(owner, "learn", 17, 1);
	change(owner, "learn", 18, 2);
	assert_true(settle(owner));
	assert_int_equal(shell(owner, WORK WRITE(ONE, "77") WRITE(LINK, "78") WRITE(
	                                      "lan/10.0/10.0.0/10.0.0.18", "79") PUSH "merge/both"),
	                 0);
	merges(owner, "merge/both");
	assert_true(has(owner, 17, 0x77) && has(owner, 15, 0x78) && has(owner, 18, 0x79));
	assert_non_null(strstr(owner->outcome.text, "merged merge/both: 3 addresses changed"));
	/* A static one stays when a person removes another, and the table changes meanwhile. */
	assert_int_equal(shell(owner, WORK "git rm -q " LINK " && " PUSH "merge/less"), 0);
	change(owner, "move", 17, 5);
	merges(owner, "merge/less");
	assert_true(has(owner, 15, 0));
	assert_whole(owner);
}

static void another_spelling_of_an_address_is_refused_with_the_right_path(void **state)
{
	static const struct {
		const char *path, *said;
	} cases[] = {
	        {V6 "/11/2001-db8-0-7-0-0-0-11", "the path should be " ONE},
	        {V6 "/11/2001-DB8-0-7--11", "the path should be " ONE},
	        {V6 "/12/2001-db8-0-7--11", "the path should be " ONE},
	        {"lan/2001-db8/11/2001-db8-0-7--11", "the path should be " ONE},
	        {"lan/0/01/--ffff-a00-1", "nor an IPv6 address with dashes for colons"},
	        {"lan/2001-db8-0-8/01/2001-db8-0-8--1", "2001:db8:0:8::1 is in no prefix"},
	        {V6 "/00/2001-db8-0-7--", "multicast or anycast"},
	};
	struct owner *owner = *state;

	owner_open(owner);
	change(owner, "learn", 17, 1);
	assert_true(settle(owner));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(shell(owner,
		                       WORK "mkdir -p $(dirname %s) && git mv -f " ONE " %s && "
		                            "git commit -qm x && git push -q origin HEAD:merge/%zu",
		                       cases[i].path, cases[i].path, i),
		                 0);
		char branch[32];

		snprintf(branch, sizeof(branch), "merge/%zu", i);
		owner->has_outcome = false;
		history_merge(owner->history, branch, 0, on_outcome, owner);
		assert_true(wait_outcome(owner));
		assert_int_equal(owner->outcome.status, -EINVAL);
		if (!strstr(owner->outcome.text, cases[i].said))
			fail_msg("%s: %s", cases[i].path, owner->outcome.text);
	}
	assert_table(owner);
}

static void nodes_share_both_families(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	change(a, "learn", 17, 1);
	change(a, "learn", 18, 2);
	declares(a, 15, 3);
	assert_true(settle(a));
	assert_true(prints(a, "lan/10.0/10.0.0/10.0.0.18\n" ONE "\n" LINK,
	                   "ls-tree -r --name-only refs/heads/node/lan/a"));
	gets(b, a);
	assert_true(has(b, 17, 1) && has(b, 18, 2) && has(b, 15, 3));
	assert_same(a, b);
	change(a, "move", 17, 4);
	gets(b, a);
	assert_true(prints(b, "sync: 2001:db8:0:7::11 from 02:00:00:00:00:01 to 02:00:00:00:00:04",
	                   "log -1 --format=%%s main -- " ONE));
	/* A mark, which goes when what it hid is gone. */
	unsets(b, 15);
	assert_true(settle(b));
	assert_int_equal(
	        shell(b, "git -C \"$R\" cat-file -p node/lan/b:" LINK " | grep -qx 'state gone'"),
	        0);
	exchange(nodes, 2);
	assert_true(has(a, 15, 0) && has(b, 15, 0));
	assert_true(prints(b, "", "ls-tree -r refs/heads/node/lan/b"));
	assert_same(a, b);
	assert_whole(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        MIXED_TEST(an_address_of_ipv6_has_its_path_and_its_words),
	        MIXED_TEST(what_people_push_of_both_families_is_merged),
	        MIXED_TEST(another_spelling_of_an_address_is_refused_with_the_right_path),
	        MIXED_NODES_TEST(nodes_share_both_families),
	};

	return cmocka_run_group_tests_name("families", tests, NULL, NULL);
}

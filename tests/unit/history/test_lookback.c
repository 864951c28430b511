/* SPDX-License-Identifier: MIT */
/*
 * The index for looking back, which the agent updates as it commits. It equals an index made from
 * the commits alone, and damage to it does not affect the history.
 */
#include "owner.h"

#include "../lookback/rows.h"

#define HOSTS 24

/* Another MAC than the present one. */
static unsigned any_mac(const struct owner *owner, unsigned host)
{
	const struct entry *entry = owner->table[host];
	unsigned mac = 1 + (unsigned)rand() % 9;

	return entry && entry->mac.octet[5] == mac ? mac % 9 + 1 : mac;
}

/* The name that the table's owner would give. */
static void change_any(struct owner *owner)
{
	unsigned host = 1 + (unsigned)rand() % HOSTS, mac = any_mac(owner, host);
	const char *kind = !owner->table[host] ? "learn" : rand() % 3 ? "move" : "expire";

	if (rand() % 10 == 0)
		kind = "operator";
	if (!strcmp(kind, "expire") || (!strcmp(kind, "operator") && owner->table[host]))
		mac = 0;
	change(owner, kind, host, mac);
}

static void what_the_agent_adds_is_what_the_commits_say(void **state)
{
	struct owner *owner = *state;
	uint64_t task[2] = {0};
	unsigned host;

	srand(3);
	owner_open(owner);
	for (int i = 0; i < 300; i++) {
		uint64_t *one = &task[rand() % 2];

		change_any(owner);
		if (!*one)
			*one = history_begin(owner->history, "import");
		host = 1 + (unsigned)rand() % HOSTS;
		if (rand() % 2)
			task_change(owner, *one, host,
			            owner->table[host] && rand() % 4 == 0 ? 0
			                                                  : any_mac(owner, host));
		if (rand() % 6 == 0) {
			assert_int_equal(history_end(owner->history, *one, NULL, NULL), 0);
			*one = 0;
		}
		/* What is open stays open, over a publication or two. */
		for (int j = rand() % 8 ? 0 : 60; j > 0; j--)
			turn(owner);
	}
	for (int i = 0; i < 2; i++)
		if (task[i])
			assert_int_equal(history_end(owner->history, task[i], NULL, NULL), 0);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_kept(owner->folder, owner->path);
}

static void what_people_push_is_read(void **state)
{
	struct owner *owner = *state;
	char path[ENTRY_PATH_MAX];

	srand(4);
	owner_open(owner);
	for (int i = 0; i < 12; i++) {
		for (int j = 0; j < 5; j++)
			change_any(owner);
		assert_true(settle(owner));
		/* To main itself, sometimes after merging it. */
		entry_path(path, "lan", place(100 + (unsigned)i));
		assert_int_equal(
		        shell(owner,
		              "if [ -d w ]; then git -C w fetch -q; git -C w merge -q -s ours -m "
		              "'as we said' origin/main || exit 3; else git clone -q $R w; fi; cd "
		              "w && mkdir -p $(dirname %s) && printf 'mac 02:00:00:00:00:%02d\n"
		              "state static\nsince 2025-01-01T00:00:%02dZ\n' >%s && git add -A && "
		              "git commit -qm mine && git push -q origin HEAD:main 2>../push.log",
		              path, 10 + i, i, path),
		        0);
		for (int j = 0; j < 200; j++)
			turn(owner);
		change_any(owner);
		assert_true(settle(owner));
	}
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_kept(owner->folder, owner->path);
}

static void it_goes_on_where_the_last_agent_ended(void **state)
{
	struct owner *owner = *state;

	srand(5);
	for (int i = 0; i < 4; i++) {
		owner_open(owner);
		for (int j = 0; j < 20; j++)
			change_any(owner);
		assert_true(settle(owner));
		assert_int_equal(owner_close(owner, 5000), 0);
	}
	assert_kept(owner->folder, owner->path);
}

static void what_happens_to_it_does_not_concern_the_history(void **state)
{
	static const char *const blows[] = {
	        "rm -f $R/arpkeeper/index",
	        "until rm -f $R/arpkeeper/index && mkdir $R/arpkeeper/index 2>/dev/null; do :; "
	        "done",
	        "rmdir $R/arpkeeper/index; head -c 300000 /dev/urandom >$R/arpkeeper/index",
	        ": >$R/arpkeeper/index",
	};
	struct owner *owner = *state;

	srand(6);
	for (unsigned i = 0; i < sizeof(blows) / sizeof(*blows); i++) {
		owner_open(owner);
		change_any(owner);
		assert_true(settle(owner));
		assert_int_equal(shell(owner, "%s", blows[i]), 0);
		change_any(owner);
		assert_true(settle(owner));
		assert_int_equal(owner_close(owner, 5000), 0);
		owner_open(owner);
		change_any(owner);
		assert_true(settle(owner));
		assert_int_equal(owner_close(owner, 5000), 0);
	}
	assert_int_equal(shell(owner, "rm -rf $R/arpkeeper/index"), 0);
	owner_open(owner);
	change_any(owner);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
	assert_kept(owner->folder, owner->path);
	assert_int_equal(shell(owner, "git -C $R fsck --strict >fsck 2>&1"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        MIXED_TEST(what_the_agent_adds_is_what_the_commits_say),
	        MIXED_TEST(what_people_push_is_read),
	        MIXED_TEST(it_goes_on_where_the_last_agent_ended),
	        MIXED_TEST(what_happens_to_it_does_not_concern_the_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * A node that is killed at any moment, also between any two writes, says afterwards what its table
 * has, takes nothing back that others removed, and comes to the table of the others.
 */
#include "nodes.h"

#include <signal.h>
#include <sys/mman.h>

#include "../killer.h"

#define KILLS 8
#define HOSTS 40

/* What waits for its turn does so for milliseconds. */
static const struct fleet_options quick[] = {{"a", 1, share_all}, {"b", 1, share_all}};

/* The map: it survives the agent. */
struct map {
	volatile unsigned mac[HOSTS];
	volatile bool open;
};

static struct map *shared;

/* The owner's table and the map are one. */
static void write_map(const struct owner *owner)
{
	for (unsigned i = 0; i < HOSTS; i++)
		shared->mac[i] = owner->table[i] ? owner->table[i]->mac.octet[5] : 0;
}

static void read_map(struct owner *owner)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		const struct entry *entry = owner->table[i];
		unsigned mac = entry ? entry->mac.octet[5] : 0;

		if (mac == shared->mac[i])
			continue;
		entry_free(owner->table[i]);
		owner->table[i] = shared->mac[i]
		                          ? make_entry(shared->mac[i], ENTRY_DYNAMIC, time(NULL))
		                          : NULL;
	}
}

/* Learns, expires, and takes what the other node says, until it is killed. */
static void __attribute__((noreturn)) live(struct owner *owner, unsigned seed)
{
	srand(seed);
	assert_int_equal(uv_loop_fork(&owner->loop), 0);
	owner_open(owner);
	looks(owner);
	write_map(owner);
	shared->open = true;
	for (unsigned i = 0;; i++) {
		/* The lower half is the other node's. */
		unsigned host = HOSTS / 2 + (unsigned)rand() % (HOSTS / 2);

		change(owner, owner->table[host] ? "expire" : "learn", host,
		       owner->table[host] ? 0 : 1 + host);
		write_map(owner);
		history_merge(owner->history, NULL, 0, on_outcome, owner);
		turn(owner);
		write_map(owner);
		if (i % 3 == 0)
			usleep((useconds_t)(rand() % 3000));
	}
}

/* If the other node's thread is in AddressSanitizer's allocator at the fork, its lock stays taken
 * in the child, which then hangs: it is killed, and made again. */
#ifdef __SANITIZE_ADDRESS__
#define FORKS 3
#else
#define FORKS 1
#endif

static pid_t begin(struct owner *b, unsigned seed)
{
	shared->open = false;
	for (unsigned i = 0; i < FORKS; i++) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			live(b, seed);
		for (int waited = 0; waited < 20000 && !shared->open; waited++)
			usleep(1000);
		if (shared->open)
			return child;
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, NULL, 0), child);
	}
	fail_msg("a node did not open its history in 20 s, %d times", FORKS);
	return -1;
}

static void kill_one(struct owner *a, struct owner *b, unsigned seed)
{
	pid_t child = begin(b, seed);

	/* Meanwhile the other node changes its mind, and b is given it. */
	for (unsigned i = 0; i < 6; i++) {
		unsigned host = 1 + (unsigned)rand() % (HOSTS / 2 - 1);

		change(a, a->table[host] ? "operator" : "learn", host,
		       a->table[host] ? 0 : 1 + host);
		assert_true(settle(a));
		assert_int_equal(shell(b,
		                       "git -C \"$R\" fetch -q --no-write-fetch-head %s "
		                       "refs/heads/node/lan/a:refs/fleet/from/a/lan/a",
		                       a->path),
		                 0);
		usleep((useconds_t)(rand() % 30000));
	}
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Nothing waits for its turn to be claimed. */
static void claims_all(struct owner *owner)
{
	struct history_status status = {.fleet = {.waiting = 1}};

	for (int i = 0; i < WAIT_MS && status.fleet.waiting > 0; i++) {
		turn(owner);
		history_status(owner->history, &status);
	}
	assert_int_equal(status.fleet.waiting, 0);
}

static void a_kill_between_any_two_writes_loses_no_word(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	assert_true(shared != MAP_FAILED);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(owner_close(nodes->owner[i], 5000), 0);
		nodes->owner[i]->fleet = &quick[i];
	}
	owner_open(a);
	for (unsigned i = 1; i <= KILLS; i++) {
		kill_one(a, b, i);
		assert_whole(b);
		/* The table as the map has it. */
		read_map(b);
		owner_open(b);
		looks(b);
		for (unsigned round = 0; round < 3; round++) {
			claims_all(a);
			claims_all(b);
			gets(b, a);
			gets(a, b);
		}
		for (unsigned host = 0; host < HOSTS / 2; host++)
			assert_int_equal(a->table[host] != NULL, b->table[host] != NULL);
		assert_same(a, b);
		assert_whole(b);
		write_map(b);
		assert_int_equal(owner_close(b, 5000), 0);
	}
	owner_open(b);
	munmap(shared, sizeof(*shared));
}

/* --- before each write ------------------------------------------------------------------------ */

#define KEPT    25 /* hosts: b's, and stays */
#define EXPIRES 26 /* b's, and goes */
#define LEARNED 30 /* new at b */
#define UNSET   1  /* a's, and is removed there */
#define NEW     5  /* new at a */

/* `make soak` does not leave any out. */
static unsigned stride(void)
{
	const char *text = getenv("FLEET_KILL_STRIDE");

	return text ? (unsigned)atoi(text) : 7;
}

/* What is merged is in the map before history records it. */
static void looks_slowly(struct owner *b)
{
	b->slowly = true;
	b->has_outcome = false;
	assert_int_equal(history_merge(b->history, NULL, 0, on_outcome, b), 0);
	for (int i = 0; i < WAIT_MS && !b->held && !b->has_outcome; i++)
		turn(b);
	if (b->held) {
		owner_merge(b, b->held);
		write_map(b);
		history_proposal_done(b->history, b->held);
	}
	b->slowly = false;
	assert_true(wait_outcome(b));
	assert_true(settle(b));
}

/* Gathers what was fetched, and says two words, each with a flush of its own. */
static void looks_and_says(void *context)
{
	struct owner *b = context;

	assert_int_equal(uv_loop_fork(&b->loop), 0);
	owner_open(b);
	write_map(b);
	looks_slowly(b);
	change(b, "learn", LEARNED, 1 + LEARNED);
	write_map(b);
	assert_true(settle(b));
	claims_all(b);
	change(b, "expire", EXPIRES, 0);
	write_map(b);
	assert_true(settle(b));
	assert_int_equal(owner_close(b, 5000), 0);
}

static void assert_commits(struct owner *owner, const char *branch, unsigned host, unsigned count)
{
	char number[16], path[ENTRY_PATH_MAX];

	snprintf(number, sizeof(number), "%u", count);
	entry_path(path, "lan", place(host));
	assert_true(prints(owner, number, "rev-list --count %s -- %s", branch, path));
}

/* Each word is in main and on the branch once, or not at all. */
static void assert_said_once(struct owner *b)
{
	assert_commits(b, "main", UNSET, 2);
	assert_commits(b, "main", NEW, 1);
	assert_commits(b, "main", KEPT, 1);
	assert_commits(b, "main", LEARNED, b->table[LEARNED] != NULL);
	assert_commits(b, "main", EXPIRES, b->table[EXPIRES] ? 1 : 2);
	assert_commits(b, "refs/heads/node/lan/b", KEPT, 1);
	assert_commits(b, "refs/heads/node/lan/b", LEARNED, b->table[LEARNED] != NULL);
	assert_commits(b, "refs/heads/node/lan/b", EXPIRES, b->table[EXPIRES] ? 1 : 2);
	assert_commits(b, "refs/heads/node/lan/b", NEW, 0);
}

/* As the next agent has it, which takes texts and times from main. */
static void table_of_map(struct owner *b)
{
	for (unsigned i = 0; i < HOSTS; i++) {
		unsigned mac = shared->mac[i];

		entry_free(b->table[i]);
		b->table[i] = mac ? make_entry(mac, ENTRY_DYNAMIC, SINCE + (int)mac) : NULL;
	}
}

static void a_kill_before_each_write_loses_no_word_and_says_none_twice(void **state)
{
	struct nodes *nodes = *state;
	struct owner *a = nodes->owner[0], *b = nodes->owner[1];
	unsigned kills = 0;
	bool killed = true;
	struct map before;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	              0);
	assert_true(shared != MAP_FAILED);
	assert_int_equal(owner_close(b, 5000), 0);
	b->fleet = &quick[1];
	owner_open(b);
	change(a, "learn", UNSET, 1 + UNSET);
	change(b, "learn", KEPT, 1 + KEPT);
	change(b, "learn", EXPIRES, 1 + EXPIRES);
	assert_true(settle(b));
	claims_all(b);
	gets(a, b);
	gets(b, a);
	change(a, "expire", UNSET, 0);
	change(a, "learn", NEW, 1 + NEW);
	assert_true(settle(a));
	claims_all(a);
	assert_true(settle(a));
	assert_int_equal(shell(b,
	                       "git -C \"$R\" fetch -q --no-write-fetch-head %s "
	                       "refs/heads/node/lan/a:refs/fleet/from/a/lan/a",
	                       a->path),
	                 0);
	write_map(b);
	before = *shared;
	assert_int_equal(owner_close(b, 5000), 0);
	assert_int_equal(shell(b, "cp -a \"$R\" before.git"), 0);
	for (unsigned nth = 0; killed; nth += stride()) {
		assert_int_equal(shell(b, "rm -rf \"$R\" && cp -a before.git \"$R\""), 0);
		*shared = before;
		table_of_map(b);
		killed = killer_run(nth, looks_and_says, b);
		kills += killed;
		assert_whole(b);
		table_of_map(b);
		owner_open(b);
		looks(b);
		assert_true(settle(b));
		claims_all(b);
		assert_true(settle(b));
		assert_true(has(b, UNSET, 0) && has(b, NEW, 1 + NEW) && has(b, KEPT, 1 + KEPT));
		assert_said_once(b);
		assert_int_equal(owner_close(b, 5000), 0);
	}
	print_message("%u kills, stride %u\n", kills, stride());
	assert_true(kills * stride() > 50);
	owner_open(b);
	munmap(shared, sizeof(*shared));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        MIXED_NODES_TEST(a_kill_before_each_write_loses_no_word_and_says_none_twice),
	        MIXED_NODES_TEST(a_kill_between_any_two_writes_loses_no_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

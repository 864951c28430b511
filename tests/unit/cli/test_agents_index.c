// SPDX-License-Identifier: MIT
/*
 * A timeline by the index that an agent fed is the same as one by an index made of the commits: the
 * merges of tasks have rows only in the latter.
 */
#include "../history/owner.h"

#include "lookback/lookback.h"
#include "reader/reader.h"

#define HOSTS 12 /* of each task, and of what is no task's */

/* Another MAC than the present one, or none. */
static unsigned other_mac(const struct owner *owner, unsigned host)
{
	const struct entry *entry = owner->table[host];
	unsigned mac = 1 + (unsigned)rand() % 9;

	if (!entry)
		return mac;
	if (rand() % 4 == 0)
		return 0;
	return entry->mac.octet[5] == mac ? mac % 9 + 1 : mac;
}

static void change_one(struct owner *owner)
{
	unsigned host = 1 + (unsigned)rand() % HOSTS, mac = other_mac(owner, host);

	change(owner, !owner->table[host] ? "learn" : mac ? "move" : "expire", host, mac);
}

static void make_history(struct owner *owner)
{
	uint64_t task[2] = {0};

	owner_open(owner);
	for (int i = 0; i < 300; i++) {
		unsigned which = (unsigned)rand() % 2;
		unsigned host = 1 + (which + 1) * HOSTS + (unsigned)rand() % HOSTS;

		change_one(owner);
		if (!task[which])
			task[which] = history_begin(owner->history, "import");
		task_change(owner, task[which], host, other_mac(owner, host));
		if (rand() % 6 == 0) {
			assert_int_equal(history_end(owner->history, task[which], NULL, NULL), 0);
			task[which] = 0;
		}
		for (int j = rand() % 8 ? 0 : 60; j > 0; j--)
			turn(owner);
	}
	for (int i = 0; i < 2; i++)
		if (task[i])
			assert_int_equal(history_end(owner->history, task[i], NULL, NULL), 0);
	assert_true(settle(owner));
	assert_int_equal(owner_close(owner, 5000), 0);
}

static struct timeline_bucket count(const struct owner *owner)
{
	const struct timeline_query query = {.until = time(NULL), .buckets = 1};
	struct timeline_bucket bucket;
	struct timeline timeline;
	struct reader *reader;
	struct fault fault;

	assert_int_equal(reader_open(&reader, owner->path, &fault), 0);
	if (reader_timeline(reader, &timeline, &query, &fault) < 0)
		fail_msg("%s", fault.text);
	bucket = timeline.bucket[0];
	timeline_clear(&timeline);
	reader_close(reader);
	return bucket;
}

static void a_timeline_is_that_of_the_commits(void **state)
{
	struct owner *owner = owner_new();
	struct timeline_bucket fed, made;
	char directory[256], merges[16];
	struct fault fault;

	(void)state;
	srand(6);
	make_history(owner);
	output(owner, merges, sizeof(merges), "git -C $R rev-list --count --merges main");
	assert_true(atoi(merges) > 5);
	fed = count(owner);
	assert_int_equal(shell(owner, "rm $R/arpkeeper/index"), 0);
	snprintf(directory, sizeof(directory), "%s/", owner->path);
	assert_int_equal(lookback_tend(directory, &fault), 0);
	made = count(owner);
	assert_true(made.appeared > 0 && made.moved > 0 && made.gone > 0);
	assert_int_equal(fed.appeared, made.appeared);
	assert_int_equal(fed.moved, made.moved);
	assert_int_equal(fed.gone, made.gone);
	owner_free(owner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_timeline_is_that_of_the_commits),
	};

	return cmocka_run_group_tests_name("agents_index", tests, NULL, NULL);
}

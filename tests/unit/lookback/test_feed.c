// SPDX-License-Identifier: MIT
/* Commits that are fed to the index as they are made: it says what their trees say. */
#include "rows.h"

#include "lookback/index_feed.h"

#define HOSTS   24
#define NETWORK UINT64_C(0x20010db800000007)

static struct prefix prefix[] = {{ADDRESS_V4(0x0a000000), 22}, {{NETWORK, 0}, 64}};
static const struct segment segment = {"lan", prefix, 2};

/* Of both families by turns. */
static struct address place(unsigned host)
{
	return host % 2 ? (struct address){NETWORK, 0x100 * host + 1}
	                : address_v4(0x0a000001 + host);
}

struct sandbox {
	char folder[64], path[128];
	git_repository *repository;
	struct writer *writer;
	struct lookback lookback;
	struct version head;
	struct entry entry[HOSTS]; /* since 0: absent */
	struct fault fault;
};

static int set_up(void **state)
{
	struct sandbox *sandbox = calloc(1, sizeof(*sandbox));

	assert_non_null(sandbox);
	strcpy(sandbox->folder, "/tmp/aklookback-XXXXXX");
	assert_non_null(mkdtemp(sandbox->folder));
	snprintf(sandbox->path, sizeof(sandbox->path), "%s/r.git", sandbox->folder);
	assert_int_equal(shell(sandbox, "git init -q --bare -b main \"$R\""), 0);
	assert_true(git_libgit2_init() > 0);
	assert_int_equal(git_repository_open(&sandbox->repository, sandbox->path), 0);
	assert_int_equal(
	        writer_new(&sandbox->writer, sandbox->repository, "a <a@b>", &sandbox->fault), 0);
	srand(1);
	*state = sandbox;
	return 0;
}

static int tear_down(void **state)
{
	struct sandbox *sandbox = *state;

	lookback_clear(&sandbox->lookback);
	writer_free(sandbox->writer);
	git_repository_free(sandbox->repository);
	git_libgit2_shutdown();
	gitshell_remove(sandbox->folder);
	free(sandbox);
	return 0;
}

/* A commit that learns, moves or removes one address, or several of them; and is fed. */
static void commit(struct sandbox *sandbox)
{
	struct transition transition[3] = {0};
	struct entry *before[3] = {NULL};
	struct entry old[3], new[3];
	const git_oid *parent = &sandbox->head.commit;
	struct version made;
	struct lookback_commit fed = {.made = &made,
	                              .parent = &parent,
	                              .segment = &segment,
	                              .transition = transition,
	                              .before = before,
	                              .known = true,
	                              .changes = 1 + (unsigned)rand() % 3};
	struct commit_spec spec = {.message = "x\n"};
	struct edits edits = {0};

	for (size_t i = 0; i < fed.changes; i++) {
		unsigned host = i * HOSTS / 3 + (unsigned)rand() % (HOSTS / 3);
		struct entry *entry = &sandbox->entry[host];

		old[i] = *entry;
		if (entry->since)
			before[i] = &old[i];
		*entry = (struct entry){0};
		if (!before[i] || rand() % 4) {
			entry->mac = (struct mac){{2, 0, 0, 0, 0, (uint8_t)(1 + rand() % 99)}};
			entry->state = ENTRY_DYNAMIC;
			entry->since = 1763800000 + rand() % 1000000;
		}
		new[i] = *entry;
		transition[i] = (struct transition){.address = place(host),
		                                    .after = entry->since ? &new[i] : NULL};
		assert_int_equal(stored_set(&edits, sandbox->writer, &segment, 0,
		                            transition[i].address, transition[i].after,
		                            &sandbox->fault),
		                 0);
	}
	spec.edit = edits.edit;
	spec.edits = edits.count;
	if (!git_oid_is_zero(parent)) {
		spec.base = &sandbox->head.tree;
		spec.parent[spec.parents++] = parent;
	}
	fed.parents = (unsigned)spec.parents;
	assert_int_equal(writer_commit(sandbox->writer, &made, &spec, &sandbox->fault), 0);
	fed.time = writer_time(sandbox->writer);
	lookback_add(&sandbox->lookback, &fed);
	edits_clear(&edits);
	sandbox->head = made;
}

static void what_is_fed_is_what_the_commits_say(void **state)
{
	struct sandbox *sandbox = *state;
	git_oid main;

	for (int i = 0; i < 300; i++) {
		bool first = git_oid_is_zero(&sandbox->head.commit);

		main = sandbox->head.commit;
		for (int j = rand() % 4; j >= 0; j--)
			commit(sandbox);
		assert_int_equal(writer_flush(sandbox->writer, &sandbox->fault), 0);
		assert_int_equal(refs_move(sandbox->repository, MAIN_REF, first ? NULL : &main,
		                           &sandbox->head.commit, &sandbox->fault),
		                 0);
		writer_settle(sandbox->writer);
		assert_false(lookback_publish(&sandbox->lookback, sandbox->repository,
		                              &sandbox->head.commit));
	}
	lookback_clear(&sandbox->lookback);
	assert_kept(sandbox->folder, sandbox->path);
}

static git_oid id_of(unsigned number)
{
	git_oid id = {{(uint8_t)number, (uint8_t)(number >> 8), 7}};

	return id;
}

static void add(struct index_feed *feed, unsigned number, unsigned changes)
{
	git_oid id = id_of(number);

	assert_non_null(index_feed_begin(feed, changes));
	index_feed_commit(feed, &id, &id, NULL, 0, number, changes);
}

static void the_feed_keeps_what_was_not_removed(void **state)
{
	struct index_feed *feed = index_feed_new();
	git_oid id;

	(void)state;
	assert_non_null(feed);
	for (unsigned i = 0; i < 3000; i++) {
		add(feed, i, 1);
		add(feed, i, 9); /* again: without effect */
		id = id_of(i);
		if (i % 10)
			index_feed_remove(feed, &id);
	}
	for (unsigned i = 0; i < 3000; i++) {
		const struct index_fed *fed;

		id = id_of(i);
		fed = index_feed_find(feed, &id);
		assert_true(i % 10 ? !fed : fed && fed->time == i && fed->changes == 1);
	}
	assert_int_equal(index_feed_size(feed), 300 * 5);
	/* One that was removed can come back. */
	add(feed, 1, 2);
	id = id_of(1);
	assert_non_null(index_feed_find(feed, &id));
	index_feed_clear(feed);
	assert_null(index_feed_find(feed, &id));
	assert_int_equal(index_feed_size(feed), 0);
	index_feed_free(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(what_is_fed_is_what_the_commits_say, set_up,
	                                        tear_down),
	        cmocka_unit_test(the_feed_keeps_what_was_not_removed),
	};

	return cmocka_run_group_tests_name("feed", tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/* A writer whose packs are joined all the time holds what is on the disk, and no more. */
#include "keeper.h"

#include <dirent.h>
#include <malloc.h>

#include "upkeep/upkeep.h"

#define ROUNDS   10   /* each UPKEEP_FLUSHES flushes and a run of upkeep */
#define VERSIONS 1000 /* that are looked back at, */
#define LOOKS    20   /* so many at a time */
#define GROWTH   ((size_t)2 << 20)

struct held {
	unsigned mappings;            /* of packs and their indexes */
	unsigned removed_mappings;    /* of those that are gone */
	unsigned removed_descriptors; /* of any files that are gone */
};

/* Mappings of files in objects/pack. */
static void count_mappings(struct held *held)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[PATH_MAX + 128];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps)) {
		held->mappings += strstr(line, "/objects/pack/") != NULL;
		held->removed_mappings +=
		        strstr(line, " (deleted)") && strstr(line, "/objects/pack/");
	}
	fclose(maps);
}

static void count_descriptors(struct held *held)
{
	DIR *folder = opendir("/proc/self/fd");
	char target[PATH_MAX];
	struct dirent *file;

	assert_non_null(folder);
	while ((file = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), file->d_name, target, PATH_MAX - 1);

		if (length < 0)
			continue;
		target[length] = '\0';
		held->removed_descriptors += strstr(target, " (deleted)") != NULL;
	}
	closedir(folder);
}

static struct held look(void)
{
	struct held held = {0};

	count_mappings(&held);
	count_descriptors(&held);
	return held;
}

static void tend(struct keeper *keeper)
{
	struct chores chores = {.git_directory = directory(keeper)};
	pid_t child = fork();
	int status;

	if (child == 0) {
		alarm(60);
		_exit(chores_run(&chores, &keeper->fault) < 0);
	}
	assert_true(waitpid(child, &status, 0) == child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* An object of an old version, from the disk. */
static void look_back(struct keeper *keeper, const struct version *old)
{
	char path[64];
	git_oid id;
	int error;

	value_path(path, 1 + (unsigned)rand() % (NAMES - 24));
	error = writer_find(keeper->writer, &id, NULL, &old->tree, path, &keeper->fault);
	assert_true(error == 0 || error == -ENOENT);
}

static void assert_bounded(unsigned packs)
{
	struct held held = look();

	assert_int_equal(held.removed_mappings, 0);
	assert_int_equal(held.removed_descriptors, 0);
	/* A pack has an index and some windows. */
	assert_true(held.mappings <= 3 * packs);
}

static unsigned packs_of(const struct keeper *keeper)
{
	return number(keeper, "ls \"$R\"/objects/pack/*.pack | wc -l");
}

static void what_is_held_is_bounded_by_what_is_on_the_disk(void **state)
{
	struct keeper *keeper = *state;
	struct version old[ROUNDS];
	unsigned packs, most = 0;

	keeper_open(keeper);
	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < UPKEEP_FLUSHES; i++)
			keeper_flush(keeper, 1);
		old[round] = keeper->head;
		tend(keeper);
		keeper_flush(keeper, 1);
		look_back(keeper, &old[(unsigned)rand() % (round + 1)]);
		packs = packs_of(keeper);
		most = packs > most ? packs : most;
		assert_bounded(packs);
	}
	/* Packs were removed, or nothing was shown. */
	assert_true(most < ROUNDS * UPKEEP_FLUSHES / 2);
	keeper_close(keeper);
	assert_values(keeper);
	assert_whole(keeper);
}

/* An agent without anything to write looks every two seconds. */
static void packs_that_git_removed_are_let_go_without_a_flush(void **state)
{
	struct keeper *keeper = *state;
	struct version old;

	keeper_open(keeper);
	keeper_flush(keeper, 1);
	old = keeper->head;
	for (unsigned i = 0; i < UPKEEP_FLUSHES; i++)
		keeper_flush(keeper, 1);
	look_back(keeper, &old);
	assert_int_equal(shell(keeper, "git -C \"$R\" repack -adq"), 0);
	writer_look(keeper->writer);
	assert_bounded(packs_of(keeper));
	look_back(keeper, &old);
	keeper_flush(keeper, 1);
	keeper_close(keeper);
	assert_values(keeper);
	assert_whole(keeper);
}

/* libgit2 keeps what it read on the way to an object: up to fifty directories for each. */
static void what_was_read_is_let_go(void **state)
{
	struct keeper *keeper = *state;
	static struct version old[VERSIONS];
	size_t first = 0, now;

#ifdef __SANITIZE_ADDRESS__
	skip(); /* its allocator does not say what is in use */
#endif
	keeper_open(keeper);
	for (unsigned i = 0; i < VERSIONS; i++) {
		keeper_commit(keeper, CHANGES);
		old[i] = keeper->head;
	}
	for (unsigned round = 0; round < ROUNDS; round++) {
		keeper_flush(keeper, 1);
		now = mallinfo2().uordblks;
		/* The store keeps the versions that it read last: they have come by then. */
		if (round == 2)
			first = now;
		if (first && now > first + GROWTH)
			fail_msg("%zu bytes are in use, %zu more than before", now, now - first);
		for (unsigned i = 0; i < LOOKS; i++)
			look_back(keeper, &old[(unsigned)rand() % VERSIONS]);
	}
	keeper_close(keeper);
	assert_values(keeper);
	assert_whole(keeper);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_is_held_is_bounded_by_what_is_on_the_disk),
	        TEST(packs_that_git_removed_are_let_go_without_a_flush),
	        TEST(what_was_read_is_let_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

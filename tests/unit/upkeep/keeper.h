/* SPDX-License-Identifier: MIT */
/*
 * What the tests of upkeep share: a repository with a map of values that is recorded through the
 * store, each flush a pack, as an agent records its table.
 */
#ifndef TESTS_UNIT_UPKEEP_KEEPER_H
#define TESTS_UNIT_UPKEEP_KEEPER_H

#include <errno.h>
#include <stdbool.h>

#include "base/base.h"
#include "store/store.h"

#include "../gitshell.h"

#define NAMES   1024
#define CHANGES 10 /* in a commit */

struct keeper {
	char folder[64]; /* of the test */
	char path[128];  /* of the repository */
	struct fault fault;
	unsigned value[NAMES]; /* 0: absent */
	unsigned changed[NAMES], commits;
	git_repository *repository; /* while recording */
	struct writer *writer;
	struct version head;
	git_oid main;
};

GITSHELL const char *directory(const struct keeper *keeper)
{
	static char path[sizeof(keeper->path) + 1];

	snprintf(path, sizeof(path), "%s/", keeper->path);
	return path;
}

GITSHELL void expect_ok(const struct keeper *keeper, int error)
{
	if (error)
		fail_msg("%s", keeper->fault.text);
}

GITSHELL void value_path(char path[64], unsigned name)
{
	snprintf(path, 64, "map/10.0/10.0.%u/10.0.%u.%u", name / 256, name / 256, name % 256);
}

GITSHELL int value_text(char text[128], unsigned value)
{
	return snprintf(text, 128, "value 02:00:00:%02x:%02x:%02x\nstate dynamic\nsince %u\n",
	                value >> 16 & 255, value >> 8 & 255, value & 255, 1763800000 + value);
}

GITSHELL void keeper_open(struct keeper *keeper)
{
	git_commit *commit;

	expect_ok(keeper, repository_set_up(&keeper->fault));
	assert_int_equal(git_repository_open(&keeper->repository, keeper->path), 0);
	repository_refresh(keeper->repository);
	expect_ok(keeper, writer_new(&keeper->writer, keeper->repository, "keeper <keeper@x>",
	                             &keeper->fault));
	if (refs_read(&keeper->main, keeper->repository, MAIN_REF, &keeper->fault) < 0)
		return;
	assert_int_equal(git_commit_lookup(&commit, keeper->repository, &keeper->main), 0);
	keeper->head = (struct version){keeper->main, *git_commit_tree_id(commit)};
	git_commit_free(commit);
}

GITSHELL void keeper_close(struct keeper *keeper)
{
	writer_free(keeper->writer);
	git_repository_free(keeper->repository);
	git_libgit2_shutdown();
}

/* A commit of so many values, some of them removed. */
GITSHELL void keeper_commit(struct keeper *keeper, unsigned changes)
{
	struct edits edits = {0};
	struct commit_spec spec = {.message = "values\n"};
	char path[64], text[128];
	git_oid id;

	keeper->commits++;
	while (edits.count < changes) {
		unsigned name = 1 + (unsigned)rand() % (NAMES - 24);
		unsigned value = rand() % 20 ? 1 + (unsigned)rand() % 100000 : 0;

		if (keeper->changed[name] == keeper->commits || keeper->value[name] == value)
			continue;
		keeper->changed[name] = keeper->commits;
		keeper->value[name] = value;
		value_path(path, name);
		if (value)
			expect_ok(keeper,
			          writer_blob(keeper->writer, &id, text,
			                      (size_t)value_text(text, value), &keeper->fault));
		assert_int_equal(edits_add(&edits, path, value ? &id : NULL, GIT_FILEMODE_BLOB), 0);
	}
	if (!git_oid_is_zero(&keeper->head.commit)) {
		spec.base = &keeper->head.tree;
		spec.parent[spec.parents++] = &keeper->head.commit;
	}
	spec.edit = edits.edit;
	spec.edits = edits.count;
	expect_ok(keeper, writer_commit(keeper->writer, &keeper->head, &spec, &keeper->fault));
	edits_clear(&edits);
}

/* A flush of so many changes: a pack, which main names. */
GITSHELL void keeper_flush(struct keeper *keeper, unsigned changes)
{
	git_oid *main = git_oid_is_zero(&keeper->main) ? NULL : &keeper->main;

	for (; changes > 0; changes -= changes < CHANGES ? changes : CHANGES)
		keeper_commit(keeper, changes < CHANGES ? changes : CHANGES);
	expect_ok(keeper, writer_flush(keeper->writer, &keeper->fault));
	expect_ok(keeper, refs_move(keeper->repository, MAIN_REF, main, &keeper->head.commit,
	                            &keeper->fault));
	writer_settle(keeper->writer);
	writer_look(keeper->writer);
	keeper->main = keeper->head.commit;
}

/* Stock git reads from main what was recorded. */
GITSHELL void assert_values(struct keeper *keeper)
{
	char path[64], text[128];
	FILE *stream;

	snprintf(text, sizeof(text), "%s/want", keeper->folder);
	stream = fopen(text, "we");
	assert_non_null(stream);
	for (unsigned i = 0; i < NAMES; i++) {
		if (!keeper->value[i])
			continue;
		value_path(path, i);
		value_text(text, keeper->value[i]);
		fprintf(stream, "%s %s", path, text);
	}
	fclose(stream);
	assert_int_equal(shell(keeper, "LC_ALL=C sort want > want.sorted && git -C \"$R\" archive "
	                               "main | tar -x --to-command='printf \"%%s \" "
	                               "\"$TAR_FILENAME\"; cat' > have && LC_ALL=C sort have | "
	                               "cmp - want.sorted"),
	                 0);
}

GITSHELL unsigned number(const struct keeper *keeper, const char *command)
{
	char text[64];

	return (unsigned)strtoul(output(keeper, text, sizeof(text), "%s", command), NULL, 10);
}

GITSHELL int set_up(void **state)
{
	struct keeper *keeper = calloc(1, sizeof(*keeper));

	assert_non_null(keeper);
	strcpy(keeper->folder, "/tmp/akupkeep-XXXXXX");
	assert_non_null(mkdtemp(keeper->folder));
	snprintf(keeper->path, sizeof(keeper->path), "%s/keeper.git", keeper->folder);
	log_set_level(getenv("TEST_VERBOSE") ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR);
	*state = keeper;
	return shell(keeper, "git init -q --bare -b main \"$R\"");
}

GITSHELL int tear_down(void **state)
{
	struct keeper *keeper = *state;

	gitshell_remove(keeper->folder);
	free(keeper);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif

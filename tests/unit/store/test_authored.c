// SPDX-License-Identifier: MIT
/* The edits of random histories, against the definition in docs/history-format.md, path by path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants these first. */
#include <cmocka.h>
#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"

#define COMMITS 24
#define PATHS   6
#define VALUES  4 /* 0: the file is absent */
#define WORLDS  40
#define PAIRS   20

/* In git's order. */
static const char *const path[PATHS] = {"a.d", "a/b/1", "a/b/2", "a/c", "e/f/1", "g"};

struct commit {
	git_oid id;
	unsigned value[PATHS];
	unsigned parent[3], parents;
	uint64_t reach; /* a bit for each commit, itself among them */
};

/* What the definition says of a path: an edit, and what was before it. */
struct verdict {
	bool edit;
	unsigned before;
};

static char folder[64];
static git_repository *repository;
static git_oid blob[VALUES];
static struct commit commit[COMMITS];
static struct fault fault;

static int set_up(void **state)
{
	int error;

	(void)state;
	strcpy(folder, "/tmp/akauthored-XXXXXX");
	if (!mkdtemp(folder) || libgit2_start() < 0)
		return -1;
	error = git_repository_init(&repository, folder, 1);
	for (unsigned i = 1; i < VALUES && !error; i++)
		error = git_blob_create_from_buffer(&blob[i], repository, &(char){(char)('0' + i)},
		                                    1);
	return error;
}

static int tear_down(void **state)
{
	(void)state;
	git_repository_free(repository);
	git_libgit2_shutdown();
	return folder_remove(folder);
}

static git_oid make_tree(const unsigned *value)
{
	git_index *index = NULL;
	git_oid id;

	assert_int_equal(git_index_new(&index), 0);
	for (unsigned i = 0; i < PATHS; i++) {
		git_index_entry entry = {
		        .mode = GIT_FILEMODE_BLOB, .path = path[i], .id = blob[value[i]]};

		if (value[i])
			assert_int_equal(git_index_add(index, &entry), 0);
	}
	assert_int_equal(git_index_write_tree_to(&id, index, repository), 0);
	git_index_free(index);
	return id;
}

static void make(unsigned number)
{
	static int64_t time = 1000000000;

	struct commit *made = &commit[number];
	const git_oid id = make_tree(made->value);
	git_commit *parent[3] = {NULL};
	git_signature *by = NULL;
	git_tree *tree = NULL;
	char message[32];

	snprintf(message, sizeof(message), "%u %ld", number, random());
	assert_int_equal(git_signature_new(&by, "p", "p@x", time += random() % 3, 0), 0);
	assert_int_equal(git_tree_lookup(&tree, repository, &id), 0);
	made->reach = UINT64_C(1) << number;
	for (unsigned i = 0; i < made->parents; i++) {
		assert_int_equal(
		        git_commit_lookup(&parent[i], repository, &commit[made->parent[i]].id), 0);
		made->reach |= commit[made->parent[i]].reach;
	}
	assert_int_equal(git_commit_create(&made->id, repository, NULL, by, by, NULL, message, tree,
	                                   made->parents, (const git_commit **)parent),
	                 0);
	for (unsigned i = 0; i < made->parents; i++)
		git_commit_free(parent[i]);
	git_tree_free(tree);
	git_signature_free(by);
}

/* Merges take from either side, or what neither has; other commits change a file or two. */
static void make_world(void)
{
	for (unsigned c = 0; c < COMMITS; c++) {
		struct commit *made = &commit[c];
		unsigned near = c < 6 ? c : 6;

		*made = (struct commit){.parents = c == 0 || random() % 20 == 0 ? 0 : 1};
		if (made->parents && random() % 3 == 0)
			made->parents += 1 + random() % 5 / 4;
		for (unsigned i = 0; i < made->parents; i++)
			made->parent[i] = c - 1 - (unsigned)random() % near;
		for (unsigned p = 0; p < PATHS; p++) {
			bool changes = random() % (made->parents > 1 ? 8 : 4) == 0;
			unsigned from = made->parents ? (unsigned)random() % made->parents : 0;

			made->value[p] = changes || !made->parents
			                         ? (unsigned)random() % VALUES
			                         : commit[made->parent[from]].value[p];
		}
		make(c);
	}
}

static struct verdict define(unsigned known, unsigned number, unsigned p)
{
	const struct commit *at = &commit[number];
	unsigned now = commit[known].value[p];
	struct verdict side[3], found = {.edit = false};
	unsigned before = 0, from = 0;

	if (commit[known].reach >> number & 1)
		return found;
	for (unsigned i = 0; i < at->parents; i++) {
		const struct commit *parent = &commit[at->parent[i]];

		side[i] = define(known, at->parent[i], p);
		if (at->parents > 1 && parent->value[p] == at->value[p] && !side[i].edit)
			return found;
		if (!side[i].edit)
			side[i].before = parent->value[p];
	}
	/* From the first parent with the same file; else from the first. */
	while (from < at->parents && commit[at->parent[from]].value[p] != at->value[p])
		from++;
	if (at->parents > 0)
		before = side[from < at->parents ? from : 0].before;
	for (unsigned i = 0; i < at->parents && at->parents > 1 && before != now; i++)
		if (side[i].before == now)
			before = now;
	return (struct verdict){before != at->value[p], before};
}

struct reading {
	unsigned known, tip, next;
};

static unsigned value_of(const git_oid *id, git_filemode_t mode)
{
	for (unsigned i = 1; id && i < VALUES; i++)
		if (git_oid_equal(id, &blob[i])) {
			assert_int_equal(mode, GIT_FILEMODE_BLOB);
			return i;
		}
	assert_null(id);
	return 0;
}

static void skip_to(struct reading *reading, const char *until)
{
	for (; reading->next < PATHS && (!until || strcmp(path[reading->next], until) != 0);
	     reading->next++)
		assert_false(define(reading->known, reading->tip, reading->next).edit);
}

static int check(void *context, const struct tree_difference *difference)
{
	struct reading *reading = context;
	struct verdict verdict;
	unsigned p;

	skip_to(reading, difference->path);
	p = reading->next++;
	assert_in_range(p, 0, PATHS - 1);
	verdict = define(reading->known, reading->tip, p);
	assert_true(verdict.edit);
	assert_int_equal(value_of(difference->before, difference->before_mode), verdict.before);
	assert_int_equal(value_of(difference->after, difference->after_mode),
	                 commit[reading->tip].value[p]);
	return 0;
}

static bool compare(unsigned known, unsigned tip)
{
	struct reading reading = {.known = known, .tip = tip};
	struct authored authored;
	git_oid base;
	int error = ancestry_base(&base, repository, &commit[known].id, &commit[tip].id, &fault);
	const struct authored_query query = {
	        .known = &commit[known].id, .tip = &commit[tip].id, .base = error ? NULL : &base};

	if (error && error != -ENOENT)
		fail_msg("%s", fault.text);
	if (authored_find(&authored, repository, &query, &fault))
		fail_msg("%s", fault.text);
	assert_int_equal(authored_each(&authored, repository, check, &reading), 0);
	skip_to(&reading, NULL);
	error = authored.plain;
	authored_clear(&authored);
	return error;
}

static void random_histories_have_the_edits_of_the_definition(void **state)
{
	unsigned plain = 0;

	(void)state;
	srandom(11);
	for (unsigned world = 0; world < WORLDS; world++) {
		make_world();
		for (unsigned i = 0; i < PAIRS; i++)
			plain += compare((unsigned)random() % COMMITS,
			                 COMMITS - 1 - (unsigned)random() % 8);
	}
	/* Both ways were gone. */
	assert_in_range(plain, WORLDS * PAIRS / 20, WORLDS * PAIRS * 9 / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(random_histories_have_the_edits_of_the_definition),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

// SPDX-License-Identifier: MIT
/* Edits of trees, against libgit2's; and packs of them, as stock git reads them. */
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
#include <unistd.h>

#include "base/base.h"
#include "store/forest.h"
#include "store/objects.h"

/* Where a number's file is: three directories deep, a number's last byte to a file. The numbers of
 * 10.2 stand for IPv6 addresses of two networks, which have one key. */
#define PATH_MOST 64
#define IPV6_KEY  (UINT64_C(1) << 32)

struct place {
	char folder[64];
	git_repository *repository;
	struct objects *objects;
	struct forest *forest;
	struct fault fault;
};

static const char *path_of(char path[PATH_MOST], uint32_t number)
{
	unsigned a = number >> 24, b = number >> 16 & 255, c = number >> 8 & 255;

	if (b == 2)
		snprintf(path, PATH_MOST, "lan/2001-db8%s/%02x/2001-db8%s--%x", c ? "-0-7" : "",
		         number & 7, c ? "-0-7" : "", number & 255);
	else
		snprintf(path, PATH_MOST, "lan/%u.%u/%u.%u.%u/%u.%u.%u.%u", a, b, a, b, c, a, b, c,
		         number & 255);
	return path;
}

static int add_numbered(struct edits *edits, uint32_t number, const git_oid *id)
{
	char path[PATH_MOST];

	const uint64_t key = (number >> 16 & 255) == 2 ? IPV6_KEY : number;

	return edits_add_keyed(edits, path_of(path, number), key, id, GIT_FILEMODE_BLOB);
}

static int set_up(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	git_libgit2_init();
	strcpy(place->folder, "/tmp/akforest-XXXXXX");
	if (!mkdtemp(place->folder) ||
	    git_repository_init(&place->repository, place->folder, 1) < 0 ||
	    objects_new(&place->objects, place->repository, &place->fault) ||
	    forest_new(&place->forest, place->objects, &place->fault))
		return -1;
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	forest_free(place->forest);
	objects_free(place->objects);
	git_repository_free(place->repository);
	(void)folder_remove(place->folder);
	free(place);
	git_libgit2_shutdown();
	return 0;
}

static int git(struct place *place, const char *command)
{
	char line[512];

	snprintf(line, sizeof(line), "cd %s && %s", place->folder, command);
	return system(line); /* NOLINT(cert-env33-c): a test, of its own words */
}

/* A blob that both sides have. */
static git_oid blob(struct place *place, unsigned number)
{
	char text[32];
	git_oid id, same;
	int length = snprintf(text, sizeof(text), "number %u\n", number);

	assert_int_equal(objects_add(place->objects, &id, GIT_OBJECT_BLOB, text, (size_t)length,
	                             &place->fault),
	                 0);
	assert_int_equal(
	        git_blob_create_from_buffer(&same, place->repository, text, (size_t)length), 0);
	assert_true(git_oid_equal(&id, &same));
	return id;
}

static git_oid tree_of(struct place *place, const git_oid *base, struct edits *edits)
{
	git_oid tree;

	assert_int_equal(forest_edit(place->forest, &tree, base, edits->edit, edits->count, NULL,
	                             &place->fault),
	                 0);
	edits_clear(edits);
	return tree;
}

/* What git would make of it. */
static git_oid tree_by_git(struct place *place, const char *index_commands)
{
	char command[8192], hex[GIT_OID_HEXSZ + 2] = "";
	git_oid tree;
	FILE *output;

	snprintf(command, sizeof(command),
	         "cd %s && rm -f index && printf '%s' | git update-index --index-info && "
	         "git write-tree",
	         place->folder, index_commands);
	output = popen(command, "r"); /* NOLINT(cert-env33-c) */
	assert_non_null(output);
	assert_non_null(fgets(hex, sizeof(hex), output));
	assert_int_equal(pclose(output), 0);
	hex[GIT_OID_HEXSZ] = '\0';
	assert_int_equal(git_oid_fromstr(&tree, hex), 0);
	return tree;
}

static void names_stand_in_gits_order(void **state)
{
	/* A directory sorts as if its name ended in '/', between '.' and '0'. */
	static const char *const path[] = {"a",      "a-b",    "a.b",   "a0",    "ab/x",
	                                   "ab.c",   "ab0",    "b/c",   "b/c.d", "b/c0",
	                                   "b/cd/e", "10.1/x", "10.10", "10.1.0"};
	struct place *place = *state;
	char commands[4096] = "";
	struct edits edits = {0};
	git_oid tree, expected;

	for (size_t i = 0; i < sizeof(path) / sizeof(path[0]); i++) {
		git_oid id = blob(place, (unsigned)i);
		size_t used = strlen(commands);

		assert_int_equal(edits_add(&edits, path[i], &id, GIT_FILEMODE_BLOB), 0);
		snprintf(commands + used, sizeof(commands) - used, "100644 %s\\t%s\\n",
		         git_oid_tostr_s(&id), path[i]);
	}
	tree = tree_of(place, NULL, &edits);
	expected = tree_by_git(place, commands);
	assert_true(git_oid_equal(&tree, &expected));
}

static void a_file_becomes_a_directory_and_back(void **state)
{
	struct place *place = *state;
	git_oid one = blob(place, 1), two = blob(place, 2), first, second, third;
	struct edits edits = {0};

	edits_add(&edits, "x", &one, GIT_FILEMODE_BLOB);
	edits_add(&edits, "x.y", &two, GIT_FILEMODE_BLOB);
	first = tree_of(place, NULL, &edits);
	edits_add(&edits, "x", NULL, 0);
	edits_add(&edits, "x/z", &two, GIT_FILEMODE_BLOB);
	second = tree_of(place, &first, &edits);
	edits_add(&edits, "x/z", NULL, 0);
	third = tree_of(place, &second, &edits);
	edits_add(&edits, "x", &one, GIT_FILEMODE_BLOB);
	third = tree_of(place, &third, &edits);
	assert_true(git_oid_equal(&first, &third));
	assert_false(git_oid_equal(&first, &second));
}

static void a_file_that_takes_a_directorys_place_wins(void **state)
{
	struct place *place = *state;
	git_oid one = blob(place, 1), two = blob(place, 2), tree, expected;
	struct edits edits = {0};

	edits_add(&edits, "x/ours", &one, GIT_FILEMODE_BLOB);
	edits_add(&edits, "x/theirs", &one, GIT_FILEMODE_BLOB);
	edits_add(&edits, "x.y", &one, GIT_FILEMODE_BLOB);
	tree = tree_of(place, NULL, &edits);
	edits_add(&edits, "x", &two, GIT_FILEMODE_BLOB);
	edits_add(&edits, "x/theirs", NULL, 0);
	edits_add(&edits, "x.y", &two, GIT_FILEMODE_BLOB);
	tree = tree_of(place, &tree, &edits);
	edits_add(&edits, "x", &two, GIT_FILEMODE_BLOB);
	edits_add(&edits, "x.y", &two, GIT_FILEMODE_BLOB);
	expected = tree_of(place, NULL, &edits);
	assert_true(git_oid_equal(&tree, &expected));
}

static void nothing_left_is_gits_empty_tree(void **state)
{
	struct place *place = *state;
	git_oid one = blob(place, 1), tree;
	struct edits edits = {0};

	edits_add(&edits, "a/b/c", &one, GIT_FILEMODE_BLOB);
	tree = tree_of(place, NULL, &edits);
	edits_add(&edits, "a/b/c", NULL, 0);
	tree = tree_of(place, &tree, &edits);
	assert_string_equal(git_oid_tostr_s(&tree), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
	edits_add(&edits, "not/there", NULL, 0);
	tree = tree_of(place, &tree, &edits);
	assert_string_equal(git_oid_tostr_s(&tree), "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
}

static void of_two_edits_of_one_file_one_counts(void **state)
{
	struct place *place = *state;
	git_oid one = blob(place, 1), once, twice;
	struct edits edits = {0};

	add_numbered(&edits, 0x0a000001, &one);
	once = tree_of(place, NULL, &edits);
	for (int i = 0; i < 2; i++)
		add_numbered(&edits, 0x0a000001, &one);
	twice = tree_of(place, NULL, &edits);
	assert_true(git_oid_equal(&once, &twice));
}

static void flush(struct place *place)
{
	assert_int_equal(objects_flush(place->objects, &place->fault), 0);
	objects_settle(place->objects);
}

/* Both make the same trees by random edits of a few hundred addresses, over many packs. */
static void random_edits_make_the_trees_that_git_makes(void **state)
{
	enum { STEPS = 160 };
	struct place *place = *state;
	git_oid tree, reference, kept[STEPS];
	struct edits edits = {0};

	srand(3);
	reference = tree = tree_of(place, NULL, &edits);
	flush(place);
	for (unsigned step = 0; step < STEPS; step++) {
		git_tree_update update[40];
		git_tree *base;
		size_t count = 1 + (size_t)rand() % 40, updates = 0;

		assert_int_equal(git_tree_lookup(&base, place->repository, &reference), 0);
		for (size_t i = 0; i < count; i++) {
			uint32_t number = 0x0a000000 | ((unsigned)rand() % 3) << 16 |
			                  ((unsigned)rand() % 2) << 8 | (unsigned)rand() % 60;
			git_oid id = blob(place, (unsigned)rand() % 1000);
			char path[PATH_MOST];
			git_tree_entry *there = NULL;
			bool known = false, remove;

			path_of(path, number);
			for (size_t k = 0; k < updates; k++)
				known |= !strcmp(update[k].path, path);
			if (known)
				continue;
			remove = git_tree_entry_bypath(&there, base, path) == 0 && rand() % 2;
			git_tree_entry_free(there);
			update[updates++] = (git_tree_update){
			        .action = remove ? GIT_TREE_UPDATE_REMOVE : GIT_TREE_UPDATE_UPSERT,
			        .id = id,
			        .filemode = GIT_FILEMODE_BLOB,
			        .path = strdup(path)};
			assert_int_equal(add_numbered(&edits, number, remove ? NULL : &id), 0);
		}
		assert_int_equal(git_tree_create_updated(&reference, place->repository, base,
		                                         updates, update),
		                 0);
		tree = tree_of(place, &tree, &edits);
		kept[step] = tree;
		for (size_t k = 0; k < updates; k++)
			free((char *)update[k].path);
		git_tree_free(base);
		/* libgit2 keeps directories that nothing is left in; they are not compared. */
		if (rand() % 20 == 0)
			flush(place);
		if (step % 10 == 0) { /* an older version, which is not in memory any more */
			git_oid older;

			add_numbered(&edits, 0x0a0000ff, NULL);
			older = tree_of(place, &kept[rand() % (int)(step + 1)], &edits);
			(void)older;
		}
		assert_string_equal(git_oid_tostr_s(&tree), git_oid_tostr_s(&reference));
	}
	flush(place);
	/* What git says of packs with chains of deltas, and of trees. */
	assert_int_equal(git(place, "git verify-pack objects/pack/*.idx && "
	                            "git fsck --strict --full --no-dangling"),
	                 0);
}

/* What is in the pack in the making is read back from it: also trees that are deltas. */
static void what_is_not_flushed_yet_is_read(void **state)
{
	struct place *place = *state;
	git_oid tree[30], id;
	struct edits edits = {0};
	const struct object *object;

	for (unsigned i = 0; i < 200; i++) {
		git_oid one = blob(place, i);

		add_numbered(&edits, 0x0a000001 + i, &one);
	}
	tree[0] = tree_of(place, NULL, &edits);
	for (unsigned i = 1; i < 30; i++) {
		git_oid one = blob(place, 1000 + i);

		add_numbered(&edits, 0x0a000001 + i, &one);
		tree[i] = tree_of(place, &tree[i - 1], &edits);
	}
	for (unsigned i = 0; i < 30; i++) {
		git_oid again;

		assert_int_equal(objects_read(place->objects, &object, &tree[i], &place->fault), 0);
		git_odb_hash(&again, object->data, object->size, object->type);
		assert_true(git_oid_equal(&again, &tree[i]));
	}
	id = blob(place, 1003);
	for (unsigned i = 0; i < 30; i++) {
		git_oid found;

		assert_int_equal(forest_find(place->forest, &found, NULL, &tree[i],
		                             "lan/10.0/10.0.0/10.0.0.4", &place->fault),
		                 0);
		assert_int_equal(git_oid_equal(&found, &id), i >= 3);
	}
}

#define LARGE_DIRECTORIES 1024 /* two versions of them are more than the forest keeps for long */

/* A version that differs from `base` in every directory; `names` of each are edited. */
static git_oid large_version(struct place *place, const git_oid *base, unsigned names,
                             unsigned number)
{
	struct edits edits = {0};
	git_oid one = blob(place, number);

	for (uint32_t i = 0; i < LARGE_DIRECTORIES; i++)
		for (uint32_t j = 0; j < names; j++)
			add_numbered(&edits, 0x0a000000 + (i << 8) + j, &one);
	return tree_of(place, base, &edits);
}

/* What is not in memory now cannot be read. */
static void lose_packs(struct place *place)
{
	assert_int_equal(objects_flush(place->objects, &place->fault), 0);
	assert_int_equal(git(place, "rm -f objects/pack/*"), 0);
}

static void large_tasks_that_overlap_are_merged_without_reading(void **state)
{
	struct place *place = *state;
	struct edits edits = {0};
	git_oid began, first, second, merged, one = blob(place, 4), tree;

	began = large_version(place, NULL, 256, 1);
	lose_packs(place);
	first = large_version(place, &began, 1, 2);
	lose_packs(place);
	second = large_version(place, &began, 2, 3);
	lose_packs(place);
	merged = large_version(place, &first, 3, 3);
	lose_packs(place);

	/* At rest the one made last is there, and no other. */
	forest_rest(place->forest);
	add_numbered(&edits, 0x0a000001, &one);
	assert_int_equal(forest_edit(place->forest, &tree, &second, edits.edit, edits.count, NULL,
	                             &place->fault),
	                 -EIO);
	assert_int_equal(forest_edit(place->forest, &tree, &merged, edits.edit, edits.count, NULL,
	                             &place->fault),
	                 0);
	edits_clear(&edits);
}

static void a_malformed_tree_is_named(void **state)
{
	static const char bytes[] = "100644 name-without-an-id";
	struct place *place = *state;
	struct edits edits = {0};
	git_oid bad, tree, one = blob(place, 1);

	assert_int_equal(objects_add(place->objects, &bad, GIT_OBJECT_TREE, bytes,
	                             sizeof(bytes) - 1, &place->fault),
	                 0);
	edits_add(&edits, "x", &one, GIT_FILEMODE_BLOB);
	assert_true(forest_edit(place->forest, &tree, &bad, edits.edit, edits.count, NULL,
	                        &place->fault) < 0);
	assert_non_null(strstr(place->fault.text, git_oid_tostr_s(&bad)));
	edits_clear(&edits);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(names_stand_in_gits_order),
	        TEST(a_file_becomes_a_directory_and_back),
	        TEST(a_file_that_takes_a_directorys_place_wins),
	        TEST(nothing_left_is_gits_empty_tree),
	        TEST(of_two_edits_of_one_file_one_counts),
	        TEST(random_edits_make_the_trees_that_git_makes),
	        TEST(what_is_not_flushed_yet_is_read),
	        TEST(large_tasks_that_overlap_are_merged_without_reading),
	        TEST(a_malformed_tree_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: MIT
/*
 * The walk of two trees side by side. Never opens a pair of equal subtrees unless asked for
 * everything, and never reads a file's content. Trees that people push are walked too: depth is
 * limited.
 */
#include "store/tree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX                                                                                  \
	64 /* an entry's is 4; what people keep beside entries is rarely deeper than 10            \
	    */

struct walk {
	git_repository *repository;
	tree_difference_fn *handle;
	void *context;
	bool all; /* what is equal, too */
	char *path;
	size_t room;
};

static int trees_diff(struct walk *walk, const git_oid *before, const git_oid *after, size_t length,
                      unsigned depth);

/* Appends a name to the path so far; its new length, or 0 when out of memory. */
static size_t append(struct walk *walk, size_t length, const char *name)
{
	size_t name_length = strlen(name);
	size_t total = length + name_length + (length > 0);

	if (total + 1 > walk->room) {
		size_t room = 2 * (total + 1);
		char *path = realloc(walk->path, room);

		if (!path)
			return 0;
		walk->path = path;
		walk->room = room;
	}
	if (length > 0)
		walk->path[length++] = '/';
	memcpy(walk->path + length, name, name_length + 1);
	return total;
}

static bool is_tree(const git_tree_entry *entry)
{
	return git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

/* One name, as it is on both sides; either may be NULL. Both are trees, or both are not. */
static int entry_diff(struct walk *walk, const git_tree_entry *before, const git_tree_entry *after,
                      size_t length, unsigned depth)
{
	struct tree_difference difference = {0};

	if (!walk->all && before && after &&
	    git_oid_equal(git_tree_entry_id(before), git_tree_entry_id(after)) &&
	    git_tree_entry_filemode_raw(before) == git_tree_entry_filemode_raw(after))
		return 0;
	length = append(walk, length, git_tree_entry_name(after ? after : before));
	if (length == 0) {
		git_error_set_oom();
		return GIT_ERROR;
	}
	if (is_tree(after ? after : before))
		return trees_diff(walk, before ? git_tree_entry_id(before) : NULL,
		                  after ? git_tree_entry_id(after) : NULL, length, depth + 1);
	difference.path = walk->path;
	if (before) {
		difference.before = git_tree_entry_id(before);
		difference.before_mode = git_tree_entry_filemode_raw(before);
	}
	if (after) {
		difference.after = git_tree_entry_id(after);
		difference.after_mode = git_tree_entry_filemode_raw(after);
	}
	return walk->handle(walk->context, &difference);
}

/* Both trees are sorted in git's order, in which a tree's name ends in '/': a file and a tree of
 * one name are two names. */
static int trees_diff(struct walk *walk, const git_oid *before, const git_oid *after, size_t length,
                      unsigned depth)
{
	git_tree *old = NULL, *new = NULL;
	size_t i = 0, j = 0, olds = 0, news = 0;
	bool equal = before && after && git_oid_equal(before, after);
	int error = 0;

	if (equal && !walk->all)
		return 0;
	if (depth > DEPTH_MAX) {
		git_error_set_str(GIT_ERROR_TREE, "folders are nested too deeply");
		return GIT_EINVALID;
	}
	/* Two equal ones are read once. */
	if (before && !equal && (error = git_tree_lookup(&old, walk->repository, before)) < 0)
		goto out;
	if (after && (error = git_tree_lookup(&new, walk->repository, after)) < 0)
		goto out;
	if (equal)
		old = new;
	olds = old ? git_tree_entrycount(old) : 0;
	news = new ? git_tree_entrycount(new) : 0;

	while (error == 0 && (i < olds || j < news)) {
		const git_tree_entry *a = i < olds ? git_tree_entry_byindex(old, i) : NULL;
		const git_tree_entry *b = j < news ? git_tree_entry_byindex(new, j) : NULL;
		int order = !a ? 1 : !b ? -1 : git_tree_entry_cmp(a, b);

		if (order < 0)
			b = NULL;
		else if (order > 0)
			a = NULL;
		i += a != NULL;
		j += b != NULL;
		error = entry_diff(walk, a, b, length, depth);
	}
out:
	if (!equal)
		git_tree_free(old);
	git_tree_free(new);
	return error;
}

static int run(struct walk *walk, const git_oid *before, const git_oid *after)
{
	int error = trees_diff(walk, before, after, 0, 0);

	free(walk->path);
	return error;
}

int tree_diff(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, void *context)
{
	struct walk walk = {.repository = repository, .handle = handle, .context = context};

	return run(&walk, before, after);
}

int tree_walk(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, void *context)
{
	struct walk walk = {
	        .repository = repository, .handle = handle, .context = context, .all = true};

	return run(&walk, before, after);
}

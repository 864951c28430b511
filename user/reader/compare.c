/* SPDX-License-Identifier: MIT */
/*
 * What differs between two trees, of everything or of one address. For one address it goes down
 * both trees at once and stops where they agree: most commits change other addresses, and are done
 * with after a level or two.
 */
#include "reader/compare.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "entry/entry.h"

struct comparison {
	git_repository *repository;
	tree_difference_fn *handle;
	void *context;
};

static const git_tree_entry *child_of(const git_tree *tree, const char *name)
{
	return tree ? git_tree_entry_byname(tree, name) : NULL;
}

static bool is_tree(const git_tree_entry *entry)
{
	return entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

static bool is_same(const git_tree_entry *a, const git_tree_entry *b)
{
	return a && b ? git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b)) : a == b;
}

static int handle_file(const struct comparison *comparison, const git_tree_entry *before,
                       const git_tree_entry *after, const char *path)
{
	struct tree_difference difference = {.path = path};

	if (before && !is_tree(before)) {
		difference.before = git_tree_entry_id(before);
		difference.before_mode = git_tree_entry_filemode(before);
	}
	if (after && !is_tree(after)) {
		difference.after = git_tree_entry_id(after);
		difference.after_mode = git_tree_entry_filemode(after);
	}
	return comparison->handle(comparison->context, &difference);
}

/* `name`: the part of the path that these trees have. */
static int compare_path(const struct comparison *comparison, const git_tree *before,
                        const git_tree *after, const char *path, const char *name)
{
	char component[SEGMENT_NAME_MAX + 1];
	size_t length = strcspn(name, "/");
	const git_tree_entry *a, *b;
	git_tree *old = NULL, *new = NULL;
	int error = 0;

	snprintf(component, sizeof(component), "%.*s", (int)length, name);
	a = child_of(before, component);
	b = child_of(after, component);
	if (is_same(a, b))
		return 0;
	if (!name[length])
		return handle_file(comparison, a, b, path);
	if (is_tree(a))
		error = git_tree_lookup(&old, comparison->repository, git_tree_entry_id(a));
	if (error == 0 && is_tree(b))
		error = git_tree_lookup(&new, comparison->repository, git_tree_entry_id(b));
	if (error == 0)
		error = compare_path(comparison, old, new, path, name + length + 1);
	git_tree_free(new);
	git_tree_free(old);
	return error;
}

/* The address in every folder at the top that could be a segment. */
static int compare_segments(const struct comparison *comparison, const git_tree *before,
                            const git_tree *after, uint32_t address)
{
	const git_tree *side[] = {before, after};
	char path[ENTRY_PATH_MAX];
	int error = 0;

	for (unsigned s = 0; s < 2; s++) {
		size_t count = side[s] ? git_tree_entrycount(side[s]) : 0;

		for (size_t i = 0; i < count && error == 0; i++) {
			const git_tree_entry *folder = git_tree_entry_byindex(side[s], i);
			const char *name = git_tree_entry_name(folder);

			if (!is_tree(folder) || !segment_name_is_valid(name) ||
			    (s == 1 && child_of(before, name)))
				continue;
			entry_path(path, name, address);
			error = compare_path(comparison, before, after, path, path);
		}
	}
	return error;
}

int reader_compare(git_repository *repository, const git_oid *before, const git_oid *after,
                   const uint32_t *address, const char *segment, tree_difference_fn *handle,
                   void *context)
{
	const struct comparison comparison = {repository, handle, context};
	git_tree *old = NULL, *new = NULL;
	char path[ENTRY_PATH_MAX];
	int error;

	if (!address)
		return tree_diff(repository, before, after, handle, context);
	error = git_tree_lookup(&new, repository, after);
	if (error == 0 && before)
		error = git_tree_lookup(&old, repository, before);
	if (error == 0 && segment) {
		entry_path(path, segment, *address);
		error = compare_path(&comparison, old, new, path, path);
	} else if (error == 0) {
		error = compare_segments(&comparison, old, new, *address);
	}
	git_tree_free(old);
	git_tree_free(new);
	return error;
}

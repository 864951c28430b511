/* SPDX-License-Identifier: MIT */
/* What differs between two trees, of everything or of one address. */
#include "reader/compare.h"

#include <errno.h>

#include "format/format.h"

struct comparison {
	const git_tree *before, *after; /* NULL: empty */
	tree_difference_fn *handle;
	void *context;
};

/* The file at a path; NULL if there is none. 0, or a libgit2 error. */
static int find_file(git_tree_entry **file, const git_tree *tree, const char *path)
{
	int error = tree ? git_tree_entry_bypath(file, tree, path) : GIT_ENOTFOUND;

	if (!error && git_tree_entry_type(*file) == GIT_OBJECT_TREE) {
		git_tree_entry_free(*file);
		*file = NULL;
	}
	return error == GIT_ENOTFOUND ? 0 : error;
}

static int compare_path(const struct comparison *comparison, const char *path)
{
	struct tree_difference difference = {.path = path};
	git_tree_entry *before = NULL, *after = NULL;
	int error = find_file(&before, comparison->before, path);

	if (!error)
		error = find_file(&after, comparison->after, path);
	if (before) {
		difference.before = git_tree_entry_id(before);
		difference.before_mode = git_tree_entry_filemode(before);
	}
	if (after) {
		difference.after = git_tree_entry_id(after);
		difference.after_mode = git_tree_entry_filemode(after);
	}
	if (!error && (before || after) &&
	    (!before || !after || !git_oid_equal(difference.before, difference.after)))
		error = comparison->handle(comparison->context, &difference);
	git_tree_entry_free(after);
	git_tree_entry_free(before);
	return error;
}

/* The address in every folder at the top that could be a segment. */
static int compare_segments(const struct comparison *comparison, struct address address)
{
	const git_tree *side[] = {comparison->before, comparison->after};
	char path[ENTRY_PATH_MAX];
	int error = 0;

	for (unsigned s = 0; s < 2; s++) {
		size_t count = side[s] ? git_tree_entrycount(side[s]) : 0;

		for (size_t i = 0; i < count && error == 0; i++) {
			const git_tree_entry *folder = git_tree_entry_byindex(side[s], i);
			const char *name = git_tree_entry_name(folder);

			if (git_tree_entry_type(folder) == GIT_OBJECT_TREE &&
			    segment_name_is_valid(name) &&
			    (s == 0 || !side[0] || !git_tree_entry_byname(side[0], name)))
				error = compare_path(comparison, entry_path(path, name, address));
		}
	}
	return error;
}

int reader_compare(git_repository *repository, const git_oid *before, const git_oid *after,
                   const struct address *address, const char *segment, tree_difference_fn *handle,
                   void *context)
{
	git_tree *old = NULL, *new = NULL;
	char path[ENTRY_PATH_MAX];
	int error;

	if (!address)
		return tree_diff(repository, before, after, handle, context);
	error = git_tree_lookup(&new, repository, after);
	if (error == 0 && before)
		error = git_tree_lookup(&old, repository, before);
	if (error == 0) {
		const struct comparison comparison = {old, new, handle, context};

		error = segment ? compare_path(&comparison, entry_path(path, segment, *address))
		                : compare_segments(&comparison, *address);
	}
	git_tree_free(old);
	git_tree_free(new);
	return error;
}

static int read_side(struct entry **entry, git_repository *repository, const git_oid *id,
                     git_filemode_t mode, struct fault *fault)
{
	*entry = NULL;
	if (!id)
		return 0;
	if (mode != GIT_FILEMODE_BLOB)
		return -EINVAL;
	return validate_blob(entry, repository, id, fault);
}

int reader_sides(struct entry **before, struct entry **after, git_repository *repository,
                 const struct tree_difference *difference, struct fault *fault)
{
	int old = read_side(before, repository, difference->before, difference->before_mode, fault);
	int new = read_side(after, repository, difference->after, difference->after_mode, fault);

	return old && old != -EINVAL ? old : new ? new : old;
}

/* SPDX-License-Identifier: MIT */
/*
 * What differs between two trees, of everything or of one prefix. Of a prefix, only the folder that
 * has it is read: one file for an address, one folder for a /64, a /24 or a /16.
 */
#include "reader/compare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "format/format.h"

struct comparison {
	git_repository *repository;
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

static int compare_file(const struct comparison *comparison, const char *path)
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

/* How much of an address's path all addresses of a prefix share: so many of its components. */
static unsigned shared_components(struct prefix prefix)
{
	const bool is_v4 = prefix_is_v4(prefix);

	if (prefix.length == address_bits(prefix.network))
		return 4;
	if (is_v4)
		return prefix.length < 16 ? 1 : prefix.length < 24 ? 2 : 3;
	return prefix.length < 64 ? 1 : 2;
}

/* The path of the file or folder that has a prefix. */
static void prefix_path(char path[ENTRY_PATH_MAX], const char *segment, struct prefix prefix)
{
	unsigned components = shared_components(prefix);

	for (char *at = entry_path(path, segment, prefix.network); *at; at++)
		if (*at == '/' && --components == 0)
			*at = '\0';
}

/* A folder that is compared by itself. */
struct part {
	const struct comparison *comparison;
	const char *folder;
};

static int hand_on(void *context, const struct tree_difference *difference)
{
	const struct part *part = context;
	struct tree_difference whole = *difference;
	char path[ENTRY_PATH_MAX + ENTRY_PATH_MAX];

	/* A longer one is not an entry's. */
	if (snprintf(path, sizeof(path), "%s/%s", part->folder, difference->path) >=
	    (int)sizeof(path))
		return 0;
	whole.path = path;
	return part->comparison->handle(part->comparison->context, &whole);
}

/* The id of the folder at a path; NULL if there is none. 0, or a libgit2 error. */
static int find_folder(git_tree_entry **folder, const git_tree *tree, const char *path)
{
	int error = tree ? git_tree_entry_bypath(folder, tree, path) : GIT_ENOTFOUND;

	if (!error && git_tree_entry_type(*folder) != GIT_OBJECT_TREE) {
		git_tree_entry_free(*folder);
		*folder = NULL;
	}
	return error == GIT_ENOTFOUND ? 0 : error;
}

static int compare_folder(const struct comparison *comparison, const char *path)
{
	struct part part = {comparison, path};
	git_tree_entry *before = NULL, *after = NULL;
	int error = find_folder(&before, comparison->before, path);

	if (!error)
		error = find_folder(&after, comparison->after, path);
	if (!error && (before || after))
		error = tree_diff(comparison->repository, before ? git_tree_entry_id(before) : NULL,
		                  after ? git_tree_entry_id(after) : NULL, hand_on, &part);
	git_tree_entry_free(after);
	git_tree_entry_free(before);
	return error;
}

static int compare_segment(const struct comparison *comparison, const char *segment,
                           struct prefix prefix)
{
	char path[ENTRY_PATH_MAX];

	prefix_path(path, segment, prefix);
	return shared_components(prefix) == 4 ? compare_file(comparison, path)
	                                      : compare_folder(comparison, path);
}

/* The prefix in every folder at the top that could be a segment. */
static int compare_segments(const struct comparison *comparison, struct prefix prefix)
{
	const git_tree *side[] = {comparison->before, comparison->after};
	int error = 0;

	for (unsigned s = 0; s < 2; s++) {
		size_t count = side[s] ? git_tree_entrycount(side[s]) : 0;

		for (size_t i = 0; i < count && error == 0; i++) {
			const git_tree_entry *folder = git_tree_entry_byindex(side[s], i);
			const char *name = git_tree_entry_name(folder);

			if (git_tree_entry_type(folder) == GIT_OBJECT_TREE &&
			    segment_name_is_valid(name) &&
			    (s == 0 || !side[0] || !git_tree_entry_byname(side[0], name)))
				error = compare_segment(comparison, name, prefix);
		}
	}
	return error;
}

const struct prefix *reader_alone(struct prefix *prefix, const struct reader_query *query)
{
	if (!query->address)
		return NULL;
	*prefix = prefix_around(*query->address, (uint8_t)address_bits(*query->address));
	return prefix;
}

int reader_compare(git_repository *repository, const git_oid *before, const git_oid *after,
                   const struct prefix *prefix, const char *segment, tree_difference_fn *handle,
                   void *context)
{
	git_tree *old = NULL, *new = NULL;
	int error;

	if (!prefix)
		return tree_diff(repository, before, after, handle, context);
	error = git_tree_lookup(&new, repository, after);
	if (error == 0 && before)
		error = git_tree_lookup(&old, repository, before);
	if (error == 0) {
		const struct comparison comparison = {repository, old, new, handle, context};

		error = segment ? compare_segment(&comparison, segment, *prefix)
		                : compare_segments(&comparison, *prefix);
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

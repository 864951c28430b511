// SPDX-License-Identifier: MIT
/*
 * Compares base and theirs, and looks up in ours only what differs there: a merge costs as much as
 * their side changed. Reads no file's content.
 */
#include "store/treemerge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "store/tree.h"
#include "store/trouble.h"

struct merging {
	struct edits *edits;
	git_tree *base, *ours; /* base may be NULL */
	treemerge_rule *rule;
	void *context;
	struct fault *fault;
};

/* 0 and what is at the path; NULL: nothing. */
static int look_up(git_tree_entry **found, git_tree *tree, const char *path, struct fault *fault)
{
	int error = tree ? git_tree_entry_bypath(found, tree, path) : GIT_ENOTFOUND;

	if (error == GIT_ENOTFOUND)
		*found = NULL;
	return error && error != GIT_ENOTFOUND ? trouble_set(fault, error, "%s", path) : 0;
}

/* Where ours has a folder and theirs a file, or the reverse, theirs takes the place of what is
 * there: only if our side has not changed it. */
static int check_kind(const struct merging *merging, const char *path, bool folder)
{
	git_tree_entry *ours = NULL, *base = NULL;
	int error = look_up(&ours, merging->ours, path, merging->fault);

	if (!error && ours && (git_tree_entry_type(ours) == GIT_OBJECT_TREE) != folder) {
		error = look_up(&base, merging->base, path, merging->fault);
		if (!error &&
		    (!base || !git_oid_equal(git_tree_entry_id(base), git_tree_entry_id(ours))))
			error = fault_set(
			        merging->fault, -ENOTSUP,
			        "%s is a file on one side and a folder on the other: merge "
			        "it with git",
			        path);
	}
	git_tree_entry_free(base);
	git_tree_entry_free(ours);
	return error;
}

static int check_kinds(const struct merging *merging, const char *path)
{
	char *parent = strdup(path);
	int error = parent ? 0 : fault_set(merging->fault, -ENOMEM, "out of memory");

	for (char *slash = parent ? strchr(parent, '/') : NULL; slash && !error;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		error = check_kind(merging, parent, true);
		*slash = '/';
	}
	free(parent);
	return error ? error : check_kind(merging, path, false);
}

static bool is_same(const struct treemerge_blob *a, const struct treemerge_blob *b)
{
	if (!a->id || !b->id)
		return a->id == b->id;
	return git_oid_equal(a->id, b->id) && a->mode == b->mode;
}

static int merge_file(void *context, const struct tree_difference *difference)
{
	struct merging *merging = context;
	struct treemerge_file file = {.path = difference->path,
	                              .base = {difference->before, difference->before_mode},
	                              .theirs = {difference->after, difference->after_mode}};
	git_tree_entry *ours = NULL;
	int choice = TREEMERGE_THEIRS;
	int error = look_up(&ours, merging->ours, file.path, merging->fault);

	if (!error && ours && git_tree_entry_type(ours) != GIT_OBJECT_TREE)
		file.ours = (struct treemerge_blob){git_tree_entry_id(ours),
		                                    git_tree_entry_filemode_raw(ours)};
	if (!error && is_same(&file.ours, &file.theirs))
		choice = TREEMERGE_OURS;
	else if (!error && !is_same(&file.ours, &file.base))
		choice = merging->rule(merging->context, &file);
	if (!error && choice < 0)
		error = choice;
	if (!error && choice == TREEMERGE_THEIRS && file.theirs.id)
		error = check_kinds(merging, file.path);
	if (!error && choice == TREEMERGE_THEIRS &&
	    edits_add(merging->edits, file.path, file.theirs.id, file.theirs.mode) < 0)
		error = fault_set(merging->fault, -ENOMEM, "out of memory");
	git_tree_entry_free(ours);
	return error;
}

int treemerge(struct edits *edits, git_repository *repository, const git_oid *base,
              const git_oid *ours, const git_oid *theirs, treemerge_rule *rule, void *context,
              struct fault *fault)
{
	struct fault why = {""};
	struct merging merging = {.edits = edits, .rule = rule, .context = context, .fault = &why};
	int error = git_tree_lookup(&merging.ours, repository, ours);

	if (!error && base)
		error = git_tree_lookup(&merging.base, repository, base);
	if (!error)
		error = tree_diff(repository, base, theirs, merge_file, &merging);
	if (error && why.text[0])
		fault_set(fault, error, "%s", why.text);
	else if (error < 0)
		error = trouble_set(fault, error, "a merge of trees");
	git_tree_free(merging.base);
	git_tree_free(merging.ours);
	return error;
}

// SPDX-License-Identifier: MIT
/* Reads one address of a commit. Goes on to the first parents while what it finds is invalid. */
#include "reader/value.h"

#include <errno.h>

#include "reader/state.h"

/* 0; GIT_ENOTFOUND: no such file; -EINVAL: there is one, and it is not an entry. */
static int read_file(struct value *value, git_repository *repository, const git_commit *commit,
                     const char *path, struct fault *fault)
{
	git_tree_entry *file = NULL;
	git_tree *tree = NULL;
	int error = git_commit_tree(&tree, commit);

	if (!error)
		error = git_tree_entry_bypath(&file, tree, path);
	if (!error && git_tree_entry_type(file) == GIT_OBJECT_TREE)
		error = GIT_ENOTFOUND;
	if (!error && git_tree_entry_filemode(file) != GIT_FILEMODE_BLOB)
		error = -EINVAL;
	if (!error) {
		value->id = *git_tree_entry_id(file);
		error = validate_blob(&value->entry, repository, &value->id, fault);
	}
	git_tree_entry_free(file);
	git_tree_free(tree);
	return error;
}

int value_read(struct value *value, const struct reader *reader, const git_commit *commit,
               const char *path, struct fault *fault)
{
	git_commit *at = NULL, *parent;
	int error = git_commit_dup(&at, (git_commit *)commit);

	while (!error) {
		*value = (struct value){.entry = NULL};
		error = read_file(value, reader->repository, at, path, fault);
		if (error != -EINVAL)
			break;
		*value = (struct value){.entry = NULL};
		if (git_commit_parentcount(at) == 0 ||
		    shallow_has(&reader->shallow, git_commit_id(at))) {
			error = 0;
			break;
		}
		error = git_commit_parent(&parent, at, 0);
		if (!error) {
			git_commit_free(at);
			at = parent;
		}
	}
	if (error)
		value->id = (git_oid){{0}};
	git_commit_free(at);
	return error == GIT_ENOTFOUND ? 0 : error;
}

void value_clear(struct value *value)
{
	entry_free(value->entry);
	*value = (struct value){.entry = NULL};
}

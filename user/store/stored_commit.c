// SPDX-License-Identifier: MIT
/* A commit's head, parsed where it is stored. Reads no message. */
#include "store/stored_commit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "store/trouble.h"

static bool take_id(git_oid *id, const char **at, const char *end, const char *key)
{
	size_t length = strlen(key);

	if ((size_t)(end - *at) < length + GIT_OID_HEXSZ + 1 || memcmp(*at, key, length) != 0 ||
	    git_oid_fromstrn(id, *at + length, GIT_OID_HEXSZ) < 0)
		return false;
	*at += length + GIT_OID_HEXSZ + 1;
	return true;
}

/* A stored commit: "tree", "parent"s, "author", and "committer ...> TIME ZONE". */
static bool parse_commit(struct stored_commit *commit, const char *at, const char *end)
{
	const char *line, *mail;
	git_oid other;

	commit->parents = 0;
	if (!take_id(&commit->tree, &at, end, "tree "))
		return false;
	while (take_id(commit->parents < STORED_PARENTS ? &commit->parent[commit->parents] : &other,
	               &at, end, "parent "))
		commit->parents += commit->parents < STORED_PARENTS;
	line = memmem(at, (size_t)(end - at), "\ncommitter ", strlen("\ncommitter "));
	if (!line)
		return false;
	at = memchr(line + 1, '\n', (size_t)(end - line - 1));
	if (!at)
		return false;
	mail = memrchr(line, '>', (size_t)(at - line));
	/* The object ends in a NUL, behind this line. */
	return mail && sscanf(mail, "> %" SCNd64, &commit->time) == 1;
}

int stored_commit_read(struct stored_commit *commit, git_odb *odb, const git_oid *id,
                       struct fault *fault)
{
	git_odb_object *object;
	const char *data;
	bool good;
	int error = git_odb_read(&object, odb, id);

	if (error < 0)
		return trouble_set(fault, error, "commit %s", git_oid_tostr_s(id));
	data = git_odb_object_data(object);
	good = git_odb_object_type(object) == GIT_OBJECT_COMMIT &&
	       parse_commit(commit, data, data + git_odb_object_size(object));
	git_odb_object_free(object);
	return good ? 0
	            : fault_set(fault, -EIO, "%s cannot be read as a commit", git_oid_tostr_s(id));
}

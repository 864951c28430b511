// SPDX-License-Identifier: MIT
/*
 * Reads commits, and git's file `shallow`, an object id a line. Parses a commit's head where it is
 * stored, and no message. Writes nothing.
 */
#include "store/commits.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

static int compare(const void *a, const void *b)
{
	return git_oid_cmp(a, b);
}

static int add(struct shallow *shallow, const git_oid *id)
{
	if (array_reserve(&shallow->id, &shallow->room, shallow->count + 1))
		return -ENOMEM;
	shallow->id[shallow->count++] = *id;
	return 0;
}

static uint64_t digest_of(const struct shallow *shallow)
{
	uint64_t digest = shallow->count, word;

	for (size_t i = 0; i < shallow->count; i++) {
		memcpy(&word, shallow->id[i].id, sizeof(word));
		digest = (digest ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		digest ^= digest >> 29;
	}
	return digest;
}

int shallow_read(struct shallow *shallow, const char *directory, struct fault *fault)
{
	char path[PATH_MAX], line[GIT_OID_HEXSZ + 3];
	int error = 0;
	git_oid id;
	FILE *file;

	*shallow = (struct shallow){0};
	snprintf(path, sizeof(path), "%sshallow", directory);
	file = fopen(path, "re");
	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return fault_set(fault, -EIO, "%s: %s", path, strerror(errno));
	while (!error && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (git_oid_fromstr(&id, line) < 0)
			error = fault_set(fault, -EINVAL, "%s: '%s' is not an object id", path,
			                  line);
		else if (add(shallow, &id) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!error && ferror(file))
		error = fault_set(fault, -EIO, "%s cannot be read", path);
	fclose(file);
	if (error) {
		shallow_clear(shallow);
		return error;
	}
	if (shallow->count > 0) {
		qsort(shallow->id, shallow->count, sizeof(*shallow->id), compare);
		shallow->digest = digest_of(shallow);
	}
	return 0;
}

bool shallow_has(const struct shallow *shallow, const git_oid *commit)
{
	return shallow->count > 0 &&
	       bsearch(commit, shallow->id, shallow->count, sizeof(*shallow->id), compare) != NULL;
}

void shallow_clear(struct shallow *shallow)
{
	free(shallow->id);
	*shallow = (struct shallow){0};
}

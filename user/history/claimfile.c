// SPDX-License-Identifier: MIT
/* Files and commits of nodes' branches. Keeps nothing. */
#include "history/claimfile.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"

#define MANY 64 /* blobs: from here on it pays to open the packs for them */

int claimfile_open(struct claimfile *file, git_repository *repository, struct fault *fault)
{
	int error;

	*file = (struct claimfile){.repository = repository};
	error = git_repository_odb(&file->odb, repository);
	return error < 0 ? trouble_set(fault, error, "its objects") : 0;
}

void claimfile_close(struct claimfile *file)
{
	blobs_close(file->blobs);
	git_odb_free(file->odb);
	*file = (struct claimfile){0};
}

/* By libgit2, which finds any. */
static int read_slowly(struct claimfile *file, char text[ENTRY_TEXT_MAX + 1], size_t *length,
                       const git_oid *id, struct fault *fault)
{
	git_odb_object *object = NULL;
	git_object_t type;

	if (git_odb_read_header(length, &type, file->odb, id) < 0)
		return fault_set(fault, -EIO, "cannot be read: %s", git_error_last()->message);
	if (type != GIT_OBJECT_BLOB)
		return fault_set(fault, -EINVAL, "is not a file");
	if (*length > ENTRY_TEXT_MAX)
		return fault_set(fault, -EINVAL, "has %zu bytes; an entry has at most %d", *length,
		                 ENTRY_TEXT_MAX);
	if (git_odb_read(&object, file->odb, id) < 0)
		return fault_set(fault, -EIO, "cannot be read: %s", git_error_last()->message);
	memcpy(text, git_odb_object_data(object), *length);
	git_odb_object_free(object);
	return 0;
}

static int read_text(struct claimfile *file, char text[ENTRY_TEXT_MAX + 1], size_t *length,
                     const git_oid *id, struct fault *fault)
{
	char folder[PATH_MAX];

	if (++file->read == MANY) {
		snprintf(folder, sizeof(folder), "%sobjects/pack",
		         git_repository_path(file->repository));
		file->blobs = blobs_open(folder);
	}
	if (file->blobs && blobs_read(file->blobs, id, text, ENTRY_TEXT_MAX, length) == 0)
		return 0;
	return read_slowly(file, text, length, id, fault);
}

int claimfile_claim(struct claimfile *file, struct claim *claim, const git_oid *id,
                    struct fault *fault)
{
	char text[ENTRY_TEXT_MAX + 1];
	size_t length;
	int error = read_text(file, text, &length, id, fault);

	return error ? error : claim_parse_in_place(claim, text, length, id->id, fault);
}

int claimfile_entry(struct claimfile *file, struct entry **entry, const git_oid *id,
                    struct fault *fault)
{
	char text[ENTRY_TEXT_MAX + 1];
	struct entry parsed;
	size_t length;
	int error = read_text(file, text, &length, id, fault);

	*entry = NULL;
	if (!error)
		error = entry_parse_in_place(&parsed, text, length, fault);
	if (error)
		return error;
	*entry = entry_copy(&parsed);
	return *entry ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

struct diff {
	struct claimfile *file;
	struct claimfile_changes *changes;
	const struct segment *segment;
	struct fault *fault;
};

/* The fault "path: reason". */
static int fault_of(struct diff *diff, int error, const char *path, const char *reason)
{
	char text[PATH_TEXT];

	return fault_set(diff->fault, error, "%s: %s", validate_path_text(text, path), reason);
}

static int take(void *context, const struct tree_difference *difference)
{
	struct diff *diff = context;
	struct claimfile_changes *changes = diff->changes;
	struct claimfile_change change = {.claim = {.state = CLAIM_NONE}};
	char segment[SEGMENT_NAME_MAX + 1];
	struct fault why = {""};
	int error = entry_path_parse(segment, &change.address, difference->path, &why);

	if (!error && strcmp(segment, diff->segment->name) != 0)
		error = fault_set(&why, -EINVAL, "is not in the branch's segment, %s",
		                  diff->segment->name);
	if (!error && difference->after && difference->after_mode != GIT_FILEMODE_BLOB)
		error = fault_set(&why, -EINVAL,
		                  "has mode %06o: an entry is a regular file, 100644",
		                  (unsigned)difference->after_mode);
	if (!error && difference->after)
		error = claimfile_claim(diff->file, &change.claim, difference->after, &why);
	if (error)
		return fault_of(diff, error, difference->path, why.text);
	if (!segment_has_host(diff->segment, change.address))
		return 0;
	if (array_reserve(&changes->item, &changes->room, changes->count + 1))
		return fault_of(diff, -ENOMEM, difference->path, "out of memory");
	changes->item[changes->count++] = change;
	return 0;
}

int claimfile_diff(struct claimfile *file, struct claimfile_changes *changes,
                   const struct segment *segment, const git_oid *before, const git_oid *after,
                   struct fault *fault)
{
	struct diff diff = {file, changes, segment, fault};
	int error;

	fault->text[0] = '\0';
	error = tree_diff(file->repository, before, after, take, &diff);
	return error && !fault->text[0] ? trouble_set(fault, error, "its files") : error;
}

/* The value of a trailer, in the last paragraph; NULL: there is none. */
static const char *find_trailer(const char *message, const char *token, size_t *length)
{
	const char *found = NULL;
	char line[32];

	snprintf(line, sizeof(line), "\n%s: ", token);
	for (const char *at = message; (at = strstr(at, line));) {
		at += strlen(line);
		found = at;
	}
	*length = found ? strcspn(found, "\n") : 0;
	return found;
}

static int read_trailers(struct claimcommit *commit, const char *message, const char *node,
                         struct fault *fault)
{
	size_t length;
	const char *value = find_trailer(message, "Node", &length);
	char *end = NULL;

	if (!value || strlen(node) != length || memcmp(value, node, length) != 0)
		return fault_set(fault, -EINVAL, "its commit is not of node %s", node);
	value = find_trailer(message, "Count", &length);
	if (value && *value >= '0' && *value <= '9')
		commit->count = strtoull(value, &end, 10);
	if (!end || *end != '\n' || commit->count == 0)
		return fault_set(fault, -EINVAL, "its commit has no count");
	value = find_trailer(message, "Boot", &length);
	if (!value || length != BOOT_TEXT - 1)
		return fault_set(fault, -EINVAL,
		                 "its commit does not say of which repository it is");
	memcpy(commit->boot, value, length);
	commit->boot[length] = '\0';
	return 0;
}

int claimcommit_read(struct claimcommit *commit, git_repository *repository, const git_oid *id,
                     const char *node, struct fault *fault)
{
	git_commit *found = NULL;
	int error = git_commit_lookup(&found, repository, id);

	*commit = (struct claimcommit){.count = 0};
	if (error < 0)
		return trouble_set(fault, error, "commit %.12s", git_oid_tostr_s(id));
	commit->tree = *git_commit_tree_id(found);
	commit->time = git_commit_time(found);
	commit->has_parent = git_commit_parentcount(found) > 0;
	if (git_commit_parentcount(found) > 1)
		error = fault_set(fault, -EINVAL, "its commit has more than one parent");
	if (commit->has_parent)
		commit->parent = *git_commit_parent_id(found, 0);
	if (!error)
		error = read_trailers(commit, git_commit_message(found), node, fault);
	git_commit_free(found);
	return error;
}

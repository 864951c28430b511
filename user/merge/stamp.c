// SPDX-License-Identifier: MIT
/*
 * The rule compares `since`. An edit that left it as it was would be as old as what it replaced,
 * and the lower MAC would win over the later edit. Looks for the commit where the file came from,
 * not far, and for some files only: a push of many is mostly one commit.
 */
#include "merge/stamp.h"

#include <string.h>

#define FILES_MAX   1000 /* looked for; further ones begin with the newest commit */
#define COMMITS_MAX 100  /* looked at, for one file */

static bool has_file(const git_commit *commit, const char *path, const git_oid *file)
{
	git_tree_entry *entry = NULL;
	git_tree *tree = NULL;
	bool has = git_commit_tree(&tree, commit) == 0 &&
	           git_tree_entry_bypath(&entry, tree, path) == 0 &&
	           git_oid_equal(git_tree_entry_id(entry), file);

	git_tree_entry_free(entry);
	git_tree_free(tree);
	return has;
}

/* The first parent that has the file; NULL: none. */
static git_commit *step_back(const git_commit *commit, const char *path, const git_oid *file)
{
	git_commit *parent = NULL;

	for (unsigned i = 0; i < git_commit_parentcount(commit); i++) {
		if (git_commit_parent(&parent, commit, i) < 0)
			return NULL;
		if (has_file(parent, path, file))
			return parent;
		git_commit_free(parent);
	}
	return NULL;
}

/* The time of the commit that made the file. */
static int64_t time_of(const struct stamp *stamp, const char *path, const git_oid *file)
{
	git_commit *commit = NULL, *parent;
	int64_t time = stamp->now;

	if (git_commit_lookup(&commit, stamp->repository, stamp->commit) < 0)
		return time;
	for (unsigned i = 0; i < COMMITS_MAX && stamp->looked <= FILES_MAX; i++) {
		parent = step_back(commit, path, file);
		if (!parent)
			break;
		git_commit_free(commit);
		commit = parent;
	}
	time = git_commit_time(commit);
	git_commit_free(commit);
	return time;
}

void stamp_item(struct stamp *stamp, struct history_item *item, const char *path)
{
	static const uint8_t unknown[sizeof(item->blob)];
	const struct entry *base = item->base;
	struct entry *theirs = item->theirs;
	git_oid file;
	int64_t time;

	if (!stamp->commit || !base || !theirs || theirs->since != base->since ||
	    (mac_equal(base->mac, theirs->mac) && base->state == theirs->state))
		return;
	stamp->looked++;
	memcpy(file.id, item->blob, GIT_OID_RAWSZ);
	time = time_of(stamp, path, &file);
	/* A clock that is ahead does not win for good, and nothing begins before what it replaced.
	 */
	if (time > stamp->now)
		time = stamp->now;
	if (time <= base->since)
		return;
	theirs->since = time;
	memcpy(item->blob, unknown, sizeof(item->blob));
}

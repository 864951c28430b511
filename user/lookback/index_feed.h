/* SPDX-License-Identifier: MIT */
/*
 * Commits that this process made, with their changes, so that the look-back index need not read
 * them. They wait here until main has them: a task's branch is not on main yet.
 */
#ifndef USER_LOOKBACK_INDEX_FEED_H
#define USER_LOOKBACK_INDEX_FEED_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/wire.h"

struct index_feed; /* opaque */

struct index_fed_change {
	struct address address;
	const char *segment; /* its name; outlives the feed */
	struct mac before, after;
	uint16_t flags; /* INDEX_BEFORE_UNKNOWN */
};

struct index_fed {
	git_oid id, tree;
	git_oid parent[2];
	unsigned parents;
	int64_t time;
	struct index_fed_change *change; /* the feed's */
	size_t changes;
};

/* NULL: out of memory. */
struct index_feed *index_feed_new(void);
void index_feed_free(struct index_feed *feed);

/* Room for a commit's changes, in any order; index_feed_commit() comes next. NULL: out of memory,
 * and the commit will be read from the repository. */
struct index_fed_change *index_feed_begin(struct index_feed *feed, size_t changes);
/* Adds the commit of those changes: the first `changes` of them. */
void index_feed_commit(struct index_feed *feed, const git_oid *id, const git_oid *tree,
                       const git_oid *const *parent, unsigned parents, int64_t time,
                       size_t changes);
/* The commit; NULL: it is not here. */
const struct index_fed *index_feed_find(const struct index_feed *feed, const git_oid *id);
/* The index has the commit now. */
void index_feed_remove(struct index_feed *feed, const git_oid *id);
/* The size of the feed in changes of 40 bytes; a commit counts as some. */
size_t index_feed_size(const struct index_feed *feed);
/* Removes all commits. */
void index_feed_clear(struct index_feed *feed);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Commits that the agent made a moment ago, for the look-back index: what they changed is known,
 * and need not be read. They wait here until main holds them: a task's branch is not yet main's.
 */
#ifndef USER_LOOKBACK_INDEX_FEED_H
#define USER_LOOKBACK_INDEX_FEED_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lookback/index.h"

struct index_feed; /* opaque */

struct index_fed_change {
	uint32_t address;
	uint16_t flags;      /* INDEX_BEFORE_UNKNOWN */
	const char *segment; /* its name; outlives the feed */
	struct mac before, after;
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

/* Makes room for a commit's changes and says where they go (they are in no order): NULL when there
 * is none, and then the commit is read when its turn comes. Nothing is fed before the next call. */
struct index_fed_change *index_feed_begin(struct index_feed *feed, size_t changes);
/* The commit whose changes were put there: the first `changes` of them. */
void index_feed_commit(struct index_feed *feed, const git_oid *id, const git_oid *tree,
                       const git_oid *const *parent, unsigned parents, int64_t time,
                       size_t changes);
/* The commit, if it waits here. */
const struct index_fed *index_feed_find(const struct index_feed *feed, const git_oid *id);
/* It is in the index now. */
void index_feed_remove(struct index_feed *feed, const git_oid *id);
/* How much waits, in changes (of 32 octets; a commit counts as some), and forgetting all of it. */
size_t index_feed_waiting(const struct index_feed *feed);
void index_feed_clear(struct index_feed *feed);

#endif

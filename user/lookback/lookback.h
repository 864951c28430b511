/* SPDX-License-Identifier: MIT */
/*
 * The agent's part in the index for looking back: what it commits is added as main moves, without
 * being read again. It opens an index that is there, and keeps it for itself; making one is the
 * upkeep process's work, and so is whatever is too much to read in between. Nothing that goes wrong
 * here concerns the history, and nobody waits for it.
 */
#ifndef USER_LOOKBACK_H
#define USER_LOOKBACK_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "format/segments.h"
#include "format/transition.h"
#include "lookback/index.h"
#include "lookback/index_feed.h"
#include "store/store.h"

struct lookback {
	struct index *index; /* NULL: there is none that we may write */
	struct index_feed *feed;
	struct shallow shallow;
	struct timespec shallow_time; /* when that file was changed; zero: it is not there */
	git_oid main;                 /* seen last */
	uint64_t file;          /* the index's inode: another may have been put in its place */
	bool waits;             /* until somebody has changed the index's file */
	struct timespec waited; /* when it was changed last, as we saw it; zero: there was none */
};

/* A commit of the agent's own: what became of each address, and (where it is known, NULL
 * otherwise) what was there before. `known`: NULL means absent there. */
struct lookback_commit {
	const struct version *made;
	const git_oid *const *parent;
	unsigned parents;
	int64_t time;
	const struct segment *segment;
	const struct transition *transition;
	struct entry *const *before;
	bool known;
	size_t changes;
};
void lookback_add(struct lookback *lookback, const struct lookback_commit *commit);

/* main names this commit, and it is durable. Whoever waits for that has been told before. True:
 * there is more to read than we should; upkeep is due. */
bool lookback_publish(struct lookback *lookback, git_repository *repository, const git_oid *main);
void lookback_clear(struct lookback *lookback);

/* The upkeep process's part: makes the index, or brings it up to main, unless an agent does. 0, or
 * a negative errno and a fault. */
int lookback_tend(const char *git_directory, struct fault *fault);

#endif

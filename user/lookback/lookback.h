/* SPDX-License-Identifier: MIT */
/*
 * Looking back: which commit changed which address, and since when main named which commit. The
 * answers come from an index, a file in the repository that is derived from the commits. It is
 * never the truth: a reader looks up in the commits what the index says.
 *
 * Readers:
 *
 *     index_open(&index, directory, shallow.digest, write, fault);   or index_create()
 *     index_catch_up(index, &how, fault);                            up to the tip of main
 *     index_line(index, time, handle, context);                      what main named
 *     index_scan(index, &address, NULL, handle, context);            what became of an address
 *     index_flush(index, fault);                                     or index_adopt(), if new
 *     index_free(index);
 *
 * The process that makes commits:
 *
 *     lookback_add(&lookback, &commit);                       a commit, and what it changed
 *     lookback_publish(&lookback, repository, &main);         main names it: rows are added
 *     lookback_clear(&lookback);
 *
 * The upkeep process calls lookback_tend(), which makes the index if there is none.
 *
 * Rows are only added after the last one, parents before children. So the parents of each row's
 * commit have rows before it; and the last row is a tip, of which all others are ancestors.
 */
#ifndef USER_LOOKBACK_H
#define USER_LOOKBACK_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "format/format.h"
#include "lookback/author.h"
#include "lookback/index.h"
#include "lookback/index_file.h"
#include "lookback/index_rows.h"
#include "lookback/index_walk.h"
#include "store/store.h"

struct index_feed; /* index_feed.h */

struct lookback {
	struct index *index;     /* NULL: there is none that this process may write */
	struct index_feed *feed; /* NULL: nothing was added yet */
	struct shallow shallow;
	struct timespec shallow_time; /* when that file was changed; zero: it is not there */
	git_oid main;                 /* at the last lookback_publish() */
	uint64_t file;                /* the index's inode: it may be replaced */
	bool waits;                   /* until the index's file is changed by another process */
	struct timespec waited;       /* when it was last changed; zero: it was not there */
};

/* A commit that this process made, and what it changed. */
struct lookback_commit {
	const struct version *made;
	const git_oid *const *parent;
	unsigned parents;
	int64_t time;
	const struct segment *segment;
	const struct transition *transition;
	struct entry *const *before; /* what each address had; or NULL */
	bool known;                  /* in `before`, NULL means absent; else it means unknown */
	size_t changes;
};
void lookback_add(struct lookback *lookback, const struct lookback_commit *commit);

/* main names this commit, and it is durable. Call it after waiters were answered: no one waits for
 * the index, and an error here never concerns the history. True: upkeep should run, because there
 * is too much to read. */
bool lookback_publish(struct lookback *lookback, git_repository *repository, const git_oid *main);
void lookback_clear(struct lookback *lookback);

/* Makes the index, or brings it up to main, unless another process writes it. 0, or a negative
 * errno and a fault. */
int lookback_tend(const char *git_directory, struct fault *fault);

#endif

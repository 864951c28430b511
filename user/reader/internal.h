/* SPDX-License-Identifier: MIT */
/* The reader, for the files reader*.c only. */
#ifndef USER_READER_INTERNAL_H
#define USER_READER_INTERNAL_H

#include <git2.h>

#include "lookback/lookback.h"
#include "reader/reader.h"
#include "store/store.h"

struct reader {
	git_repository *repository;
	char *path;
	bool ours; /* reader_check_ours() has said so */
	bool shallow_read;
	struct shallow shallow;
	struct index *index; /* owned; NULL: not needed yet */
};

/* The tip of main; the caller's to free. 0, or a negative errno and a fault. */
int reader_main(git_commit **commit, const struct reader *reader, struct fault *fault);
/* -EIO, and libgit2's last error as a sentence. */
int reader_git_fault(struct fault *fault, const char *path);
/* Where the history begins, in reader->shallow. */
int reader_shallow(struct reader *reader, struct fault *fault);
/* 0 if the repository is one of arpkeeper's, as main's tip or the configuration tell; else -EINVAL
 * and a fault. */
int reader_check_ours(struct reader *reader, const git_commit *tip, struct fault *fault);

/* reader_index.c: reader->index, up to main's tip. With `make` false only if there is one already,
 * else -ENOENT. */
int reader_index(struct reader *reader, const git_commit *tip, bool make, struct fault *fault);
/* It is of no use after all. */
void reader_index_drop(struct reader *reader);

/* reader_event.c: what a commit changed. Returns non-zero as soon as it is enough: 1, or a negative
 * libgit2 error, or a negative errno that `handle` returned, in which case `stop` has it. */
#define READER_STOPPED 1
struct reader_events {
	struct reader *reader;
	struct reader_query query;
	size_t told;
	int (*handle)(void *context, const struct reader_event *event);
	void *context;
	int stop; /* what handle returned */
	struct fault reason;
};
int reader_events_of(struct reader_events *events, const git_oid *commit);

/* reader_walk.c: the commits that main is made of, newest first, as far as the clocks of those who
 * made them agree; a child always before its parents' own parents. Begins at once. */
struct reader_walk;
int reader_walk_new(struct reader_walk **walk, struct reader *reader, const git_commit *tip);
/* GIT_ITEROVER at the end. */
int reader_walk_next(git_oid *id, struct reader_walk *walk);
void reader_walk_free(struct reader_walk *walk);

/* The tree of a commit by its id in hex; the caller's to free. */
int reader_tree(git_tree **tree, const struct reader *reader, const char *commit,
                struct fault *fault);

#endif

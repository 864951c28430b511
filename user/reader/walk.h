/* SPDX-License-Identifier: MIT */
/* The commits that main is made of, newest first. */
#ifndef USER_READER_WALK_H
#define USER_READER_WALK_H

#include <git2.h>

struct reader;
struct reader_walk;

/* Commits come by their times, but each before its parents' own parents. The first one comes at
 * once. 0 or a libgit2 error; reader_walk_free() in any case. */
int reader_walk_new(struct reader_walk **walk, struct reader *reader, const git_commit *tip);
/* GIT_ITEROVER at the end. */
int reader_walk_next(git_oid *id, struct reader_walk *walk);
void reader_walk_free(struct reader_walk *walk);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What must be undone to undo a task or a commit: which commits are meant by a name, and what
 * they, taken together, made of each address. Only reads, in the agent and in the command line.
 */
#ifndef USER_FORMAT_UNDO_H
#define USER_FORMAT_UNDO_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

/* Commits of main, oldest first. */
struct undo_commits {
	char name[64]; /* "learn/20261122-000017", or an abbreviated commit */
	git_oid *id;   /* owned */
	size_t count;
};

/* An entry's file, before the first of the commits and after the last. */
struct undo_file {
	char *path;                             /* owned */
	git_oid before, after;                  /* where it was there */
	git_filemode_t before_mode, after_mode; /* 0: it was not */
	size_t order;
};

struct undo {
	struct undo_file *file; /* owned; sorted by path, each path once */
	size_t files, room;
};

/* `name` is a task ("learn/20261122-000017", also with task/ before it), which is found by the
 * trailers of main's commits, or whatever git rev-parse takes. -ENOENT: there is no such thing
 * in main; -EIO. */
struct reader;
int undo_resolve(struct undo_commits *commits, struct reader *reader, const char *name,
                 struct fault *fault);
void undo_commits_clear(struct undo_commits *commits);

/*
 * What the commits changed of the entries. A merge commit's changes are what it brought into the
 * table. -ENOENT when one of them, or what was before it, is not in the repository; -EINVAL when
 * it is the first commit, before which nothing was; -EIO.
 */
int undo_collect(struct undo *undo, git_repository *repository, const git_oid *commit,
                 size_t commits, struct fault *fault);
void undo_clear(struct undo *undo);

#endif

/* SPDX-License-Identifier: MIT */
/* What must be undone to undo a task or a commit: what its commits, taken together, did to each
 * address. Only reads. */
#ifndef USER_FORMAT_UNDO_H
#define USER_FORMAT_UNDO_H

#include <git2.h>

#include "base/base.h"

/* An entry's file, before the first of the commits and after the last. */
struct undo_file {
	char *path; /* owned */
	git_oid before, after;
	git_filemode_t before_mode, after_mode; /* 0: the file was absent */
	size_t order;
};

struct undo {
	struct undo_file *file; /* owned; sorted by path, each path once */
	size_t files, room;
};

/*
 * Collects what the commits, oldest first, changed of the entries. A merge commit's changes are
 * what it brought into the table. -ENOENT: the repository lacks one of the commits, or its parent.
 * -EINVAL: one of them is the first commit, which has no parent. -EIO.
 */
int undo_collect(struct undo *undo, git_repository *repository, const git_oid *commit,
                 size_t commits, struct fault *fault);
void undo_clear(struct undo *undo);

#endif

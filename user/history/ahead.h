/* SPDX-License-Identifier: MIT */
/*
 * Entries of another host that begin in the future, because its clock is ahead: wherever versions
 * compete, they would win until then. They are taken as if they began now.
 */
#ifndef USER_HISTORY_AHEAD_H
#define USER_HISTORY_AHEAD_H

#include "entry/entry.h"
#include "history/archive.h"

struct ahead_item {
	char *path;          /* owned */
	git_oid id;          /* of the file */
	struct entry *entry; /* owned */
};

struct ahead {
	struct ahead_item *item; /* owned */
	size_t count, room;
};

/* The file `path` has this id, and is this entry. 0 or -ENOMEM. */
int ahead_add(struct ahead *ahead, const char *path, const git_oid *id, const struct entry *entry);
/* Makes a commit on top of `theirs`, in which they begin now, and names it there. Those that are so
 * in the tree `base`, too (NULL: none), are left as they are: they came in before. None: nothing
 * happens. */
int ahead_correct(const struct ahead *ahead, struct archive *archive, struct version *theirs,
                  const git_oid *base, const char *source, struct fault *fault);
void ahead_clear(struct ahead *ahead);

#endif

/* SPDX-License-Identifier: MIT */
/* Lists of edited files, sorted by path, and what a commit makes of its parents' lists. */
#ifndef USER_STORE_EDITLIST_H
#define USER_STORE_EDITLIST_H

#include <git2.h>
#include <stdbool.h>

#include "base/base.h"

/* A path, and what was and is there. A mode of 0: nothing. */
struct edited {
	char *path; /* owned by the list */
	git_oid before, after;
	git_filemode_t before_mode, after_mode;
};

struct editlist {
	struct edited *file; /* owned */
	size_t count, room;
};

/* Copies the path. The caller keeps the order. 0 or -ENOMEM. */
int editlist_add(struct editlist *list, const struct edited *file);
int editlist_copy(struct editlist *list, const struct editlist *other);
void editlist_clear(struct editlist *list);

/* The edits of a commit from those of the one before it (`earlier`) and the difference of both
 * (`since`). Uses up both lists. 0 or -ENOMEM. */
int editlist_follow(struct editlist *edits, struct editlist *earlier, struct editlist *since);

/* A parent of a merge: its edits, and what the merge has otherwise than it (`after`). */
struct editlist_side {
	struct editlist edits, differences;
	size_t edit, difference;               /* for editlist_merge(): the next of each, */
	const struct edited *edited, *differs; /* and those at the path that it looks at */
};

/* Whether what was before (`file`) is still there, at this path: 1, 0, or a negative error. */
typedef int editlist_is_there_fn(void *context, const struct edited *file);

/* The edits of a merge. Of what its sides say was before, the one that is still there is taken. 0,
 * -ENOMEM, or the error of `is_there`. */
int editlist_merge(struct editlist *edits, struct editlist_side *side, unsigned sides,
                   editlist_is_there_fn *is_there, void *context);

#endif

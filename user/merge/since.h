/* SPDX-License-Identifier: MIT */
/*
 * Where main is no longer what theirs was made from. Everywhere else main's entry is the item's
 * base, and need not be looked up: of 100,000 items that is most of the time.
 */
#ifndef USER_MERGE_SINCE_H
#define USER_MERGE_SINCE_H

#include "merge/changes.h"
#include "merge/theirs.h"

struct since {
	struct addresses differ;
	bool known; /* else nothing is said */
};

/* Compares main's tree with the base; not known, if the edits have other bases, too (a merge among
 * their commits), or if more than SINCE_MOST differ. 0, or an error and a fault. since_clear() in
 * any case. */
#define SINCE_MOST 200000
int since_find(struct since *since, const struct merge_scope *scope, const struct theirs *theirs,
               const struct changes *changes, const git_oid *main, struct fault *fault);
void since_clear(struct since *since);
/* Whether main has the item's base, and so has nothing if that is NULL. */
bool since_is_base(const struct since *since, const struct history_item *item);

#endif

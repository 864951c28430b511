/* SPDX-License-Identifier: MIT */
/* When a person changed a binding, and left its `since` as it was. */
#ifndef USER_MERGE_STAMP_H
#define USER_MERGE_STAMP_H

#include "format/format.h"

struct stamp {
	git_repository *repository;
	const git_oid *commit; /* theirs; NULL: they are no edits by a person */
	int64_t now;
	size_t looked; /* for so many files */
};

/* If another MAC or state has the `since` of the one before, it begins with the commit that made
 * it. `item` has base and theirs. Without a commit: does nothing. */
void stamp_item(struct stamp *stamp, struct history_item *item, const char *path);

#endif

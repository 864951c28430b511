/* SPDX-License-Identifier: MIT */
/* How many addresses a tree of the repository has an entry for, by segment. */
#ifndef USER_FORMAT_KNOWN_H
#define USER_FORMAT_KNOWN_H

#include "entry/entry.h"
#include "format/settings.h"

/* Sets `known` of each part, which are as many as segments. Reads folders only. 0, or a libgit2
 * error. */
int known_count(struct guard_part *part, git_repository *repository, const git_oid *tree,
                const struct segment *segment, size_t segments);

#endif

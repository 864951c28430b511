/* SPDX-License-Identifier: MIT */
/* Main's line, commit by commit, from the tip on. */
#ifndef USER_READER_LINEAGE_H
#define USER_READER_LINEAGE_H

#include "reader/landing.h"

/* Of one commit of the line. `parent`: its first parent; zero: the history that is kept begins
 * here, or all before it is older than the query's `since`. 0, READER_STOPPED, or a libgit2 error.
 */
int lineage_tell(struct teller *teller, const git_oid *commit, git_oid *parent);
/* Of all. */
int lineage_walk(struct teller *teller, const git_commit *tip);

#endif

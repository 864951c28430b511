/* SPDX-License-Identifier: MIT */
/* Main's line, commit by commit, from the tip on. */
#ifndef USER_READER_LINEAGE_H
#define USER_READER_LINEAGE_H

#include "reader/landing.h"

/* 0, READER_STOPPED, or a libgit2 error. */
int lineage_walk(struct teller *teller, const git_commit *tip);

#endif

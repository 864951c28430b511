/* SPDX-License-Identifier: MIT */
/*
 * Mends a repository that lacks objects, or whose objects are damaged, while nothing writes it: the
 * caller holds its lock. Objects are named by what is in them, so it does not matter where one
 * comes from. Nothing is thrown away.
 */
#ifndef USER_STORE_MEND_H
#define USER_STORE_MEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct mend {
	const char *directory; /* the repository's; ends in '/' */
	size_t missing;        /* objects, after mend_look() */
	char first[128];       /* one of them */
	size_t aside;          /* files that were put aside */
};

/* Whether everything that references lead to is there and whole (`git fsck`). */
int mend_look(struct mend *mend, bool *whole, struct fault *fault);
/* Brings the objects of another repository, a URL or a path, and puts packs and objects that are
 * damaged aside, in the folder `damaged`. What can still be read in these is kept, too. */
int mend_from(struct mend *mend, const char *url, struct fault *fault);
/*
 * Moves everything into a new folder beside the repository, whose path is put into `kept`. What is
 * left is an empty folder, in which a repository can be made. If it was killed on the way, the next
 * call goes on.
 */
int mend_keep_aside(struct mend *mend, char *kept, size_t size, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The life of some addresses, by the look-back index. */
#ifndef USER_READER_LIFE_H
#define USER_READER_LIFE_H

#include "reader/landing.h"

/* The query's address, or all that its MAC ever had, or those of its prefix. Needs reader->index.
 * 0, READER_STOPPED, or a libgit2 error; -EBADMSG: the index is damaged; -EXDEV: the prefix has a
 * part in so many commits that a walk over all of them is as good. Then nothing was reported. */
int life_tell(struct teller *teller);

#endif

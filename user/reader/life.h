/* SPDX-License-Identifier: MIT */
/* The life of a few addresses, by the look-back index. */
#ifndef USER_READER_LIFE_H
#define USER_READER_LIFE_H

#include "reader/landing.h"

/* The query's address, or all that its MAC ever had. Needs reader->index. 0, READER_STOPPED, or a
 * libgit2 error; -EBADMSG: the index is damaged; -EXDEV: it cannot say. Then nothing was reported.
 */
int life_tell(struct teller *teller);

#endif

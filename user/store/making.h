/* SPDX-License-Identifier: MIT */
/*
 * Makes a repository such that a crash at any moment leaves nothing, one that the next start makes
 * anew, or a whole one, durable with everything in it.
 */
#ifndef USER_STORE_MAKING_H
#define USER_STORE_MAKING_H

#include "base/base.h"

/*
 * Begins where there is nothing, an empty folder, or an unfinished repository, whose files it
 * removes. The folder is there then, and `*making` a descriptor for making_end() or
 * making_abandon(). -1: something is there, to be opened. -EBUSY: another process is making it; the
 * message names `setting`, where the path comes from.
 */
int making_begin(int *making, const char *path, const char *setting, struct fault *fault);
/* Makes all of it durable, and its name. Closes `making` in any case. */
int making_end(int making, const char *path, struct fault *fault);
/* The next start begins anew. -1 is fine. */
void making_abandon(int making);

#endif

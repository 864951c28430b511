/* SPDX-License-Identifier: MIT */
/*
 * The making of a repository, such that a crash at any moment of it leaves none, one that is begun
 * anew at the next start, or a whole one that is on the disk with everything in it.
 */
#ifndef USER_STORE_MAKING_H
#define USER_STORE_MAKING_H

#include "base/base.h"

/*
 * Where nothing is, where an empty folder is, and where a making was cut short (what that left is
 * removed), one begins: the folder is there then, and `*making` a descriptor, to be handed to
 * making_end() or making_abandon(). -1: there is something, to be opened. -EBUSY: somebody else is
 * making it at this moment; the message then names `setting`, where the path comes from.
 */
int making_begin(int *making, const char *path, const char *setting, struct fault *fault);
/* All of it is durable, and so is its name. Closes `making` in any case. */
int making_end(int making, const char *path, struct fault *fault);
/* The next start begins anew. -1 is fine. */
void making_abandon(int making);

#endif

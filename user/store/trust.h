/* SPDX-License-Identifier: MIT */
/*
 * Whether a repository may be worked in: whether others could have made git run a program there.
 * git obeys the files at the top of a repository, so only root and the calling user may write
 * them. A group may write `objects` and `refs`: that is enough for a push.
 */
#ifndef USER_STORE_TRUST_H
#define USER_STORE_TRUST_H

#include "base/base.h"

/*
 * Looks at the repository in the folder `path`; writes nothing, and needs no privilege. 0: it may
 * be worked in, or there is none. -EPERM: another user may write a file that git obeys, or its
 * configuration holds a key outside the list; the fault names the file, the reason and the remedy.
 * `sections` are the caller's own of the configuration, NULL-terminated; NULL: none.
 */
int trust_check(const char *path, const char *const *sections, struct fault *fault);

#endif

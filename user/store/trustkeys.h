/* SPDX-License-Identifier: MIT */
/* Which keys a repository's configuration may hold: those of which git runs nothing. */
#ifndef USER_STORE_TRUSTKEYS_H
#define USER_STORE_TRUSTKEYS_H

#include "base/base.h"

/* 0; -EPERM: the configuration file holds another key, or includes a file; -EIO: it cannot be read.
 * `sections` as for trust_check(). */
int trustkeys_check(const char *file, const char *const *sections, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The user, the groups and the capabilities of the calling thread. */
#ifndef USER_SANDBOX_CREDENTIALS_H
#define USER_SANDBOX_CREDENTIALS_H

#include <stdint.h>

#include "base/base.h"
#include "sandbox/types.h"

/*
 * Keeps the capabilities in `kept` (a bit each) as permitted, effective and bounding set, and
 * empties the other sets. Locks the securebits, and sets no_new_privs. `inherit`: programs that
 * root runs get what is kept; otherwise they get nothing. `user`, if not NULL: the process becomes
 * that user, without supplementary groups.
 */
int credentials_reduce(const struct sandbox_user *user, uint64_t kept, bool inherit,
                       struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* Finds the user that the recorder becomes. */
#ifndef USER_SANDBOX_USER_H
#define USER_SANDBOX_USER_H

#include "base/base.h"
#include "sandbox/types.h"

/*
 * `name` is a name, or a user ID in decimal, which needs no entry in /etc/passwd: its group is then
 * the same number. NULL: arpkeeper, or root if there is no such user (`missing`). -ENOENT and a
 * fault for an unknown name; -EINVAL for an impossible number.
 */
int sandbox_find_user(struct sandbox_user *user, const char *name, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Whether commits that others made are whole, before a reference of ours leads to them: `git fsck`
 * and each clone would miss for ever what they lack.
 */
#ifndef USER_STORE_CONNECTED_H
#define USER_STORE_CONNECTED_H

#include <git2.h>

#include "base/base.h"

#define CONNECTED_COMMITS 100000
#define CONNECTED_FILES   (2u << 20)

/*
 * Looks for everything that the commit `tip` has and `known` has not: commits, folders and files.
 * It costs as much as these differ, and no file is read. -ENOENT: something is missing; -EINVAL: a
 * folder cannot be read, or is nested too deeply; -E2BIG: there are more than CONNECTED_COMMITS, or
 * more than CONNECTED_FILES changes in them. The fault names the commit.
 *
 * `base`: the merge base of both, as ancestry_base() has it, or NULL if there is none. It saves a
 * process (3 ms) where one line of commits leads to it.
 */
int connected_check(git_repository *repository, const git_oid *tip, const git_oid *known,
                    const git_oid *base, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* Where two commits' histories meet. */
#ifndef USER_STORE_ANCESTRY_H
#define USER_STORE_ANCESTRY_H

#include <git2.h>

#include "base/base.h"

/* The merge base. -ENOENT: they have nothing in common that is still there; -EIO: one of them, or
 * of what is behind them, cannot be read: git has said which on standard error. */
int ancestry_base(git_oid *base, git_repository *repository, const git_oid *one, const git_oid *two,
                  struct fault *fault);
/* The same without git, for two that met a short time ago. -EAGAIN: only git can say. */
int ancestry_near(git_oid *base, git_repository *repository, const git_oid *one,
                  const git_oid *two);

#endif

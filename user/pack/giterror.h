/* SPDX-License-Identifier: MIT */
/*
 * git_error_set_str() and git_error_set_oom(), for functions that fail as libgit2's own do. libgit2
 * 1.9 declares both in a header of its own, which 1.5 does not have.
 */
#ifndef USER_PACK_GITERROR_H
#define USER_PACK_GITERROR_H

#include <git2.h>

#if __has_include(<git2/sys/errors.h>)
#include <git2/sys/errors.h>
#endif

#endif

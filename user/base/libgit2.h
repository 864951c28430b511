/* SPDX-License-Identifier: MIT */
/*
 * libgit2, started without what only its HTTPS needs. arpkeeper fetches with git, never with
 * libgit2.
 */
#ifndef USER_BASE_LIBGIT2_H
#define USER_BASE_LIBGIT2_H

/* git_libgit2_init(), which counts: each call wants a git_libgit2_shutdown(). A libgit2 error, or
 * the count. */
int libgit2_start(void);

#endif

/* SPDX-License-Identifier: MIT */
/* The repository itself: made, or recognised as ours, and held by one agent at a time. */
#ifndef USER_STORE_REPOSITORY_H
#define USER_STORE_REPOSITORY_H

#include <git2.h>

#include "base/base.h"
#include "history/history.h"

#define REPOSITORY_FORMAT 1 /* config arpkeeper.format */

/* The first commit's message, and how its README.md begins: by these one knows one of ours. */
#define REPOSITORY_FIRST  "arpkeeper: an empty table\n"
#define REPOSITORY_README "# The addresses of a network, and how they changed\n"

/* libgit2 as we use it: what it trusts, syncs, and keeps in memory. git_libgit2_init() included. */
int repository_set_up(struct fault *fault);

/* Opens or makes it, takes its lock (a descriptor, held until closed), and writes what belongs in
 * it: first commit, configuration, hooks. `host` is for the committer. */
int repository_open(git_repository **repository, int *lock, const struct history_options *options,
                    const char *host, struct fault *fault);

/* Gives the lock back; -1 is fine. */
void repository_release(int lock);

/* settings.c: what hooks and `check` must know without an agent. */
int settings_write(git_repository *repository, const struct history_options *options,
                   struct fault *fault);
/* hooks.c */
int hooks_install(git_repository *repository, const char *program, struct fault *fault);

#endif

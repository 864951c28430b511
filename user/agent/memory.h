/* SPDX-License-Identifier: MIT */
/*
 * `history.path = :memory:`: the same repository, in a tmpfs, for machines that must not write to a
 * disk. It can be cloned while the agent runs, and lives as long as the pinned map.
 */
#ifndef USER_AGENT_MEMORY_H
#define USER_AGENT_MEMORY_H

#include "base/base.h"

/* The path for an instance: /run/arpkeeper/<instance>/history.git, malloc'ed; NULL: out of memory.
 */
char *memory_path(const char *instance);
/* Makes sure that the path's folder is in memory and that hooks can run there. Uses the tmpfs that
 * is mounted there, or mounts one, which takes at most a quarter of the memory. */
int memory_prepare(const char *path, struct fault *fault);
/* Removes the repository; the tmpfs stays, empty. */
void memory_remove(const char *path);
/* Unmounts an instance's tmpfs if it is empty, and the caller may. */
void memory_unmount(const char *instance);

#endif

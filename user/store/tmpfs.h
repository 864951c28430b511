/* SPDX-License-Identifier: MIT */
/*
 * `history.path = :memory:`: the same repository, in a tmpfs, for machines that must not write.
 * It can be cloned while the agent runs; it lives as long as the pinned map does.
 */
#ifndef USER_STORE_TMPFS_H
#define USER_STORE_TMPFS_H

#include <stdbool.h>

#include "base/base.h"

/* Where an instance's is: /run/arpkeeper/<instance>/history.git, malloc'ed; NULL: out of memory. */
char *memory_path(const char *instance);
/* Sees to it that the path's folder is in memory, and that hooks can run there: on a tmpfs that is
 * there already, or else one of a quarter of the memory at most, mounted now. */
int memory_prepare(const char *path, struct fault *fault);
/* Removes the repository; the tmpfs stays, empty. */
void memory_remove(const char *path);
/* Takes an instance's tmpfs away if nothing is left in it; for who may. */
void memory_unmount(const char *instance);

#endif

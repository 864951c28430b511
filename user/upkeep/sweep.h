/* SPDX-License-Identifier: MIT */
/* What piles up in a repository besides packs. Each is safe beside any other git process. */
#ifndef USER_UPKEEP_SWEEP_H
#define USER_UPKEEP_SWEEP_H

#include "base/base.h"

/* Files of processes that died, an hour or a day ago: half written packs, sidecars whose pack is
 * gone. */
void sweep_leftovers(const char *git_directory);
/* Puts loose objects into a pack when there are many, as pushes to older versions left them. */
int sweep_loose(const char *git_directory, struct fault *fault);

#endif

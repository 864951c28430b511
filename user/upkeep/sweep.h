/* SPDX-License-Identifier: MIT */
/* Removes what piles up in a repository besides packs, safely beside any git process. */
#ifndef USER_UPKEEP_SWEEP_H
#define USER_UPKEEP_SWEEP_H

#include "base/base.h"

/* Removes files that killed processes left an hour or a day ago: half written packs, and sidecars
 * without their pack. */
void sweep_leftovers(const char *git_directory);
/* Packs loose objects when there are many, as pushes to older versions left them. */
int sweep_loose(const char *git_directory, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A second repository that has all of history: before anything is cut off, it is brought there. It
 * is an ordinary bare one, which this room makes if it is missing, and never thins.
 */
#ifndef USER_UPKEEP_ATTIC_H
#define USER_UPKEEP_ATTIC_H

#include "base/base.h"

/*
 * Brings branches and tags of the repository `git_directory` to the one at `path`, but for those of
 * tasks and merge requests, and makes them durable. `main` and `alerts` never go back there; other
 * branches are as they are here. Then looks whether it has the commits `cut`, of main and of alerts
 * (NULL: none is cut there). 0, or -EREMOTEIO: nothing may be cut, and the fault has the
 * reason.
 */
int attic_fill(const char *path, const char *git_directory, const char *const cut[2],
               struct fault *fault);

#endif

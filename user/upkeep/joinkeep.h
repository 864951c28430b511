/* SPDX-License-Identifier: MIT */
/*
 * The .keep files of packs that we have joined. `git multi-pack-index expire` removes a pack whose
 * objects it takes from others; begun before the others went, it would take the last copy. So a
 * joined pack is kept until such a git has ended. Our own upkeep may join it further meanwhile.
 */
#ifndef USER_UPKEEP_JOINKEEP_H
#define USER_UPKEEP_JOINKEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

/* `folder` is objects/pack. */
int joinkeep_add(const char *folder, const char *name, struct fault *fault);
/* Whether the pack's .keep is one of these. */
bool joinkeep_is_ours(const char *folder, const char *name);
void joinkeep_remove(const char *folder, const char *name);
/* Removes those that are old enough, and an index of packs that names one that is gone; how many
 * are left. */
size_t joinkeep_settle(const char *git_directory);

#endif

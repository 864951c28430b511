/* SPDX-License-Identifier: MIT */
/*
 * The .keep files of joined packs. `git multi-pack-index expire` removes a pack whose objects other
 * packs have too; begun before those went, it would remove the last copy. So a joined pack is kept
 * until such a git has ended. Upkeep itself may join the pack again meanwhile.
 */
#ifndef USER_UPKEEP_JOINKEEP_H
#define USER_UPKEEP_JOINKEEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

/* `folder` is objects/pack. */
int joinkeep_add(const char *folder, const char *name, struct fault *fault);
/* Whether the pack's .keep is one of these, and not another program's. */
bool joinkeep_is_ours(const char *folder, const char *name);
void joinkeep_remove(const char *folder, const char *name);
/* Removes those that are old enough, and an index of packs that names a pack that is gone. Returns
 * how many .keep files are left. */
size_t joinkeep_settle(const char *git_directory);

#endif

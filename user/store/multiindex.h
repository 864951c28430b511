/* SPDX-License-Identifier: MIT */
/*
 * git's index over several packs, objects/pack/multi-pack-index. git believes it: an object that
 * it places in a pack that is gone is lost to git, although another pack has it. One begun before
 * packs were joined and put into place after names such packs. Nothing needs it to find objects,
 * so a wrong one is simply removed.
 */
#ifndef USER_STORE_MULTIINDEX_H
#define USER_STORE_MULTIINDEX_H

#include <stdbool.h>

/* Removes the index, and what goes with it. */
void multiindex_remove(const char *git_directory);
/* Removes it if it names a pack that is not there; whether it did. One that makes no sense stays:
 * `git multi-pack-index verify` says what is wrong with it. */
bool multiindex_drop_stale(const char *git_directory);

#endif

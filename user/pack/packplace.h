/* SPDX-License-Identifier: MIT */
/* Where a pack's files are in a repository, and how they get there. */
#ifndef USER_PACK_PACKPLACE_H
#define USER_PACK_PACKPLACE_H

#include <git2.h>
#include <limits.h>
#include <stdbool.h>

#include "base/base.h"

/* The folder in a git directory for files that are arpkeeper's and not git's: half written files,
 * and what belongs to a pack but is not known to git. */
#define PACK_FOLDER "arpkeeper"
#define PACK_NAME   (GIT_OID_HEXSZ + 1) /* of pack-<name>.pack, with its NUL */

/* <folder>/pack-<name>.<suffix> */
void packplace_path(char path[PATH_MAX], const char *folder, const char *name, const char *suffix);
/* Whether that file is there. */
bool packplace_has(const char *folder, const char *name, const char *suffix);
/* Whether `file` is called pack-<name>.<suffix>, and with what name. */
bool packplace_name(char name[PACK_NAME], const char *file, const char *suffix);
/* Moves a pack and its index, both synced, to where git looks, and syncs the folder. The index
 * comes last, as it makes git see the pack. On error git sees neither. */
int packplace_move(const char *pack, const char *index, const char *folder, const char *name,
                   struct fault *fault);

#endif

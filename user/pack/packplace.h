/* SPDX-License-Identifier: MIT */
/* Where a pack's files are, how they get there, and the one file that git does not know. */
#ifndef USER_PACK_PACKPLACE_H
#define USER_PACK_PACKPLACE_H

#include <git2.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

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

/*
 * What the writer of a pack knows and the pack cannot say: which of the trees that it holds whole
 * have a previous version, in this pack or an earlier one. The file PACK_FOLDER/pack-<name>.bases
 * has 40 bytes for each: the tree's id, and the previous version's.
 * It is a hint. Without it, or with a wrong one, packs can still be joined, and stay larger.
 */
struct packbase {
	git_oid id, base;
};

struct packbases {
	struct packbase *item; /* sorted by id when read from a file; owned */
	size_t count, room;
};

/* `folder` is PACK_FOLDER in the git directory. A file that is missing, or larger than any that was
 * written, reads as an empty one. */
int packbases_read(struct packbases *bases, const char *folder, const char *name,
                   struct fault *fault);
int packbases_write(const struct packbases *bases, const char *folder, const char *name,
                    struct fault *fault);
void packbases_remove(const char *folder, const char *name);
int packbases_add(struct packbases *bases, const git_oid *id, const git_oid *base);
/* The previous version; NULL: unknown. The list was read from a file. */
const git_oid *packbases_find(const struct packbases *bases, const git_oid *id);
void packbases_clear(struct packbases *bases);

#endif

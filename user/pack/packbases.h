/* SPDX-License-Identifier: MIT */
/*
 * What the writer of a pack knows and the pack cannot say: which of the trees that it holds whole
 * have a previous version, in this pack or an earlier one. The file PACK_FOLDER/pack-<name>.bases
 * has 40 bytes for each: the tree's id, and the previous version's.
 * It is a hint. Without it, or with a wrong one, packs can still be joined, and stay larger.
 */
#ifndef USER_PACK_PACKBASES_H
#define USER_PACK_PACKBASES_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"

struct packbase {
	git_oid id, base;
};

struct packbases {
	struct packbase *item; /* sorted by id when read from a file; owned */
	size_t count, room;
};

/* `folder` is PACK_FOLDER in the git directory. A missing file reads as an empty one. */
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

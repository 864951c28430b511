/* SPDX-License-Identifier: MIT */
/*
 * What the writer knows of a pack and the pack cannot say: which of its trees, stored whole, has
 * a previous version, in this pack or an earlier one. A file beside the packs,
 * `arpkeeper/pack-<name>.bases`: records of 40 octets, the tree's id and its previous version's.
 * Only a hint: without it, or with a wrong one, packs are joined all the same, and stay larger.
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
	struct packbase *item; /* sorted by id once read; owned */
	size_t count, room;
};

/* `folder` is the one in the git directory. A file that is not there is empty. */
int packbases_read(struct packbases *bases, const char *folder, const char *name,
                   struct fault *fault);
int packbases_write(const struct packbases *bases, const char *folder, const char *name,
                    struct fault *fault);
void packbases_remove(const char *folder, const char *name);
int packbases_add(struct packbases *bases, const git_oid *id, const git_oid *base);
/* The previous version; NULL: none is known. */
const git_oid *packbases_find(const struct packbases *bases, const git_oid *id);
void packbases_clear(struct packbases *bases);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A pack in the making becomes files: the pack, its index, and what protects and describes it.
 *
 *     pack_clean(directory)                          once, at start-up
 *     pack_write(&keep, directory, packing, ...)     durable, and protected by a .keep file
 *     ... references name the objects ...
 *     pack_settle(&keep)                             the .keep file goes
 *
 * This order survives a crash, and a `git gc --prune=now` at any moment.
 */
#ifndef USER_PACK_PACKWRITE_H
#define USER_PACK_PACKWRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "pack/hash.h"
#include "pack/packing.h"

/* Files that keep new packs from being pruned until references name their objects. */
struct pack_keep {
	char **path; /* owned */
	size_t paths, room;
};

/*
 * Writes the pack, durably, and adds its .keep file to `keep`. The files are made aside: on error,
 * git sees none of them. The pack's .bases file (packbases.h) is written, too, as far as that
 * works.
 */
int pack_write(struct pack_keep *keep, const char *git_directory, struct packing *packing,
               struct hash *hash, struct fault *fault);
/* Writes a .keep file, for a pack that is about to come, and adds it to `keep`. */
int pack_protect(struct pack_keep *keep, const char *path, struct fault *fault);
/* Whether a .keep file has this text, and nothing else: it says whose it is. */
bool pack_keep_says(const char *path, const char *text);
/* Removes the .keep files. */
void pack_settle(struct pack_keep *keep);
/* Removes half written packs, and the .keep files of an agent that died. */
void pack_clean(const char *git_directory);

#endif

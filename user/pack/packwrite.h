/* SPDX-License-Identifier: MIT */
/* A pack in the making becomes files: the pack, its index, and what protects and describes it. */
#ifndef USER_PACK_PACKWRITE_H
#define USER_PACK_PACKWRITE_H

#include <stddef.h>

#include "base/base.h"
#include "pack/hash.h"
#include "pack/packing.h"

/* The repository's folder for what is ours and not git's: half written files, and sidecars. */
#define PACK_FOLDER "arpkeeper"

/* Files that keep new packs from being pruned until references name their objects. */
struct pack_keep {
	char **path; /* owned */
	size_t paths;
};

/*
 * Writes the pack, durably, and adds its .keep file to `keep`. It is made aside: an error leaves
 * nothing behind that git would read. Beside it, in PACK_FOLDER, `pack-<sum>.bases` tells whoever
 * joins packs the previous versions of trees that are stored whole: for each, 20 octets of its
 * id, and 20 of that one's. (Not synced: without it joining only saves less.)
 */
int pack_write(struct pack_keep *keep, const char *git_directory, struct packing *packing,
               struct hash *hash, struct fault *fault);
/* Adds a .keep file to `keep`, and writes it: for a pack that is about to come. */
int pack_protect(struct pack_keep *keep, const char *path, struct fault *fault);
/* Removes the .keep files. */
void pack_settle(struct pack_keep *keep);
/* At start-up: removes half written packs, and .keep files that an earlier agent left when it died.
 */
void pack_clean(const char *git_directory);

#endif

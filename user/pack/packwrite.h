/* SPDX-License-Identifier: MIT */
/*
 * A pack in the making becomes files: the pack, its index, and what protects and describes it.
 *
 *     pack_prepare(directory)                        once, at start-up
 *     pack_write(name, &keep, directory, ...)        durable, and protected by a .keep file
 *     ... references name the objects ...
 *     pack_settle(&keep)                             the .keep file goes
 *
 * This order survives a crash, and a `git gc --prune=now` at any moment.
 *
 * Or a pack of any size is written object by object, aside from where git looks:
 *
 *     packout_open(&out, folder, objects, bytes, fault)
 *     packindex_set_id(), packindex_set_crc() of out.index, and packout_write(), for each object
 *     packout_finish(&out, offset, fault)            both files are complete, and durable
 *     packout_install(&out, packs, &modified, fault) git sees them
 *     packout_close(&out)                            also after an error
 */
#ifndef USER_PACK_PACKWRITE_H
#define USER_PACK_PACKWRITE_H

#include <git2.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/hash.h"
#include "pack/packindex.h"
#include "pack/packing.h"
#include "pack/packplace.h"

/* Half written, without the suffix: in the same file system, and where git does not look. */
#define PACK_INCOMING PACK_FOLDER "/incoming"

#define PACKOUT_FOLDER PACK_FOLDER "/joining"
#define PACKOUT_NAME   "joined" /* of the files aside: pack-joined.pack, pack-joined.idx */

struct packout {
	char pack_path[PATH_MAX], index_path[PATH_MAX];
	char name[PACK_NAME];   /* when finished */
	uint64_t offset;        /* where the next object begins */
	int pack, index_file;   /* descriptors: read-only files, which are not opened again */
	struct packindex index; /* in the mapped file */
	size_t mapped;          /* bytes of it */
	struct hash *hash;
	uint8_t *buffer;
	size_t buffered;
	uint64_t started; /* the disk has been given the bytes before this offset */
};

/* For so many objects, of at most `bytes` in all. The index takes its place on the disk at once. */
int packout_open(struct packout *out, const char *folder, uint32_t objects, uint64_t bytes,
                 struct fault *fault);
/* Removes what was not installed. */
void packout_close(struct packout *out);

int packout_write(struct packout *out, const void *bytes, size_t size, struct fault *fault);

/* Completes both files, and syncs them. `offset` is of each object, by rank. */
int packout_finish(struct packout *out, const uint64_t *offset, struct fault *fault);
/* Moves them to `folder`, with this time of modification. Durable when it returns. */
int packout_install(struct packout *out, const char *folder, const struct timespec *modified,
                    struct fault *fault);

/* Files that keep new packs from being pruned until references name their objects. */
struct pack_keep {
	char **path; /* owned */
	size_t paths, room;
};

/*
 * Writes the pack, durably, and adds its .keep file to `keep`. The files are made aside: on error,
 * git sees none of them. `name` is the pack's: its .bases file (packplace.h) is the caller's to
 * write.
 */
int pack_write(char name[PACK_NAME], struct pack_keep *keep, const char *git_directory,
               struct packing *packing, struct hash *hash, struct fault *fault);
/* Writes a .keep file, for a pack that is about to come, and adds it to `keep`. */
int pack_protect(struct pack_keep *keep, const char *path, struct fault *fault);
/* Removes the .keep files. */
void pack_settle(struct pack_keep *keep);
/* Whether a .keep file has the text that pack_write() gives it. */
bool pack_keep_is_ours(const char *path);
/* Makes our folder, and the file that each .keep is a second name of. Without that file they are
 * written one by one. */
void pack_prepare(const char *git_directory);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Writes a pack of any size and its index, object by object, aside from where git looks.
 * (packwrite.h writes a pack that is in memory.)
 *
 *     packout_open(&out, folder, objects, bytes, fault)
 *     packindex_set_id(), packindex_set_crc() of out.index, and packout_write(), for each object
 *     packout_finish(&out, offset, fault)                   both files are complete, and durable
 *     packout_install(&out, packs, &modified, fault)        git sees them
 *     packout_close(&out)                                   also after an error
 */
#ifndef USER_PACK_PACKOUT_H
#define USER_PACK_PACKOUT_H

#include <git2.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/hash.h"
#include "pack/packindex.h"
#include "pack/packplace.h"

#define PACKOUT_NAME "joined" /* of the files aside: pack-joined.pack, pack-joined.idx */

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

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A pack and its index being written, aside from where git looks; of any size, object by object.
 * (What is small and in memory already is written by pack.h.)
 */
#ifndef USER_PACK_PACKOUT_H
#define USER_PACK_PACKOUT_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/packfile.h"

#define PACKOUT_NAME "joined" /* of the files aside: pack-joined.pack, pack-joined.idx */

struct packout {
	char pack_path[4096], index_path[4096];
	char name[PACK_NAME]; /* once finished */
	uint64_t offset;      /* where the next object begins */
	uint32_t objects;
	int pack, index_file; /* descriptors: read-only files, never opened again */
	struct evp_md_ctx_st *sum;
	uint8_t *buffer;
	size_t buffered;
	uint64_t started; /* writing back, up to here */
	uint8_t *index;   /* mapped */
	size_t index_size;
};

/* For so many objects, of at most `bytes` in all. The index takes its place on the disk at once. */
int packout_open(struct packout *out, const char *folder, uint32_t objects, uint64_t bytes,
                 struct fault *fault);
/* Removes what was not installed. */
void packout_close(struct packout *out);

int packout_write(struct packout *out, const void *bytes, size_t size, struct fault *fault);
/* Of the object with this rank in the order of ids. */
void packout_set_id(struct packout *out, uint32_t rank, const git_oid *id);
const git_oid *packout_id(const struct packout *out, uint32_t rank);
void packout_set_crc(struct packout *out, uint32_t rank, uint32_t crc);

/* Writes what ends both files, and makes them durable. `offset` is of each object, by rank. */
int packout_finish(struct packout *out, const uint64_t *offset, struct fault *fault);
/* Moves them to where git looks, as old as `modified`. The index comes last, as it makes a pack
 * seen. Durable when it returns. */
int packout_install(struct packout *out, const char *folder, const struct timespec *modified,
                    struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A pack and its index, mapped for reading. Whatever is in the files, reading stays within them:
 * they may come from a push, or from a disk that fails.
 */
#ifndef USER_PACK_PACKFILE_H
#define USER_PACK_PACKFILE_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/packcodec.h"
#include "pack/packindex.h"
#include "pack/packplace.h"

#define NO_BASE UINT32_MAX
#define NO_RANK UINT32_MAX

/* Objects are numbered in the order in which they stand in the pack. */
struct pack_object {
	uint64_t offset;
	uint32_t position; /* in the index, which is sorted by id */
	uint32_t base;     /* of a delta: the object that it is made against; else NO_BASE */
};

struct packfile {
	char name[PACK_NAME];
	struct timespec modified;
	uint8_t *pack; /* mapped, read-only */
	size_t pack_size;
	struct packindex index;
	struct pack_object *object; /* owned */
	uint32_t objects;
};

struct libdeflate_decompressor;

/* Opens pack-<name>.pack and .idx of a folder. -ENOENT: one of them is not there. -EIO: they are
 * damaged, or of a version that is not supported; the fault names the file. */
int packfile_open(struct packfile *file, const char *folder, const char *name, struct fault *fault);
void packfile_close(struct packfile *file);

/* By position in the index. */
const git_oid *packfile_id(const struct packfile *file, uint32_t position);
/* The number of the object at a position of the index. */
uint32_t packfile_object(const struct packfile *file, uint32_t position);

/* An object's bytes, head included. */
const uint8_t *packfile_bytes(size_t *length, const struct packfile *file, uint32_t object);
/* Sets a fault that names a damaged object; returns -EIO. */
int packfile_damaged(const struct packfile *file, uint32_t object, struct fault *fault);
int packfile_head(struct packhead *head, const struct packfile *file, uint32_t object,
                  struct fault *fault);
/* The object that a delta with this head is made against; NO_BASE: it is not in this pack. */
uint32_t packfile_base(const struct packfile *file, uint32_t object, const struct packhead *head);
/* Sets `base` of every object. */
int packfile_link(struct packfile *file, struct fault *fault);

/* The three below give malloc'ed bytes, with room for one more. */

/* An object's own bytes inflated: its content; or a delta's instructions. */
int packfile_inflate(uint8_t **bytes, struct packhead *head, const struct packfile *file,
                     uint32_t object, struct libdeflate_decompressor *decompressor,
                     struct fault *fault);
/* The content of a delta whose base has this content. */
int packfile_apply(uint8_t **content, size_t *size, const struct packfile *file, uint32_t object,
                   const uint8_t *base, size_t base_size,
                   struct libdeflate_decompressor *decompressor, struct fault *fault);
/* The content of any object, after packfile_link(). `type` is that of the end of the chain. */
int packfile_content(uint8_t **content, size_t *size, enum packed_type *type,
                     const struct packfile *file, uint32_t object,
                     struct libdeflate_decompressor *decompressor, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A pack and its index (gitformat-pack(5)), mapped for reading. Whatever is in the files, reading
 * stays within them: they may come from a push, or from a disk that lies.
 */
#ifndef USER_PACK_PACKFILE_H
#define USER_PACK_PACKFILE_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"

#define PACK_HEADER 12                  /* "PACK", version, number of objects */
#define PACK_NAME   (GIT_OID_HEXSZ + 1) /* of pack-<name>.pack, and NUL */
#define NO_BASE     UINT32_MAX
#define NO_RANK     UINT32_MAX

enum packed_type {
	PACKED_COMMIT = 1,
	PACKED_TREE = 2,
	PACKED_BLOB = 3,
	PACKED_TAG = 4,
	PACKED_OFS_DELTA = 6,
	PACKED_REF_DELTA = 7
};

/* An object, in the order in which they stand in the pack. */
struct pack_object {
	uint64_t offset;
	uint32_t position; /* in the index, which is sorted by id */
	uint32_t base;     /* of a delta: which object, in this order; else NO_BASE */
};

struct packfile {
	char name[PACK_NAME];
	struct timespec modified;
	const uint8_t *pack, *index; /* mapped */
	size_t pack_size, index_size;
	struct pack_object *object; /* owned */
	uint32_t objects;
};

/* What stands in front of an object's deflated bytes. */
struct pack_head {
	enum packed_type type;
	uint64_t size;   /* of the content; of a delta: of the instructions */
	size_t length;   /* of the head itself */
	uint64_t offset; /* PACKED_OFS_DELTA: of the base */
	git_oid id;      /* PACKED_REF_DELTA: of the base */
};

struct libdeflate_decompressor;

/* Opens pack-<name>.pack and .idx of a folder. -ENOENT: one of them is not there (any more); -EIO:
 * they are damaged, or no pack that git of this format wrote; the fault names the file. */
int packfile_open(struct packfile *file, const char *folder, const char *name, struct fault *fault);
void packfile_close(struct packfile *file);

/* By position in the index. */
const git_oid *packfile_id(const struct packfile *file, uint32_t position);
uint32_t packfile_crc(const struct packfile *file, uint32_t position);
/* Position of an id; -ENOENT. */
int packfile_find(uint32_t *position, const struct packfile *file, const git_oid *id);

/* By object. Its bytes, head included, and how many they are. */
const uint8_t *packfile_bytes(size_t *length, const struct packfile *file, uint32_t object);
/* Which object begins at this offset; NO_BASE: none. */
uint32_t packfile_at(const struct packfile *file, uint64_t offset);
/* The object at a position of the index. */
uint32_t packfile_object(const struct packfile *file, uint32_t position);
/* Says which object is damaged; -EIO. */
int packfile_damaged(const struct packfile *file, uint32_t object, struct fault *fault);
int packfile_head(struct pack_head *head, const struct packfile *file, uint32_t object,
                  struct fault *fault);
/* Fills in `base` of every object. */
int packfile_link(struct packfile *file, struct fault *fault);
/* The content, malloc'ed, deltas applied; packfile_link() has run. `type` is that of the object at
 * the end of the chain. */
int packfile_content(uint8_t **content, size_t *size, enum packed_type *type,
                     const struct packfile *file, uint32_t object,
                     struct libdeflate_decompressor *decompressor, struct fault *fault);

#endif

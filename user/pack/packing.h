/* SPDX-License-Identifier: MIT */
/*
 * A pack in the making: objects in the form of git's packs, in memory, found by id. pack_write()
 * writes it as a whole. It refers to no object outside, so any git can read it by itself.
 */
#ifndef USER_PACK_PACKING_H
#define USER_PACK_PACKING_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "pack/packplace.h"

/* How many deltas must be applied to read an object, at most: git's own default. */
#define DELTA_DEPTH 50

struct packed {
	uint32_t offset, crc; /* of its bytes in the pack; CRC-32 of them */
	uint32_t size;        /* of its content */
	uint8_t type;         /* git_object_t */
	uint8_t depth;        /* 0: stored whole */
	uint32_t base; /* otherwise: the index of the object that the delta is made against */
};

struct packing {
	uint64_t serial; /* differs for each pack in the making; not 0 */
	uint8_t *bytes;  /* from the pack's header on; there is room for its checksum; owned */
	size_t size, room;
	struct idmap ids;
	struct packed *object; /* by the number of its id; owned */
	size_t objects, objects_room;
	struct packbases
	        bases; /* of trees that are stored whole, though there is a previous version */
	struct libdeflate_compressor *compressor, *stored;
	struct libdeflate_decompressor *decompressor;
};

int packing_init(struct packing *packing, struct fault *fault);
void packing_clear(struct packing *packing);
/* Forgets all objects: a new pack begins. */
void packing_restart(struct packing *packing);

/* The object's index, or -1. Indexes stay valid until packing_restart(). */
ssize_t packing_find(const struct packing *packing, const git_oid *id);
/* Adds an object that is not there yet, whole. */
int packing_add(struct packing *packing, const git_oid *id, git_object_t type, const void *data,
                size_t size, struct fault *fault);
/* Adds a tree as git's delta against the object with index `base`, which is a tree, and of a depth
 * less than DELTA_DEPTH. `size` is the tree's. */
int packing_add_delta(struct packing *packing, const git_oid *id, size_t size, size_t base,
                      const void *delta, size_t delta_size, struct fault *fault);
/* Notes the previous version of a tree that was added whole, for the joining of packs. */
int packing_note_base(struct packing *packing, const git_oid *id, const git_oid *base,
                      struct fault *fault);
/* An object's content, malloc'ed, with a NUL behind it. */
int packing_read(const struct packing *packing, size_t index, char **data, struct fault *fault);

#endif

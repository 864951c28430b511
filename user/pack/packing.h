/* SPDX-License-Identifier: MIT */
/*
 * A pack in the making: objects in the form that git's packs store, in memory, found by id.
 * It is written as a whole by pack_write() (pack.h). Offsets and depths are of this pack alone: it
 * refers to no object outside, so any git can read it by itself.
 */
#ifndef USER_PACK_PACKING_H
#define USER_PACK_PACKING_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "pack/hash.h"

/* How many deltas must be applied to read an object, at most: git's own default. */
#define DELTA_DEPTH 50

struct packed {
	git_oid id;
	uint32_t offset, crc; /* of its bytes in the pack; CRC-32 of them */
	uint32_t size;        /* of its content */
	uint8_t type;         /* git_object_t */
	uint8_t depth;        /* 0: stored whole */
	uint32_t base;        /* otherwise: the index of what it is a delta against */
};

/* A tree that is stored whole, though there is a previous version. */
struct packed_base {
	git_oid id, base;
};

struct packing {
	uint64_t serial; /* differs for each pack in the making; not 0 */
	uint8_t *bytes;  /* from the pack's header on; owned */
	size_t size, room;
	struct packed *object; /* in the order in which they were added; owned */
	size_t objects, objects_room;
	struct packed_base *base; /* owned */
	size_t bases, bases_room;
	uint32_t *slot; /* hash table of indexes into `object`, plus one; owned */
	size_t slots;   /* a power of two */
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
/* Notes the previous version of a tree just added whole, for whoever joins packs. */
int packing_note_base(struct packing *packing, const git_oid *id, const git_oid *base,
                      struct fault *fault);
/* An object's content, malloc'ed, with a NUL behind it. */
int packing_read(const struct packing *packing, size_t index, char **data, struct fault *fault);

#endif

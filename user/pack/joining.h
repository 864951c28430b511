/* SPDX-License-Identifier: MIT */
/* Joins the objects of several packs in one. The caller opens, checks and removes the files. */
#ifndef USER_PACK_JOINING_H
#define USER_PACK_JOINING_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "pack/packfile.h"
#include "pack/packplace.h"
#include "pack/packwrite.h"

struct joining_input {
	struct packfile file;
	struct packbases bases;
	uint32_t *rank; /* by position in its index: the place among the ids of all inputs; owned */
};

/* An object in the output. */
struct joined {
	uint32_t base; /* of a delta: the rank of what it is made against; else NO_RANK */
	uint16_t size; /* in bytes, or the most of the type */
	uint8_t depth; /* of its chain of deltas */
};

struct joining {
	struct joining_input *input; /* oldest first; owned */
	size_t inputs;
	uint32_t objects;       /* different ones */
	uint64_t *to;           /* by rank: offset in the output, 0: not yet written; owned */
	struct joined *joined;  /* by rank; owned */
	struct packbases bases; /* of the output: trees whose previous version is in no input */
	struct libdeflate_compressor *compressor;
	struct libdeflate_decompressor *decompressor;
	size_t damaged; /* with -EIO: the number of the input that is damaged */
};

/* Takes over `input` and what is open in it, also on error. */
int joining_init(struct joining *joining, struct joining_input *input, size_t inputs,
                 struct fault *fault);
void joining_clear(struct joining *joining);
/* Writes all objects, each once, and their ids and checksums into the index. */
int joining_write(struct joining *joining, struct packout *out, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The objects of several packs in one: what becomes of each. join.h deals with the files. */
#ifndef USER_PACK_JOINING_H
#define USER_PACK_JOINING_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "pack/packbases.h"
#include "pack/packfile.h"
#include "pack/packout.h"

struct joining_input {
	struct packfile file;
	struct packbases bases;
	uint32_t *rank; /* by position in its index: among the ids of all inputs; owned */
};

struct joining {
	struct joining_input *input; /* oldest first; owned */
	size_t inputs;
	uint32_t objects;       /* different ones */
	uint64_t *to;           /* by rank: offset in the output, 0: not yet there; owned */
	uint8_t *depth;         /* by rank: of its chain of deltas in the output; owned */
	uint32_t *base;         /* by rank: of a delta in the output, else NO_RANK; owned */
	uint16_t *size;         /* by rank: octets in the output, or the most of the type; owned */
	struct packbases bases; /* of the output: trees whose previous version is in no input */
	struct libdeflate_compressor *compressor;
	struct libdeflate_decompressor *decompressor;
	size_t damaged; /* which input was, when joining failed with -EIO */
};

/* Takes over `input` and what is open in it. */
int joining_init(struct joining *joining, struct joining_input *input, size_t inputs,
                 struct fault *fault);
void joining_clear(struct joining *joining);
/* Writes all objects, each once, and their ids and checksums into the index. */
int joining_write(struct joining *joining, struct packout *out, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The blocks of the look-back index's file: all of one size, each with rows of one kind, and with a
 * filter once it is full. Native byte order, which the magic number shows. Private to index_*.c.
 */
#ifndef USER_LOOKBACK_INDEX_BLOCKS_H
#define USER_LOOKBACK_INDEX_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "lookback/index.h"

#define INDEX_MAGIC       UINT64_C(0x34584449504b5241) /* "ARKPIDX4", read as little-endian */
#define INDEX_BLOCK       ((size_t)256 << 10)
#define INDEX_FILTER_BITS ((uint32_t)1 << 17)
#define INDEX_FILTER      (INDEX_FILTER_BITS / 8)
#define INDEX_ROWS_AT     (sizeof(struct index_header) + INDEX_FILTER)

enum index_kind { INDEX_SEGMENTS, INDEX_COMMITS, INDEX_CHANGES, INDEX_KINDS };

#define INDEX_HAS_FILTER ((uint32_t)1) /* the block is full, and has its filter */
#define INDEX_HAS_DROPS  ((uint32_t)2) /* a row takes others off the line */

struct index_header {
	uint64_t magic;
	uint32_t kind, count; /* rows in the block */
	uint64_t first;       /* number of its first row, among those of its kind */
	uint64_t word; /* segments: the boundary; commits: how many changes there were by then */
	int64_t least; /* commits: the earliest time of a row on the line */
	uint32_t flags;
	uint32_t rows_sum, filter_sum, header_sum; /* CRC-32 */
	uint64_t unused;
};

typedef char index_segment_row[64]; /* a name, followed by NULs */

_Static_assert(sizeof(struct index_header) == 64, "it is a file's format");
_Static_assert(sizeof(struct index_commit) == 32, "it is a file's format");

struct index_block {
	struct index_header header;
	unsigned char *data; /* owned: the whole block; NULL: only in the file */
	uint32_t written;    /* rows that the file has */
	bool dirty;          /* the header in the file differs */
};

struct index {
	int file; /* -1: memory only */
	bool writable;
	bool fresh;      /* created, not yet adopted */
	char *directory; /* owned */
	struct index_block *block;
	size_t blocks, room;
	size_t tail[INDEX_KINDS];   /* the block that gets rows of a kind; SIZE_MAX: none yet */
	index_segment_row *segment; /* owned */
	size_t segments, segment_room;
	uint32_t commits;
	uint64_t changes;
	unsigned char *scratch; /* owned: a block that was read */
	size_t loaded;          /* its number; SIZE_MAX: none */
};

/* An index without blocks or a file. NULL: out of memory. */
struct index *index_blocks_new(void);
/* Removes all blocks from memory. */
void index_blocks_forget(struct index *index);
/* Frees all memory of the index. */
void index_blocks_free(struct index *index);

/* A block after the others, which gets the rows of its kind from now on. 0 or -ENOMEM. */
int index_block_add(struct index *index, const struct index_header *header);
/* The block that gets rows of a kind; NULL: none yet. */
struct index_block *index_block_tail(const struct index *index, enum index_kind kind);

size_t index_row_size(enum index_kind kind);
size_t index_block_rows(enum index_kind kind);
/* The rows of a block, checked against its sum; valid until the next call. 0 or -EBADMSG. */
int index_rows(struct index *index, size_t number, const void **rows);

uint32_t index_header_sum(const struct index_header *header);
/* Writes the rows that the file does not have yet, and the filter of a full block. 0 or -errno. */
int index_write_rows(struct index *index, size_t number);
/* Writes the header, whose sum shows that it is whole. 0 or -errno. */
int index_write_header(struct index *index, size_t number);

/* Whether a block may have a row with this key (index_key.h): true if its filter is missing or
 * damaged. */
bool index_may_have(const struct index *index, size_t number, uint64_t key);

#endif

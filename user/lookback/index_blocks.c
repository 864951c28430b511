// SPDX-License-Identifier: MIT
/* Reads, checks and writes single blocks of the look-back index. It does not know their order. */
#include "lookback/index_blocks.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "lookback/index_change.h"
#include "lookback/index_key.h"

#define FILTER_AT sizeof(struct index_header)

struct index *index_blocks_new(void)
{
	struct index *index = calloc(1, sizeof(*index));

	if (!index)
		return NULL;
	index->file = -1;
	index->scratch = malloc(INDEX_BLOCK);
	if (!index->scratch) {
		free(index);
		return NULL;
	}
	index_blocks_forget(index);
	return index;
}

void index_blocks_forget(struct index *index)
{
	for (size_t i = 0; i < index->blocks; i++)
		free(index->block[i].data);
	index->blocks = 0;
	index->segments = 0;
	index->commits = 0;
	index->changes = 0;
	index->loaded = SIZE_MAX;
	for (unsigned i = 0; i < INDEX_KINDS; i++)
		index->tail[i] = SIZE_MAX;
}

void index_blocks_free(struct index *index)
{
	index_blocks_forget(index);
	free(index->block);
	free(index->segment);
	free(index->scratch);
	free(index->directory);
	free(index);
}

int index_block_add(struct index *index, const struct index_header *header)
{
	if (array_reserve(&index->block, &index->room, index->blocks + 1))
		return -ENOMEM;
	index->block[index->blocks] = (struct index_block){.header = *header};
	index->tail[header->kind] = index->blocks++;
	return 0;
}

struct index_block *index_block_tail(const struct index *index, enum index_kind kind)
{
	return index->block && index->tail[kind] < index->blocks ? &index->block[index->tail[kind]]
	                                                         : NULL;
}

size_t index_row_size(enum index_kind kind)
{
	static const size_t size[INDEX_KINDS] = {
	        [INDEX_SEGMENTS] = sizeof(index_segment_row),
	        [INDEX_COMMITS] = sizeof(struct index_commit),
	        [INDEX_CHANGES] = sizeof(struct index_row),
	};

	return size[kind];
}

size_t index_block_rows(enum index_kind kind)
{
	return (INDEX_BLOCK - INDEX_ROWS_AT) / index_row_size(kind);
}

static bool read_at(const struct index *index, void *data, size_t size, size_t at)
{
	while (size > 0) {
		ssize_t length = pread(index->file, data, size, (off_t)at);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return false;
		data = (char *)data + length;
		at += (size_t)length;
		size -= (size_t)length;
	}
	return true;
}

static int write_at(const struct index *index, const void *data, size_t size, size_t at)
{
	while (size > 0) {
		ssize_t written = pwrite(index->file, data, size, (off_t)at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return written < 0 ? -errno : -EIO;
		data = (const char *)data + written;
		at += (size_t)written;
		size -= (size_t)written;
	}
	return 0;
}

int index_rows(struct index *index, size_t number, const void **rows)
{
	const struct index_block *block = &index->block[number];
	size_t size = block->header.count * index_row_size(block->header.kind);

	*rows = block->data ? block->data + INDEX_ROWS_AT : index->scratch + INDEX_ROWS_AT;
	if (block->data || index->loaded == number)
		return 0;
	index->loaded = SIZE_MAX;
	if (!read_at(index, index->scratch + INDEX_ROWS_AT, size,
	             number * INDEX_BLOCK + INDEX_ROWS_AT) ||
	    libdeflate_crc32(0, *rows, size) != block->header.rows_sum)
		return -EBADMSG;
	index->loaded = number;
	return 0;
}

static void filter_set(unsigned char *filter, uint64_t key)
{
	uint32_t first = key % INDEX_FILTER_BITS,
	         second = key / INDEX_FILTER_BITS % INDEX_FILTER_BITS;

	filter[first / 8] |= (unsigned char)(1U << first % 8);
	filter[second / 8] |= (unsigned char)(1U << second % 8);
}

static bool filter_has(const unsigned char *filter, uint64_t key)
{
	uint32_t first = key % INDEX_FILTER_BITS,
	         second = key / INDEX_FILTER_BITS % INDEX_FILTER_BITS;

	return filter[first / 8] >> first % 8 & filter[second / 8] >> second % 8 & 1;
}

static void make_filter(unsigned char *filter, enum index_kind kind, const void *rows,
                        uint32_t count)
{
	const struct index_commit *commit = rows;
	const struct index_row *change = rows;

	memset(filter, 0, INDEX_FILTER);
	for (uint32_t i = 0; i < count; i++) {
		if (kind == INDEX_COMMITS) {
			filter_set(filter, index_key_id(&commit[i].id));
			continue;
		}
		if (change[i].flags & (INDEX_REST | INDEX_VOID))
			continue;
		filter_set(filter, index_key_word(change[i].word, change[i].flags & INDEX_WIDE));
		/* A zero MAC is not a host's: it means "absent" or "unknown". */
		filter_set(filter, index_key_mac(change[i].before));
		filter_set(filter, index_key_mac(change[i].after));
		if (change[i].flags & INDEX_BEFORE_UNKNOWN)
			memset(filter, 0xff, INDEX_FILTER);
	}
}

bool index_may_have(const struct index *index, size_t number, uint64_t key)
{
	const struct index_block *block = &index->block[number];
	unsigned char filter[INDEX_FILTER];

	if (block->data || index->loaded == number || !(block->header.flags & INDEX_HAS_FILTER))
		return true;
	return !read_at(index, filter, sizeof(filter), number * INDEX_BLOCK + FILTER_AT) ||
	       libdeflate_crc32(0, filter, sizeof(filter)) != block->header.filter_sum ||
	       filter_has(filter, key);
}

uint32_t index_header_sum(const struct index_header *header)
{
	return libdeflate_crc32(0, header, offsetof(struct index_header, header_sum));
}

int index_write_rows(struct index *index, size_t number)
{
	struct index_block *block = &index->block[number];
	struct index_header *header = &block->header;
	size_t row = index_row_size(header->kind), at = number * INDEX_BLOCK;
	size_t behind = INDEX_ROWS_AT + block->written * row;
	size_t size = (header->count - block->written) * row;
	int error;

	header->rows_sum = libdeflate_crc32(header->rows_sum, block->data + behind, size);
	error = write_at(index, block->data + behind, size, at + behind);
	if (error)
		return error;
	block->written = header->count;
	if (header->count < index_block_rows(header->kind) || header->kind == INDEX_SEGMENTS)
		return 0;
	make_filter(block->data + FILTER_AT, header->kind, block->data + INDEX_ROWS_AT,
	            header->count);
	header->filter_sum = libdeflate_crc32(0, block->data + FILTER_AT, INDEX_FILTER);
	header->flags |= INDEX_HAS_FILTER;
	return write_at(index, block->data + FILTER_AT, INDEX_FILTER, at + FILTER_AT);
}

int index_write_header(struct index *index, size_t number)
{
	struct index_header *header = &index->block[number].header;

	header->header_sum = index_header_sum(header);
	return write_at(index, header, sizeof(*header), number * INDEX_BLOCK);
}

// SPDX-License-Identifier: MIT
/*
 * Adding to the look-back index, and writing what was added. Searching is in index_search.c, the
 * file itself in index_file.c.
 *
 * Rows are written before the header that counts them, and a header's sum says whether it was
 * written whole; so whoever reads while another writes sees what was there before, or after.
 */
#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lookback/index_blocks.h"

int index_segment(struct index *index, uint16_t *number, const char *name)
{
	struct index_block *block = index_tail(index, INDEX_SEGMENTS);
	char(*grown)[64];

	for (size_t i = 0; i < index->segments; i++) {
		if (strcmp(index->segment[i], name) == 0) {
			*number = (uint16_t)i;
			return 0;
		}
	}
	if (!block || index->segments >= UINT16_MAX || strlen(name) >= sizeof(*grown) ||
	    block->header.count >= index_block_rows(INDEX_SEGMENTS))
		return -ENOSPC;
	grown = realloc(index->segment, (index->segments + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	index->segment = grown;
	if (!block->data) {
		block->data = calloc(1, INDEX_BLOCK);
		if (!block->data)
			return -ENOMEM;
		memcpy(block->data + INDEX_ROWS_AT, grown, index->segments * sizeof(*grown));
	}
	memset(grown[index->segments], 0, sizeof(*grown));
	memcpy(grown[index->segments], name, strlen(name));
	memcpy(block->data + INDEX_ROWS_AT + index->segments * sizeof(*grown),
	       grown[index->segments], sizeof(*grown));
	block->header.count++;
	block->dirty = true;
	*number = (uint16_t)index->segments++;
	return 0;
}

const char *index_segment_name(const struct index *index, uint16_t number)
{
	return number < index->segments ? index->segment[number] : NULL;
}

/* Where the next row of a kind goes. NULL: out of memory, or damaged. */
static struct index_block *tail_for(struct index *index, enum index_kind kind, uint64_t rows)
{
	const struct index_header header = {
	        .magic = INDEX_MAGIC, .kind = kind, .first = rows, .least = INT64_MAX};
	size_t number = index->tail[kind];
	struct index_block *block = index_tail(index, kind);
	const void *present;

	if (block && block->header.count < index_block_rows(kind)) {
		if (block->data)
			return block;
		if (index_rows(index, number, &present) < 0)
			return NULL;
		block->data = malloc(INDEX_BLOCK);
		if (block->data)
			memcpy(block->data + INDEX_ROWS_AT, present,
			       block->header.count * index_row_size(kind));
		return block->data ? block : NULL;
	}
	if (index_add_block(index, &header) < 0)
		return NULL;
	block = &index->block[index->blocks - 1];
	block->data = malloc(INDEX_BLOCK);
	if (!block->data) {
		index->blocks--;
		index->tail[kind] = number;
		return NULL;
	}
	return block;
}

static void put_row(struct index_block *block, const void *row, size_t size)
{
	memcpy(block->data + INDEX_ROWS_AT + block->header.count * size, row, size);
	block->header.count++;
	block->dirty = true;
}

int index_add_commit(struct index *index, const struct index_commit *commit)
{
	struct index_block *block;

	if (index->commits >= INDEX_COMMITS_MAX)
		return -EFBIG;
	block = tail_for(index, INDEX_COMMITS, index->commits);
	if (!block)
		return -ENOMEM;
	put_row(block, commit, sizeof(*commit));
	if ((commit->flags & INDEX_LINE) && commit->time < block->header.least)
		block->header.least = commit->time;
	if (commit->flags & INDEX_DROP)
		block->header.flags |= INDEX_HAS_DROPS;
	index->commits++;
	return 0;
}

int index_add_change(struct index *index, const struct index_change *change)
{
	struct index_block *block = tail_for(index, INDEX_CHANGES, index->changes);

	if (!block)
		return -ENOMEM;
	put_row(block, change, sizeof(*change));
	index->changes++;
	return 0;
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

/* Its rows, and (full) its filter; the header follows when all blocks' rows are there. */
static int write_rows(struct index *index, size_t number)
{
	struct index_block *block = &index->block[number];
	struct index_header *header = &block->header;
	size_t row = index_row_size(header->kind), at = number * INDEX_BLOCK;
	unsigned char *rows = block->data + INDEX_ROWS_AT;
	int error;

	header->rows_sum = libdeflate_crc32(header->rows_sum, rows + block->written * row,
	                                    (header->count - block->written) * row);
	error = write_at(index, rows + block->written * row, (header->count - block->written) * row,
	                 at + INDEX_ROWS_AT + block->written * row);
	if (error)
		return error;
	block->written = header->count;
	if (header->count < index_block_rows(header->kind) || header->kind == INDEX_SEGMENTS)
		return 0;
	index_filter_make(block->data + sizeof(*header), header->kind, rows, header->count);
	header->filter_sum = libdeflate_crc32(0, block->data + sizeof(*header), INDEX_FILTER);
	header->flags |= INDEX_HAS_FILTER;
	return write_at(index, block->data + sizeof(*header), INDEX_FILTER, at + sizeof(*header));
}

static int write_headers(struct index *index, enum index_kind kind)
{
	int error = 0;

	for (size_t i = 0; i < index->blocks && !error; i++) {
		struct index_block *block = &index->block[i];

		if (!block->dirty || block->header.kind != kind)
			continue;
		if (kind == INDEX_COMMITS)
			block->header.word = index->changes;
		block->header.header_sum = index_header_sum(&block->header);
		error = write_at(index, &block->header, sizeof(block->header), i * INDEX_BLOCK);
		block->dirty = error != 0;
		if (!error && i != index->tail[kind]) {
			free(block->data);
			block->data = NULL;
		}
	}
	return error;
}

int index_flush(struct index *index, struct fault *fault)
{
	static const enum index_kind order[] = {INDEX_SEGMENTS, INDEX_CHANGES, INDEX_COMMITS};
	int error = 0;

	if (!index->writable)
		return 0;
	for (size_t i = 0; i < index->blocks && !error; i++)
		if (index->block[i].dirty)
			error = write_rows(index, i);
	for (unsigned i = 0; i < INDEX_KINDS && !error; i++)
		error = write_headers(index, order[i]);
	if (!error)
		return 0;
	index->writable = false;
	return fault_set(fault, error, "the index for looking back cannot be written: %s",
	                 strerror(-error));
}

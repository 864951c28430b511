// SPDX-License-Identifier: MIT
/*
 * Rows are written before the header that counts them, and a header's sum shows whether it is
 * whole. So a reader beside a writer sees the rows of before, or those and the new ones.
 */
#include "lookback/index_add.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookback/index_blocks.h"

static void put_row(struct index_block *block, const void *row, size_t size)
{
	memcpy(block->data + INDEX_ROWS_AT + block->header.count * size, row, size);
	block->header.count++;
	block->dirty = true;
}

/* The block for the next row of a kind. NULL: out of memory, or damaged. */
static struct index_block *tail_for(struct index *index, enum index_kind kind, uint64_t rows)
{
	const struct index_header header = {
	        .magic = INDEX_MAGIC, .kind = kind, .first = rows, .least = INT64_MAX};
	size_t number = index->tail[kind];
	struct index_block *block = index_block_tail(index, kind);
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
	if (index_block_add(index, &header) < 0)
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

int index_segment(struct index *index, uint16_t *number, const char *name)
{
	index_segment_row row = "";
	struct index_block *block;

	for (size_t i = 0; i < index->segments; i++) {
		if (strcmp(index->segment[i], name) == 0) {
			*number = (uint16_t)i;
			return 0;
		}
	}
	/* There is one block of them. */
	if (index->segments >= index_block_rows(INDEX_SEGMENTS) || strlen(name) >= sizeof(row))
		return -ENOSPC;
	block = tail_for(index, INDEX_SEGMENTS, index->segments);
	if (!block || array_reserve(&index->segment, &index->segment_room, index->segments + 1))
		return -ENOMEM;
	snprintf(row, sizeof(row), "%s", name);
	memcpy(index->segment[index->segments], row, sizeof(row));
	put_row(block, row, sizeof(row));
	*number = (uint16_t)index->segments++;
	return 0;
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

static int write_headers(struct index *index, enum index_kind kind)
{
	int error = 0;

	for (size_t i = 0; i < index->blocks && !error; i++) {
		struct index_block *block = &index->block[i];

		if (!block->dirty || block->header.kind != kind)
			continue;
		if (kind == INDEX_COMMITS)
			block->header.word = index->changes;
		error = index_write_header(index, i);
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
			error = index_write_rows(index, i);
	for (unsigned i = 0; i < INDEX_KINDS && !error; i++)
		error = write_headers(index, order[i]);
	if (!error)
		return 0;
	index->writable = false;
	return fault_set(fault, error, "the look-back index cannot be written: %s",
	                 strerror(-error));
}

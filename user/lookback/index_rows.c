// SPDX-License-Identifier: MIT
/*
 * Adds rows at the end of the look-back index, and searches it backwards, block by block. It skips
 * blocks whose filter excludes what is sought.
 *
 * Rows are written before the header that counts them, and a header's sum shows whether it is
 * whole. So a reader beside a writer sees the rows of before, or those and the new ones.
 */
#include "lookback/index_rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookback/index_blocks.h"
#include "lookback/index_change.h"
#include "lookback/index_key.h"

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
		if (!block->data)
			return NULL;
		memcpy(block->data + INDEX_ROWS_AT, present,
		       block->header.count * index_row_size(kind));
		/* What was read lacks the rows that come now: when the block is full, it is read
		 * again. */
		index->loaded = SIZE_MAX;
		return block;
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
	struct index_row row[2];
	unsigned rows = index_change_rows(row, change);

	/* Two rows are never in two blocks. */
	if (block && block->header.count + rows > index_block_rows(INDEX_CHANGES)) {
		const struct index_row none = {.commit = change->commit, .flags = INDEX_VOID};

		put_row(block, &none, sizeof(none));
		index->changes++;
		block = tail_for(index, INDEX_CHANGES, index->changes);
	}
	if (!block)
		return -ENOMEM;
	for (unsigned i = 0; i < rows; i++)
		put_row(block, &row[i], sizeof(row[i]));
	index->changes += rows;
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
		/* A full block gets no more rows, and is read from the file. */
		if (!error && block->header.count == index_block_rows(kind)) {
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

uint32_t index_commits(const struct index *index)
{
	return index->commits;
}

int64_t index_least(const struct index *index)
{
	int64_t least = INT64_MAX;

	for (size_t i = 0; i < index->blocks; i++) {
		const struct index_header *header = &index->block[i].header;

		if (header->kind == INDEX_COMMITS && header->least < least)
			least = header->least;
	}
	return least;
}

const char *index_segment_name(const struct index *index, uint16_t number)
{
	return number < index->segments ? index->segment[number] : NULL;
}

/* The last block before `number` that has rows of a kind and may have the key (NULL: any). 1; 0: no
 * such block; -EBADMSG. */
static int find_before(struct index *index, size_t *number, enum index_kind kind,
                       const uint64_t *key, const void **rows)
{
	while ((*number)-- > 0) {
		int error;

		if (index->block[*number].header.kind != kind ||
		    (key && !index_may_have(index, *number, *key)))
			continue;
		error = index_rows(index, *number, rows);
		return error ? error : 1;
	}
	return 0;
}

int index_commit_at(struct index *index, uint32_t ordinal, struct index_commit *commit)
{
	for (size_t i = 0; i < index->blocks; i++) {
		const struct index_header *header = &index->block[i].header;
		const void *rows;
		int error;

		if (header->kind != INDEX_COMMITS || ordinal < header->first ||
		    ordinal - header->first >= header->count)
			continue;
		error = index_rows(index, i, &rows);
		if (!error)
			*commit = ((const struct index_commit *)rows)[ordinal - header->first];
		return error;
	}
	return -EBADMSG;
}

int index_find(struct index *index, const git_oid *id, uint32_t *ordinal)
{
	uint64_t key = index_key_id(id);
	size_t number = index->blocks;
	const void *rows;
	int found;

	while ((found = find_before(index, &number, INDEX_COMMITS, &key, &rows)) > 0) {
		const struct index_header *header = &index->block[number].header;
		const struct index_commit *row = rows;

		for (uint32_t i = header->count; i-- > 0;) {
			if (git_oid_equal(&row[i].id, id) && !(row[i].flags & INDEX_AGAIN)) {
				*ordinal = (uint32_t)header->first + i;
				return 0;
			}
		}
	}
	return found ? found : -ENOENT;
}

bool index_is_turned(const struct index *index)
{
	for (size_t i = 0; i < index->blocks; i++)
		if (index->block[i].header.flags & INDEX_HAS_DROPS)
			return true;
	return false;
}

/*
 * A row may take rows off the line: as many of those before it on the line as its `drop` says.
 * Read backwards, these are skipped; and rows that a skipped row took off are skipped as well.
 */
int index_line(struct index *index, int64_t time, index_line_fn *handle, void *context)
{
	uint64_t skip = 0;

	for (size_t i = index->blocks; i-- > 0;) {
		const struct index_header *header = &index->block[i].header;
		const struct index_commit *rows;
		const void *data;
		int error;

		if (header->kind != INDEX_COMMITS)
			continue;
		if (header->least > time && !(header->flags & INDEX_HAS_DROPS) && skip == 0)
			continue;
		error = index_rows(index, i, &data);
		if (error)
			return error;
		rows = data;
		for (uint32_t j = header->count; j-- > 0;) {
			bool off = skip > 0;

			if (!(rows[j].flags & INDEX_LINE))
				continue;
			skip += rows[j].flags & INDEX_DROP;
			skip -= off;
			if (off)
				continue;
			error = handle(context, (uint32_t)header->first + j, &rows[j]);
			if (error)
				return error;
		}
	}
	return 0;
}

/* What a scan is for; NULL: any. */
struct wanted {
	const struct address *address;
	uint32_t word;
	const struct mac *mac;
};

/* Looks only at the row: most are not wanted. True: the change may be. */
static bool may_be_wanted(const struct index_row *row, const struct wanted *wanted)
{
	const struct mac *mac = wanted->mac;

	if (wanted->address && row->word != wanted->word)
		return false;
	return !mac || mac_equal(row->after, *mac) || mac_equal(row->before, *mac) ||
	       (row->flags & INDEX_BEFORE_UNKNOWN);
}

int index_scan(struct index *index, const struct address *address, const struct mac *mac,
               index_change_fn *handle, void *context)
{
	uint64_t key = address ? index_key_address(*address) : mac ? index_key_mac(*mac) : 0;
	const struct wanted wanted = {address, address ? index_word(*address) : 0, mac};
	size_t number = index->blocks;
	const void *rows;
	int found;

	while ((found = find_before(index, &number, INDEX_CHANGES, address || mac ? &key : NULL,
	                            &rows)) > 0) {
		uint32_t count = index->block[number].header.count;
		const struct index_row *row = rows;

		for (uint32_t i = count; i-- > 0;) {
			struct index_change change;
			int result;

			if (row[i].commit >= index->commits || !may_be_wanted(&row[i], &wanted) ||
			    !index_change_at(&change, row, count, i) ||
			    (address && !address_equal(change.address, *address)))
				continue;
			result = handle(context, &change);
			if (result)
				return result;
		}
	}
	return found;
}

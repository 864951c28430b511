// SPDX-License-Identifier: MIT
/* Keeps rows in order. Knows nothing of where they come from. */
#include "web/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define BLOCK_BITS 8
#define FIRST_ROOM 4
#define TEXT_ROOM  1024 /* of the hash table, at first; a power of two */

void rows_clear(struct rows *rows)
{
	for (size_t i = 0; i < rows->blocks; i++)
		free(rows->block[i].row);
	for (size_t i = 0; i < rows->segments; i++)
		free(rows->segment[i]);
	for (size_t i = 0; i < rows->text_room; i++)
		free(rows->text[i]);
	free(rows->block);
	free(rows->segment);
	free(rows->text);
	*rows = (struct rows){0};
}

int rows_find_segment(const struct rows *rows, const char *name)
{
	for (size_t i = 0; i < rows->segments; i++)
		if (!strcmp(rows->segment[i], name))
			return (int)i;
	return -1;
}

int rows_segment(struct rows *rows, const char *name)
{
	int found = rows_find_segment(rows, name);
	char *copy;

	if (found >= 0)
		return found;
	if (rows->segments == ROWS_SEGMENTS)
		return -E2BIG;
	copy = array_reserve(&rows->segment, &rows->segment_room, rows->segments + 1)
	               ? NULL
	               : strdup(name);
	if (!copy)
		return -ENOMEM;
	rows->segment[rows->segments] = copy;
	return (int)rows->segments++;
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Where the text is, or would be. */
static char **place_of(char **table, size_t room, const char *text)
{
	size_t at = fnv_text(text) & (room - 1);

	while (table[at] && strcmp(table[at], text) != 0)
		at = (at + 1) & (room - 1);
	return &table[at];
}

static int grow_texts(struct rows *rows)
{
	size_t room = rows->text_room ? rows->text_room * 2 : TEXT_ROOM;
	char **table = calloc(room, sizeof(*table));

	if (!table)
		return -ENOMEM;
	for (size_t i = 0; i < rows->text_room; i++)
		if (rows->text[i])
			*place_of(table, room, rows->text[i]) = rows->text[i];
	free(rows->text);
	rows->text = table;
	rows->text_room = room;
	return 0;
}

const char *rows_text(struct rows *rows, const char *text)
{
	char **place;

	if (!text || (rows->texts * 2 >= rows->text_room && grow_texts(rows)))
		return NULL;
	place = place_of(rows->text, rows->text_room, text);
	if (!*place) {
		*place = strdup(text);
		rows->texts += *place != NULL;
	}
	return *place;
}

/* --- rows ------------------------------------------------------------------------------------- */

static uint64_t key_of(unsigned segment, uint32_t address)
{
	return (uint64_t)segment << (32 - BLOCK_BITS) | address >> BLOCK_BITS;
}

static uint64_t block_key(const struct rows_block *block)
{
	return key_of(block->segment, block->base);
}

/* The first block that does not come before the key. A table is mostly read in order. */
static size_t block_at(const struct rows *rows, uint64_t key)
{
	size_t low = 0, high = rows->blocks;

	if (high && block_key(&rows->block[high - 1]) < key)
		return high;
	if (high && block_key(&rows->block[high - 1]) == key)
		return high - 1;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block_key(&rows->block[middle]) < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t row_at(const struct rows_block *block, uint32_t address)
{
	size_t low = 0, high = block->count;

	if (high && block->row[high - 1].address < address)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block->row[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_block(const struct rows *rows, size_t at, uint64_t key)
{
	return at < rows->blocks && block_key(&rows->block[at]) == key;
}

struct row *rows_find(const struct rows *rows, unsigned segment, uint32_t address)
{
	const uint64_t key = key_of(segment, address);
	const size_t at = block_at(rows, key);
	const struct rows_block *block = &rows->block[at];
	size_t place;

	if (!is_block(rows, at, key))
		return NULL;
	place = row_at(block, address);
	return place < block->count && block->row[place].address == address ? &block->row[place]
	                                                                    : NULL;
}

static struct rows_block *add_block(struct rows *rows, size_t at, const struct row *row)
{
	struct rows_block *block;

	if (array_reserve(&rows->block, &rows->block_room, rows->blocks + 1))
		return NULL;
	block = &rows->block[at];
	memmove(block + 1, block, (rows->blocks++ - at) * sizeof(*block));
	*block = (struct rows_block){.segment = row->segment,
	                             .base = row->address >> BLOCK_BITS << BLOCK_BITS};
	return block;
}

static int make_room(struct rows_block *block)
{
	uint16_t room = block->room ? (uint16_t)(block->room * 2) : FIRST_ROOM;
	struct row *row;

	if (block->count < block->room)
		return 0;
	row = realloc(block->row, room * sizeof(*row));
	if (!row)
		return -ENOMEM;
	block->row = row;
	block->room = room;
	return 0;
}

int rows_put(struct rows *rows, const struct row *row)
{
	const uint64_t key = key_of(row->segment, row->address);
	const size_t at = block_at(rows, key);
	struct rows_block *block = is_block(rows, at, key) ? &rows->block[at] : NULL;
	size_t place;

	if (!block)
		block = add_block(rows, at, row);
	if (!block)
		return -ENOMEM;
	place = row_at(block, row->address);
	if (place == block->count ||
	    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): a count has its rows. */
	    block->row[place].address != row->address) {
		if (make_room(block))
			return -ENOMEM;
		memmove(&block->row[place + 1], &block->row[place],
		        (block->count - place) * sizeof(*row));
		block->count++;
		rows->count++;
	}
	block->row[place] = *row;
	return 0;
}

void rows_remove(struct rows *rows, unsigned segment, uint32_t address)
{
	const struct row *row = rows_find(rows, segment, address);
	struct rows_block *block;
	size_t place;

	if (!row)
		return;
	block = &rows->block[block_at(rows, key_of(segment, address))];
	place = (size_t)(row - block->row);
	memmove(&block->row[place], &block->row[place + 1],
	        (--block->count - place) * sizeof(*row));
	rows->count--;
}

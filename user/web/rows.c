// SPDX-License-Identifier: MIT
/* Keeps rows in order. Knows nothing of where they come from. */
#include "web/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define BLOCK_ROWS 256
#define FIRST_ROOM 4
#define STEP_ROOM  32   /* a block grows by so much at most */
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

/* How the block's first row stands to a segment and an address. */
static int compare_block(const struct rows_block *block, unsigned segment, struct address address)
{
	if (block->segment != segment)
		return block->segment < segment ? -1 : 1;
	return address_compare(rows_span(block).first, address);
}

/* The number of the first block that begins after the address. A table is mostly read in order. */
static size_t block_after(const struct rows *rows, unsigned segment, struct address address)
{
	size_t low = 0, high = rows->blocks;

	if (high && compare_block(&rows->block[high - 1], segment, address) <= 0)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_block(&rows->block[middle], segment, address) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the row is, or would be. */
static size_t place_in(const struct rows_block *block, uint64_t address_low)
{
	size_t low = 0, high = block->count;

	if (high && block->row[high - 1].low < address_low)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block->row[middle].low < address_low)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool may_have(const struct rows *rows, size_t at, unsigned segment, struct address address)
{
	return at < rows->blocks && rows->block[at].segment == segment &&
	       rows->block[at].high == address.high;
}

/* The block that has the row, and its place there; NULL: there is none. */
static struct rows_block *find(const struct rows *rows, size_t *place, unsigned segment,
                               struct address address)
{
	const size_t after = block_after(rows, segment, address);
	struct rows_block *block;

	if (!after || !may_have(rows, after - 1, segment, address))
		return NULL;
	block = &rows->block[after - 1];
	*place = place_in(block, address.low);
	return *place < block->count && block->row[*place].low == address.low ? block : NULL;
}

bool rows_find(const struct rows *rows, unsigned segment, struct address address, struct row *row)
{
	size_t place;
	const struct rows_block *block = find(rows, &place, segment, address);

	if (block && row)
		*row = rows_row(block, place);
	return block;
}

static int make_room(struct rows_block *block)
{
	size_t more = block->room ? block->room : FIRST_ROOM;
	size_t room = block->room + (more < STEP_ROOM ? more : STEP_ROOM);
	struct rows_kept *row;

	if (block->count < block->room)
		return 0;
	row = realloc(block->row, room * sizeof(*row));
	if (!row)
		return -ENOMEM;
	block->row = row;
	block->room = (uint16_t)room;
	return 0;
}

/* An empty block, with room for one row. */
static int add_block(struct rows *rows, size_t at, const struct row *row)
{
	struct rows_block added = {.segment = row->segment, .high = row->address.high};

	if (array_reserve(&rows->block, &rows->block_room, rows->blocks + 1) || make_room(&added))
		return -ENOMEM;
	memmove(&rows->block[at + 1], &rows->block[at], (rows->blocks++ - at) * sizeof(added));
	rows->block[at] = added;
	return 0;
}

/* The later half of a full block becomes the block after it. */
static int split(struct rows *rows, size_t at)
{
	const size_t half = BLOCK_ROWS / 2;
	const struct row row = rows_row(&rows->block[at], half);
	struct rows_kept *later = malloc(half * sizeof(*later)), *earlier;

	if (!later || add_block(rows, at + 1, &row)) {
		free(later);
		return -ENOMEM;
	}
	memcpy(later, &rows->block[at].row[half], half * sizeof(*later));
	free(rows->block[at + 1].row);
	rows->block[at + 1].row = later;
	rows->block[at + 1].count = rows->block[at + 1].room = (uint16_t)half;
	rows->block[at].count = (uint16_t)half;
	earlier = realloc(rows->block[at].row, half * sizeof(*earlier));
	if (earlier) {
		rows->block[at].row = earlier;
		rows->block[at].room = (uint16_t)half;
	}
	return 0;
}

/* The number of the block that takes a new row. */
static int block_for(size_t *number, struct rows *rows, const struct row *row)
{
	const size_t after = block_after(rows, row->segment, row->address);
	const bool before = after && may_have(rows, after - 1, row->segment, row->address);
	int error;

	*number = before ? after - 1 : after;
	if (!may_have(rows, *number, row->segment, row->address))
		return add_block(rows, *number, row);
	if (rows->block[*number].count < BLOCK_ROWS)
		return 0;
	if (before && rows_span(&rows->block[*number]).last.low < row->address.low) {
		/* Rows that come in order fill their blocks. */
		*number = after;
		return may_have(rows, after, row->segment, row->address) &&
		                       rows->block[after].count < BLOCK_ROWS
		               ? 0
		               : add_block(rows, after, row);
	}
	error = split(rows, *number);
	if (!error && rows->block[*number + 1].row[0].low < row->address.low)
		++*number;
	return error;
}

int rows_put(struct rows *rows, const struct row *row)
{
	const struct rows_kept kept = {.low = row->address.low,
	                               .state = row->state,
	                               .flags = row->flags,
	                               .mac = row->mac,
	                               .since = row->since,
	                               .seen = row->seen,
	                               .origin = row->origin,
	                               .note = row->note};
	size_t place, number;
	struct rows_block *block = find(rows, &place, row->segment, row->address);

	if (block) {
		block->row[place] = kept;
		return 0;
	}
	if (block_for(&number, rows, row))
		return -ENOMEM;
	block = &rows->block[number];
	if (make_room(block))
		return -ENOMEM;
	place = place_in(block, kept.low);
	memmove(&block->row[place + 1], &block->row[place],
	        (block->count++ - place) * sizeof(kept));
	block->row[place] = kept;
	rows->count++;
	return 0;
}

void rows_remove(struct rows *rows, unsigned segment, struct address address)
{
	size_t place;
	struct rows_block *block = find(rows, &place, segment, address);

	if (!block)
		return;
	rows->count--;
	memmove(&block->row[place], &block->row[place + 1],
	        (--block->count - place) * sizeof(*block->row));
	if (block->count)
		return;
	free(block->row);
	place = (size_t)(block - rows->block);
	memmove(block, block + 1, (--rows->blocks - place) * sizeof(*block));
}

// SPDX-License-Identifier: MIT
#include "fleet/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define CHUNK_ROWS  256u
#define FIRST_SLOTS 16
#define ROWS_MAX    (UINT32_MAX - CHUNK_ROWS)

/* The head of the chain. No seed: an address lies in a configured prefix, so nobody has many to
 * choose from. */
static uint32_t *head_of(const struct fleet *fleet, unsigned segment, uint32_t address)
{
	uint64_t key = (uint64_t)segment << 32 | address;

	return &fleet->slot[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (fleet->slots - 1)];
}

struct row *row_at(const struct fleet *fleet, uint32_t number)
{
	return &fleet->chunk[number / CHUNK_ROWS].row[number % CHUNK_ROWS];
}

/* From a number plus one on, the first row of that address. */
static struct row *seek(const struct fleet *fleet, uint32_t next, unsigned segment,
                        uint32_t address)
{
	while (next) {
		struct row *row = row_at(fleet, next - 1);

		if (row->address == address && row->segment == segment)
			return row;
		next = row->next;
	}
	return NULL;
}

struct row *row_first(const struct fleet *fleet, unsigned segment, uint32_t address)
{
	if (!fleet->slots)
		return NULL;
	return seek(fleet, *head_of(fleet, segment, address), segment, address);
}

struct row *row_next(const struct fleet *fleet, const struct row *row)
{
	return seek(fleet, row->next, row->segment, row->address);
}

struct row *row_find(const struct fleet *fleet, uint32_t node, unsigned segment, uint32_t address)
{
	struct row *row = row_first(fleet, segment, address);

	while (row && row->node != node)
		row = row_next(fleet, row);
	return row;
}

static int grow_slots(struct fleet *fleet)
{
	size_t slots = fleet->slots ? 2 * fleet->slots : FIRST_SLOTS;
	uint32_t *slot = calloc(slots, sizeof(*slot));

	if (!slot)
		return -1;
	free(fleet->slot);
	fleet->slot = slot;
	fleet->slots = slots;
	for (uint32_t i = 0; i < fleet->used; i++) {
		struct row *row = row_at(fleet, i);
		uint32_t *head = head_of(fleet, row->segment, row->address);

		if (row->node == NODE_FREE)
			continue;
		row->next = *head;
		*head = i + 1;
	}
	return 0;
}

/* The number of a free row, plus one; 0: out of memory. */
static uint32_t take_row(struct fleet *fleet)
{
	uint32_t number = fleet->free;
	struct row *rows;

	if (number) {
		fleet->free = row_at(fleet, number - 1)->next;
		return number;
	}
	if (fleet->used == fleet->chunks * CHUNK_ROWS) {
		if (fleet->used >= ROWS_MAX ||
		    array_reserve(&fleet->chunk, &fleet->chunk_room, fleet->chunks + 1))
			return 0;
		rows = malloc(CHUNK_ROWS * sizeof(*rows));
		if (!rows)
			return 0;
		fleet->chunk[fleet->chunks++].row = rows;
	}
	return ++fleet->used;
}

struct row *row_add(struct fleet *fleet, uint32_t node, unsigned segment, uint32_t address)
{
	uint32_t number, *head;
	struct row *row;

	if (fleet->live >= fleet->slots && grow_slots(fleet))
		return NULL;
	number = take_row(fleet);
	if (!number)
		return NULL;
	head = head_of(fleet, segment, address);
	row = row_at(fleet, number - 1);
	*row = (struct row){.next = *head, .address = address, .node = node, .segment = segment};
	*head = number;
	fleet->live++;
	return row;
}

void row_remove(struct fleet *fleet, const struct row *row)
{
	uint32_t *link = head_of(fleet, row->segment, row->address), number;
	struct row *removed = row_at(fleet, *link - 1);

	while (removed != row) {
		link = &removed->next;
		removed = row_at(fleet, *link - 1);
	}
	number = *link;
	*link = removed->next;
	removed->next = fleet->free;
	removed->node = NODE_FREE;
	fleet->free = number;
	fleet->live--;
}

void row_clear(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->chunks; i++)
		free(fleet->chunk[i].row);
	free(fleet->chunk);
	free(fleet->slot);
}

size_t row_bytes(const struct fleet *fleet)
{
	return fleet->chunks * CHUNK_ROWS * sizeof(struct row) +
	       fleet->chunk_room * sizeof(*fleet->chunk) + fleet->slots * sizeof(*fleet->slot);
}

void row_store(struct row *row, const struct claim *claim)
{
	row->state = claim->state;
	row->mac = claim->mac;
	row->since_low = (uint32_t)claim->since;
	row->since_high = (uint32_t)(claim->since >> 32) & 0x3f;
	row->after_low = (uint32_t)claim->after;
	row->after_high = (uint32_t)(claim->after >> 32) & 0x3f;
	memcpy(row->text, claim->text, sizeof(row->text));
}

struct claim row_claim(const struct row *row)
{
	struct claim claim = {.state = (enum claim_state)row->state,
	                      .mac = row->mac,
	                      .since = row_since(row),
	                      .after = (int64_t)row->after_high << 32 | row->after_low};

	memcpy(claim.text, row->text, sizeof(claim.text));
	return claim;
}

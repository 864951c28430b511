// SPDX-License-Identifier: MIT
#include "fleet/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define CHUNK_ROWS  256u
#define FIRST_SLOTS 16
#define ROWS_MAX    (UINT32_MAX - CHUNK_ROWS)

/* The head of the chain. */
static uint32_t *head_of(const struct fleet *fleet, unsigned segment, uint32_t key)
{
	uint64_t both = (uint64_t)segment << 32 | key;

	return &fleet->slot[(both * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (fleet->slots - 1)];
}

/* An IPv4 address lies in a configured prefix, so no host has many to choose from, and it needs no
 * seed. */
static uint32_t key_of(const struct fleet *fleet, struct address address)
{
	return address_is_v4(address) ? address_number(address)
	                              : (uint32_t)(address_hash(address, fleet->seed) >> 32);
}

struct row *row_at(const struct fleet *fleet, uint32_t number)
{
	const struct chunk *chunk = &fleet->chunk[number / CHUNK_ROWS];

	return chunk->row ? &chunk->row[number % CHUNK_ROWS]
	                  : &chunk->wide[number % CHUNK_ROWS].row;
}

struct address row_address(const struct row *row)
{
	return row->wide ? address_load(((const struct wide_row *)row)->address)
	                 : address_v4(row->key);
}

/* From a number plus one on, the first row of that address. */
static struct row *seek(const struct fleet *fleet, uint32_t next, unsigned segment, uint32_t key,
                        struct address address)
{
	bool wide = !address_is_v4(address);

	while (next) {
		struct row *row = row_at(fleet, next - 1);

		if (row->key == key && row->segment == segment && row->wide == wide &&
		    (!wide || address_equal(row_address(row), address)))
			return row;
		next = row->next;
	}
	return NULL;
}

struct row *row_first(const struct fleet *fleet, unsigned segment, struct address address)
{
	uint32_t key = key_of(fleet, address);

	if (!fleet->slots)
		return NULL;
	return seek(fleet, *head_of(fleet, segment, key), segment, key, address);
}

struct row *row_next(const struct fleet *fleet, const struct row *row)
{
	return seek(fleet, row->next, row->segment, row->key, row_address(row));
}

struct row *row_find(const struct fleet *fleet, uint32_t node, unsigned segment,
                     struct address address)
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
		uint32_t *head;

		if (row->node == NODE_FREE)
			continue;
		head = head_of(fleet, row->segment, row->key);
		row->next = *head;
		*head = i + 1;
	}
	return 0;
}

/* A chunk whose rows are free, the first one first. */
static int add_chunk(struct fleet *fleet, bool wide)
{
	struct chunk *chunk;

	if (fleet->used >= ROWS_MAX ||
	    array_reserve(&fleet->chunk, &fleet->chunk_room, fleet->chunks + 1))
		return -1;
	chunk = &fleet->chunk[fleet->chunks];
	*chunk = (struct chunk){0};
	if (wide)
		chunk->wide = malloc(CHUNK_ROWS * sizeof(*chunk->wide));
	else
		chunk->row = malloc(CHUNK_ROWS * sizeof(*chunk->row));
	if (!chunk->row && !chunk->wide)
		return -1;
	for (uint32_t i = CHUNK_ROWS; i-- > 0;) {
		*row_at(fleet, fleet->used + i) =
		        (struct row){.next = fleet->free[wide], .node = NODE_FREE, .wide = wide};
		fleet->free[wide] = fleet->used + i + 1;
	}
	fleet->chunks++;
	fleet->wides += wide;
	fleet->used += CHUNK_ROWS;
	return 0;
}

struct row *row_add(struct fleet *fleet, uint32_t node, unsigned segment, struct address address)
{
	bool wide = !address_is_v4(address);
	uint32_t key = key_of(fleet, address), number, *head;
	struct row *row;

	if (fleet->live >= fleet->slots && grow_slots(fleet))
		return NULL;
	if (!fleet->free[wide] && add_chunk(fleet, wide))
		return NULL;
	number = fleet->free[wide];
	row = row_at(fleet, number - 1);
	fleet->free[wide] = row->next;
	head = head_of(fleet, segment, key);
	*row = (struct row){
	        .next = *head, .key = key, .node = node, .wide = wide, .segment = segment};
	if (wide)
		address_store(((struct wide_row *)row)->address, address);
	*head = number;
	fleet->live++;
	return row;
}

void row_remove(struct fleet *fleet, const struct row *row)
{
	uint32_t *link = head_of(fleet, row->segment, row->key), number;
	struct row *removed = row_at(fleet, *link - 1);

	while (removed != row) {
		link = &removed->next;
		removed = row_at(fleet, *link - 1);
	}
	number = *link;
	*link = removed->next;
	removed->next = fleet->free[removed->wide];
	removed->node = NODE_FREE;
	fleet->free[removed->wide] = number;
	fleet->live--;
}

void row_clear(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->chunks; i++) {
		free(fleet->chunk[i].row);
		free(fleet->chunk[i].wide);
	}
	free(fleet->chunk);
	free(fleet->slot);
}

size_t row_bytes(const struct fleet *fleet)
{
	return (fleet->chunks - fleet->wides) * CHUNK_ROWS * sizeof(struct row) +
	       fleet->wides * CHUNK_ROWS * sizeof(struct wide_row) +
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

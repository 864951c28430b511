/* SPDX-License-Identifier: MIT */
/*
 * The index inside its room: rows in chunks, and a hash table of chains through them. A row is a
 * claim of a node, or a floor. All rows of an address are in one chain, among others. Rows of IPv6
 * addresses are larger, and have chunks of their own, so that those of IPv4 stay small.
 *
 *     for (row = row_first(fleet, segment, address); row; row = row_next(fleet, row))
 *             if (row_is_claim(row)) ...
 */
#ifndef USER_FLEET_ROWS_H
#define USER_FLEET_ROWS_H

#include <stddef.h>

#include "fleet/order.h"
#include "fleet/types.h"

/* In place of a node's number. */
#define NODE_FLOOR ((uint32_t)INT32_MAX) /* `since` is a floor */
#define NODE_FREE  (NODE_FLOOR - 1)      /* the row is free */

/* 52 bytes. A time has 38 bits, since years have four digits. */
struct row {
	uint32_t next; /* in the chain, or of the free rows: number plus one; 0: none */
	uint32_t key;  /* the IPv4 address, in host byte order; or a hash of the IPv6 address */
	uint32_t node : 31, wide : 1; /* wide: it is a struct wide_row */
	uint32_t since_low, after_low;
	uint32_t segment : 18, state : 2, since_high : 6, after_high : 6;
	struct mac mac;
	uint8_t text[CLAIM_TEXT_ID];
};

/* Of an IPv6 address. */
struct wide_row {
	struct row row;
	uint8_t address[ADDRESS_OCTETS];
};

_Static_assert(sizeof(struct row) == 52, "a million claims take 52 MB");

struct node {
	char *name; /* owned */
	size_t claims;
};

/* Rows of one kind: one pointer is NULL. */
struct chunk {
	struct row *row;       /* owned */
	struct wide_row *wide; /* owned */
};

struct fleet {
	uint64_t seed;        /* a host may choose its IPv6 address */
	int64_t clock, sweep; /* sweep: from when on past floors are looked for again */
	size_t floors;
	struct node *node;
	size_t nodes, node_room;
	struct chunk *chunk;
	size_t chunks, chunk_room;
	size_t wides;     /* of them, with wide rows */
	uint32_t used;    /* rows of all chunks */
	uint32_t free[2]; /* the first free row, plus one; [1]: of the wide ones */
	size_t live;      /* rows in chains */
	uint32_t *slot;   /* heads of chains, plus one */
	size_t slots;     /* a power of two, at least as many as rows */
};

/* The rows of an address; NULL: no more. */
struct row *row_first(const struct fleet *fleet, unsigned segment, struct address address);
struct row *row_next(const struct fleet *fleet, const struct row *row);
/* That of a node, or the floor; or NULL. */
struct row *row_find(const struct fleet *fleet, uint32_t node, unsigned segment,
                     struct address address);
/* By number, below `used`; some are free. */
struct row *row_at(const struct fleet *fleet, uint32_t number);
/* A new row in its chain, without a claim yet. NULL: out of memory. */
struct row *row_add(struct fleet *fleet, uint32_t node, unsigned segment, struct address address);
void row_remove(struct fleet *fleet, const struct row *row);
void row_clear(struct fleet *fleet);
size_t row_bytes(const struct fleet *fleet);

void row_store(struct row *row, const struct claim *claim);
struct claim row_claim(const struct row *row);

struct address row_address(const struct row *row);

static inline bool row_is_claim(const struct row *row)
{
	return row->node < NODE_FREE;
}

static inline int64_t row_since(const struct row *row)
{
	return (int64_t)row->since_high << 32 | row->since_low;
}

#endif

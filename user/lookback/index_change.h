/* SPDX-License-Identifier: MIT */
/*
 * A change as rows of the look-back index's file. That of an IPv4 address is one row. That of an
 * IPv6 address is two, one after the other, in one block:
 *
 *     INDEX_WIDE   as that of an IPv4 address, but with a hash in place of the address
 *     INDEX_REST   the same commit and segment, and the address
 *
 * Where a block has room for only one of them, it ends with an INDEX_VOID row. Private to
 * index_*.c.
 */
#ifndef USER_LOOKBACK_INDEX_CHANGE_H
#define USER_LOOKBACK_INDEX_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lookback/index.h"

/* Beside the flags of a change. */
#define INDEX_WIDE ((uint16_t)2)
#define INDEX_REST ((uint16_t)4)
#define INDEX_VOID ((uint16_t)8)

#define INDEX_PAIR ((uint16_t)(INDEX_WIDE | INDEX_REST | INDEX_VOID))

struct index_row {
	uint32_t commit;
	uint32_t word; /* index_word(); INDEX_REST: the address's octets 0..3 */
	uint16_t segment;
	uint16_t flags;
	struct mac before, after; /* INDEX_REST: octets 4..9, 10..15 */
};

_Static_assert(sizeof(struct index_row) == 24, "it is a file's format");

/* How many rows the change takes, and the rows. */
unsigned index_change_rows(struct index_row row[2], const struct index_change *change);

/* The row as a change of an IPv4 address. Field by field: a whole struct is built, and then copied
 * in larger pieces, for which the processor waits (a scan took three times as long). */
static inline void index_change_narrow(struct index_change *change, const struct index_row *row)
{
	change->address = address_v4(row->word);
	change->commit = row->commit;
	change->segment = row->segment;
	change->flags = row->flags;
	change->before = row->before;
	change->after = row->after;
}

/* For index_change_at(). */
bool index_change_wide(struct index_change *change, const struct index_row *row, uint32_t count,
                       uint32_t at);

/* The change that begins at row `at` of a block's `count` rows. False: none begins there. A reader
 * may want all rows, so IPv4's are read inline. */
static inline bool index_change_at(struct index_change *change, const struct index_row *row,
                                   uint32_t count, uint32_t at)
{
	if (row[at].flags & INDEX_PAIR)
		return index_change_wide(change, row, count, at);
	index_change_narrow(change, &row[at]);
	return true;
}

#endif

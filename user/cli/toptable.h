/* SPDX-License-Identifier: MIT */
/*
 * The copy of the table that `arpkeeper top` shows: rows by segment and address, bounded, and a
 * view of them that is sorted and filtered. Knows neither agent nor terminal.
 *
 *     toptable_put(&table, entry, now);        a row of `show`
 *     toptable_change(&table, event, now);     a change of `watch`
 *     toptable_view(&table, &choice);          which rows are shown, in which order
 */
#ifndef USER_CLI_TOPTABLE_H
#define USER_CLI_TOPTABLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "wire/wire.h"

#define TOPTABLE_MAX  100000 /* rows: some 30 MB. What comes after them is only counted. */
#define TOPTABLE_TIME 24
#define TOPTABLE_TEXT 128 /* of notes and origins so much is kept */

struct toprow {
	struct address address;
	char mac[MAC_TEXT], state[24];
	char since[TOPTABLE_TIME], seen[TOPTABLE_TIME]; /* UTC; "": not known */
	const char *segment;                            /* the table's */
	char *origin, *note;                            /* owned; NULL: none */
	int64_t changed; /* when it changed last, by the caller's clock */
	bool gone;
};

struct toptable {
	struct idmap ids;   /* of segment and address: the number of the row */
	struct toprow *row; /* owned */
	size_t room;
	char **segment; /* owned, and each of them */
	size_t segments, segment_room;
	uint64_t left_out; /* rows beyond the bound */
	int widest;        /* letters of the longest address so far */
	uint32_t *view;    /* owned: numbers of rows */
	size_t shown, view_room;
};

enum topkey {
	TOPKEY_ADDRESS,
	TOPKEY_MAC,
	TOPKEY_STATE,
	TOPKEY_SINCE,
	TOPKEY_SEEN,
	TOPKEY_SEGMENT,
	TOPKEY_ORIGIN,
	TOPKEY_NOTE
};
#define TOPKEYS 8

/* Times are sorted newest first. */
struct topchoice {
	enum topkey key;
	bool backwards;
	const char *filter; /* rows with this in one of their texts; "": all */
};

void toptable_begin(struct toptable *table); /* empty */
void toptable_clear(struct toptable *table);
/* A row as `show --json` has it. `now`: 0, or the time of its change. 0 or -ENOMEM. */
int toptable_put(struct toptable *table, const json_t *entry, int64_t now);
/* What `watch` says of a change. Changes other than those of addresses do nothing. */
int toptable_change(struct toptable *table, const json_t *event, int64_t now);
int toptable_view(struct toptable *table, const struct topchoice *choice);
/* A row of the view. */
const struct toprow *toptable_at(const struct toptable *table, size_t place);
/* The text of a column; "" if there is none. That of an address is written into `address`. */
const char *toprow_text(char address[ADDRESS_TEXT], const struct toprow *row, enum topkey key);

#endif

/* SPDX-License-Identifier: MIT */
/* Which rows are asked for, in which order, and which page of them. */
#ifndef USER_WEB_SELECT_H
#define USER_WEB_SELECT_H

#include "web/rows.h"

#define SELECT_LIMIT 1000 /* rows of a page */
#define SELECT_TEXT  64   /* bytes that are searched for */

enum select_sort {
	SORT_NATURAL,
	SORT_ADDRESS,
	SORT_MAC,
	SORT_STATE,
	SORT_SINCE,
	SORT_SEEN,
	SORT_SEGMENT,
	SORT_ORIGIN,
	SORT_NOTE,
	SELECT_SORTS
};

/* "", "address", ... */
extern const char *const select_sorts[SELECT_SORTS + 1];

struct selection {
	const char *segment;   /* NULL: all */
	struct range range;    /* of addresses */
	unsigned states;       /* a bit for each enum slot_state; 0: all */
	bool frozen;           /* these only */
	const struct mac *mac; /* NULL: any */
	const char *text;      /* in address, MAC, vendor, segment, origin or note; NULL: any */
	enum select_sort sort;
	bool descending;
	size_t offset, limit; /* limit: at most SELECT_LIMIT */
};

/* In the order asked for; the texts live as long as `rows`. */
struct selected {
	struct row row[SELECT_LIMIT];
	size_t count, total; /* rows of the page, and all that match */
};

/* 0 or -ENOMEM. */
int select_rows(struct selected *selected, const struct rows *rows,
                const struct selection *selection);

#endif

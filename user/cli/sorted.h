/* SPDX-License-Identifier: MIT */
/* Rows that are kept until all of them came, and sorted by one of their members. */
#ifndef USER_CLI_SORTED_H
#define USER_CLI_SORTED_H

#include <jansson.h>

#include "base/base.h"

#define SORTED_MAX 100000 /* rows: some 100 MB */

struct sorted {
	const char *key; /* which member */
	json_t **row;    /* owned, and so are the rows */
	size_t rows, room;
};

/* Keeps a reference. -ENOMEM, or -E2BIG and a fault: there are too many. */
int sorted_add(struct sorted *sorted, json_t *row, struct fault *fault);
/* Smallest first: addresses by number, all else as text; what is null comes last. */
void sorted_sort(struct sorted *sorted);
void sorted_clear(struct sorted *sorted);

#endif

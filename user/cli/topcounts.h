/* SPDX-License-Identifier: MIT */
/* The head of `arpkeeper top`: counters a second, and what the table holds, from `stats`. */
#ifndef USER_CLI_TOPCOUNTS_H
#define USER_CLI_TOPCOUNTS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct topcounts {
	int64_t frames, discovery, answered, passed, dropped, events; /* at the last answer */
	int64_t clock; /* of it, in ms; 0: there was none */
};

/* Writes two lines of the head: the table by states, and frames a second since the last call.
 * `clock`: milliseconds that only go forward; `now`: Unix seconds. */
void topcounts_lines(struct topcounts *counts, const json_t *stats, int64_t clock, int64_t now,
                     char *table, char *rates, size_t size);

#endif

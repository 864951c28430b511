/* SPDX-License-Identifier: MIT */
/* Entries that history has and the table has not, because no configured prefix has them: how the
 * commands name them. */
#ifndef USER_CLI_OUTSIDE_H
#define USER_CLI_OUTSIDE_H

#include <jansson.h>

#include "cli/table.h"
#include "reader/reader.h"

/* {"entries": how many, "paths": the first ones}; NULL and a fault on error. */
json_t *outside_list(struct reader *reader, struct fault *fault);
/* "3 entries of history are outside the configured segments and prefixes: dmz/10.7/10.7.0/10.7.0.9,
 * ..."; malloc'ed. NULL if there are none. */
char *outside_words(const json_t *list);

#endif

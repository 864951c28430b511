/* SPDX-License-Identifier: MIT */
/* Which addresses an agent has a place for: the prefixes of its segments. */
#ifndef USER_CLI_PLACES_H
#define USER_CLI_PLACES_H

#include <jansson.h>
#include <stddef.h>

#include "lists/lists.h"
#include "wire/wire.h"

struct places {
	struct prefix *prefix; /* owned */
	size_t count, room;
	const char *segment; /* NULL: of all segments */
};

/* Reads an agent's answer to `status`. `segment` (not copied) NULL: all. -ENOENT: there is none of
 * that name. places_clear() in any case. */
int places_read(struct places *places, const json_t *status, const char *segment,
                struct fault *fault);
/* Drops the items without a place, and adds a problem for each. */
void places_check(const struct places *places, struct list *list);
void places_clear(struct places *places);

#endif

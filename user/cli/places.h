/* SPDX-License-Identifier: MIT */
/* Which addresses an agent has a place for: the prefixes of its segments, as it tells them. */
#ifndef USER_CLI_PLACES_H
#define USER_CLI_PLACES_H

#include <jansson.h>
#include <stddef.h>

#include "lists/lists.h"
#include "wire/wire.h"

struct places {
	struct prefix *prefix; /* owned */
	size_t count;
	const char *segment; /* NULL: of all segments */
};

/* Of what `status` answered. `segment` (not copied) NULL: all. -ENOENT: there is none of that
 * name. places_clear() in any case. */
int places_read(struct places *places, const json_t *status, const char *segment,
                struct fault *fault);
/* Drops the items for which there is no place, each with a problem. */
void places_check(const struct places *places, struct list *list);
void places_clear(struct places *places);

#endif

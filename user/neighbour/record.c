/* SPDX-License-Identifier: MIT */
/*
 * Records: the durable entry of an address, for which a slot has no room. One allocation of
 * 64 bytes each; the origin, which most entries have in common, is kept once. Never looks
 * at the slots, and never decides anything.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neighbour/internal.h"

static bool origin_is_shared(const struct neighbour *neighbour, const char *origin)
{
	for (unsigned i = 0; i < neighbour->origins; i++) {
		if (neighbour->origin[i] == origin)
			return true;
	}
	return false;
}

/* Shared strings live as long as the table: they are few, because only ORIGINS_SHARED are. */
static char *origin_keep(struct neighbour *neighbour, const char *origin)
{
	for (unsigned i = 0; i < neighbour->origins; i++) {
		if (strcmp(neighbour->origin[i], origin) == 0)
			return neighbour->origin[i];
	}

	char *copy = strdup(origin);

	if (copy && neighbour->origins < ORIGINS_SHARED)
		neighbour->origin[neighbour->origins++] = copy;
	return copy;
}

void record_entry_clear(struct neighbour *neighbour, struct entry *entry)
{
	if (origin_is_shared(neighbour, entry->origin))
		entry->origin = NULL;
	entry_clear(entry);
}

int record_entry_copy(struct neighbour *neighbour, struct entry *copy, const struct entry *entry)
{
	*copy = (struct entry){.mac = entry->mac, .state = entry->state, .since = entry->since};
	if (entry->origin)
		copy->origin = origin_keep(neighbour, entry->origin);
	if (entry->note)
		copy->note = strdup(entry->note);
	if (entry->extra)
		copy->extra = strdup(entry->extra);
	if (!copy->origin == !entry->origin && !copy->note == !entry->note &&
	    !copy->extra == !entry->extra)
		return 0;
	record_entry_clear(neighbour, copy);
	return -ENOMEM;
}

char *record_origin(char text[ORIGIN_TEXT], const struct neighbour_policy *policy,
                    const char *interface)
{
	if (!policy->origin[0])
		return NULL;
	if (interface)
		snprintf(text, ORIGIN_TEXT, "%s/%s", policy->origin, interface);
	else
		snprintf(text, ORIGIN_TEXT, "%s", policy->origin);
	return text;
}

struct record *record_of(const struct neighbour *neighbour, uint32_t slot)
{
	if (table_binding(neighbour, slot).state == SLOT_DEAD)
		return NULL;
	return neighbour->beside[slot].record;
}

struct record *record_need(const struct neighbour *neighbour, uint32_t slot)
{
	struct record *record = record_of(neighbour, slot);

	return record ? record : calloc(1, sizeof(*record));
}

void record_attach(struct neighbour *neighbour, uint32_t slot, struct record *record)
{
	neighbour->beside[slot].record = record;
}

struct record *record_detach(struct neighbour *neighbour, uint32_t slot)
{
	struct record *record = record_of(neighbour, slot);

	if (record)
		neighbour->beside[slot].record = NULL;
	return record;
}

void record_free(struct neighbour *neighbour, struct record *record)
{
	if (!record)
		return;
	record_entry_clear(neighbour, &record->entry);
	free(record);
}

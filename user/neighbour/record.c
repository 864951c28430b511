/* SPDX-License-Identifier: MIT */
/*
 * Records: the durable entry of an address, for which a slot has no room. MAC and state are in the
 * slot. `since`, and the number of an origin that is kept once for all entries, fit into the word
 * beside it, and whether it is another node's, so an ordinary entry costs no memory of its own, and
 * a million cost 8 MB. Only an entry with a note or `after`, or that moved, is allocated. Never
 * looks at the map, and decides nothing.
 */
#include "neighbour/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "neighbour/slots.h"

/* The word beside a slot. 0: none; even: a pointer to a struct large; odd, from the lowest bit: 1,
 * origin (0: none), `since`, which fits because years have four digits, whether it is a router, and
 * whether it is foreign. */
#define PACKED       1u
#define ORIGIN_SHIFT 1
#define ORIGIN_BITS  16
#define SINCE_SHIFT  (ORIGIN_SHIFT + ORIGIN_BITS)
#define FOREIGN      (UINT64_C(1) << 63)
#define ROUTER       (UINT64_C(1) << 62)
#define SINCE_MAX    ((INT64_C(1) << (62 - SINCE_SHIFT)) - 1)

/* A record that does not fit the word. One allocation, with its texts. */
struct large {
	int64_t since, after;
	uint32_t moved, owed, first_move;
	uint8_t moves;
	struct mac previous;
	bool foreign, router;
	uint16_t shared;              /* as in the word; an origin of its own is `origin` */
	uint16_t origin, note, extra; /* where in `text`, from 1; 0: absent */
	char text[];
};

_Static_assert(ORIGINS_SHARED < 1 << ORIGIN_BITS, "an origin's number fits the word");
_Static_assert(sizeof(struct large) == 48, "a flag more costs no memory");

/* The origin's number; 0: it is not shared. At most ORIGINS_SHARED strings are, and live as long as
 * the table. */
static unsigned origin_number(struct neighbour *neighbour, const char *origin)
{
	unsigned at = fnv_text(origin) % ORIGIN_BUCKETS;

	for (; neighbour->bucket[at]; at = (at + 1) % ORIGIN_BUCKETS)
		if (!strcmp(neighbour->origin[neighbour->bucket[at] - 1], origin))
			return neighbour->bucket[at];
	if (neighbour->origins == ORIGINS_SHARED)
		return 0;
	neighbour->origin[neighbour->origins] = strdup(origin);
	if (!neighbour->origin[neighbour->origins])
		return 0;
	neighbour->bucket[at] = (uint16_t)++neighbour->origins;
	return neighbour->origins;
}

static char *origin_text(const struct neighbour *neighbour, unsigned number)
{
	return number ? neighbour->origin[number - 1] : NULL;
}

static struct large *large_of(uint64_t word)
{
	const union {
		uintptr_t number;
		struct large *large;
	} pointer = {.number = (uintptr_t)word};

	return word & PACKED ? NULL : pointer.large;
}

/* Copies a text behind the earlier ones; returns its place. */
static uint16_t place(struct large *large, size_t *used, const char *text)
{
	size_t at = *used, size;

	if (!text)
		return 0;
	size = strlen(text) + 1;
	memcpy(large->text + at, text, size);
	*used += size;
	return (uint16_t)(at + 1);
}

static char *placed(struct large *large, uint16_t at)
{
	return at ? large->text + at - 1 : NULL;
}

static size_t room_for(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

int record_make(struct neighbour *neighbour, uint64_t *word, const struct record *record)
{
	const struct entry *entry = &record->entry;
	unsigned shared = entry->origin ? origin_number(neighbour, entry->origin) : 0;
	const char *own = shared ? NULL : entry->origin;
	size_t texts = room_for(own) + room_for(entry->note) + room_for(entry->extra), used = 0;
	struct large *large;

	if (!texts && !entry->after && mac_is_zero(record->previous) && !record->moves &&
	    entry->since >= 0 && entry->since <= SINCE_MAX) {
		*word = (uint64_t)entry->since << SINCE_SHIFT | (uint64_t)shared << ORIGIN_SHIFT |
		        PACKED | (record->foreign ? FOREIGN : 0) | (entry->router ? ROUTER : 0);
		return 0;
	}
	if (texts > UINT16_MAX)
		return -EINVAL; /* an entry's texts are bounded, and never that long */
	large = malloc(sizeof(*large) + texts);
	if (!large)
		return -ENOMEM;
	*large = (struct large){.since = entry->since,
	                        .after = entry->after,
	                        .moved = record->moved,
	                        .owed = record->owed,
	                        .first_move = record->first_move,
	                        .moves = record->moves,
	                        .previous = record->previous,
	                        .foreign = record->foreign,
	                        .router = entry->router,
	                        .shared = (uint16_t)shared};
	large->origin = place(large, &used, own);
	large->note = place(large, &used, entry->note);
	large->extra = place(large, &used, entry->extra);
	*word = (uint64_t)(uintptr_t)large;
	return 0;
}

bool record_read(const struct neighbour *neighbour, uint32_t slot, struct record *record)
{
	union binding binding = table_binding(neighbour, slot);
	uint64_t word = neighbour->beside[slot];
	struct large *large;

	if (!state_is_durable(binding.state) || !word)
		return false;
	large = large_of(word);
	*record = (struct record){.entry.mac = binding_mac(binding)};
	record->entry.state = binding.state == SLOT_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC;
	if (large) {
		record->previous = large->previous;
		record->moved = large->moved;
		record->owed = large->owed;
		record->first_move = large->first_move;
		record->moves = large->moves;
		record->foreign = large->foreign;
		record->entry.router = large->router;
		record->entry.since = large->since;
		record->entry.after = large->after;
		record->entry.origin = large->shared ? origin_text(neighbour, large->shared)
		                                     : placed(large, large->origin);
		record->entry.note = placed(large, large->note);
		record->entry.extra = placed(large, large->extra);
	} else {
		record->foreign = word & FOREIGN;
		record->entry.router = word & ROUTER;
		record->entry.since = (int64_t)((word & ~(FOREIGN | ROUTER)) >> SINCE_SHIFT);
		record->entry.origin =
		        origin_text(neighbour, word >> ORIGIN_SHIFT & ((1u << ORIGIN_BITS) - 1));
	}
	return true;
}

bool record_is_foreign(const struct neighbour *neighbour, uint32_t slot)
{
	uint64_t word = neighbour->beside[slot];

	if (!state_is_durable(table_binding(neighbour, slot).state) || !word)
		return false;
	return word & PACKED ? word & FOREIGN : large_of(word)->foreign;
}

void record_attach(struct neighbour *neighbour, uint32_t slot, uint64_t word)
{
	neighbour->beside[slot] = word;
}

uint64_t record_detach(struct neighbour *neighbour, uint32_t slot)
{
	uint64_t word = neighbour->beside[slot];

	if (!state_is_durable(table_binding(neighbour, slot).state))
		return 0;
	neighbour->beside[slot] = 0;
	return word;
}

void record_release(uint64_t word)
{
	free(large_of(word));
}

uint32_t record_age(const struct record *record, int64_t wall)
{
	int64_t age = wall - record->entry.since;

	if (age < 0)
		return 0;
	return age < UINT32_MAX ? (uint32_t)age : UINT32_MAX;
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

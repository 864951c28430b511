/* SPDX-License-Identifier: MIT */
/* A hash with a list for each bucket, and a queue of what is free, both through the slots' own
 * memory. The memory of slots that were never taken is never touched. */
#include "wire/places.h"

#include <errno.h>
#include <stdlib.h>

int places_init(struct places *places, uint32_t room, uint64_t seed)
{
	*places = (struct places){.room = room, .bits = 1, .seed = seed};
	if (!room)
		return 0;
	while (places->bits < 31 && UINT32_C(1) << places->bits < room)
		places->bits++;
	places->place = calloc(room, sizeof(*places->place));
	places->bucket = calloc(UINT32_C(1) << places->bits, sizeof(*places->bucket));
	if (places->place && places->bucket)
		return 0;
	places_clear(places);
	return -ENOMEM;
}

void places_clear(struct places *places)
{
	free(places->place);
	free(places->bucket);
	*places = (struct places){0};
}

/* The factor is secret: two addresses share a bucket by chance alone, however a sender chose them
 * (Dietzfelbinger et al. 1997, multiply-shift). */
static uint32_t *bucket_of(const struct places *places, uint32_t segment, struct address address)
{
	const uint64_t hash =
	        address_hash(address, places->seed ^ segment) * (places->seed << 1 | 1);

	return &places->bucket[hash >> (64 - places->bits)];
}

static bool is_at(const struct place *place, uint32_t segment, struct address address)
{
	return place->segment == segment && address_equal(place->address, address);
}

uint32_t places_find(const struct places *places, uint32_t segment, struct address address)
{
	if (!places->used)
		return PLACES_NONE;
	for (uint32_t at = *bucket_of(places, segment, address); at;
	     at = places->place[at - 1].next)
		if (is_at(&places->place[at - 1], segment, address))
			return at - 1;
	return PLACES_NONE;
}

static void join(struct places *places, uint32_t slot, uint32_t segment, struct address address)
{
	uint32_t *bucket = bucket_of(places, segment, address);

	places->place[slot] =
	        (struct place){.address = address, .segment = segment, .next = *bucket};
	*bucket = slot + 1;
	places->used++;
}

/* Those that were never taken come first. */
static uint32_t free_slot(struct places *places)
{
	uint32_t slot;

	while (places->fresh < places->room)
		if (!places_is_taken(places, places->fresh++))
			return places->fresh - 1;
	if (!places->free)
		return PLACES_NONE;
	slot = places->free - 1;
	places->free = places->place[slot].next;
	if (!places->free)
		places->last = 0;
	return slot;
}

uint32_t places_take(struct places *places, uint32_t segment, struct address address)
{
	uint32_t slot = places_find(places, segment, address);

	if (slot != PLACES_NONE || address_is_none(address))
		return slot;
	slot = free_slot(places);
	if (slot != PLACES_NONE)
		join(places, slot, segment, address);
	return slot;
}

bool places_put(struct places *places, uint32_t slot, uint32_t segment, struct address address)
{
	if (slot >= places->room || places_is_taken(places, slot) || address_is_none(address) ||
	    places_find(places, segment, address) != PLACES_NONE)
		return false;
	join(places, slot, segment, address);
	return true;
}

void places_give_back(struct places *places, uint32_t slot)
{
	struct place *place = &places->place[slot];
	uint32_t *link = bucket_of(places, place->segment, place->address);

	while (*link != slot + 1)
		link = &places->place[*link - 1].next;
	*link = place->next;
	*place = (struct place){0};
	places->used--;
	if (slot >= places->fresh)
		return; /* its turn is still to come */
	if (places->last)
		places->place[places->last - 1].next = slot + 1;
	else
		places->free = slot + 1;
	places->last = slot + 1;
}

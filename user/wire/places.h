/* SPDX-License-Identifier: MIT */
/*
 * Which address has which of a fixed number of slots: for IPv6, whose prefixes are too large for a
 * slot per address. Found in both directions at once, whatever the number.
 *
 *     places_init()
 *     places_put()                           what is known from before
 *     places_take(), places_give_back()      one by one
 *     places_clear()
 *
 * Slots count from 0. One that is given back is taken again after all others that are free, so that
 * a frame that is under way finds it empty and not at its next address.
 */
#ifndef USER_WIRE_PLACES_H
#define USER_WIRE_PLACES_H

#include "wire/address.h"

#define PLACES_NONE UINT32_MAX

struct place {
	struct address address; /* "::": the slot is free */
	uint32_t segment;
	uint32_t next; /* taken: in its bucket; free: in the queue; plus one, 0: the last */
};

struct places {
	struct place *place; /* owned; `room` of them */
	uint32_t *bucket;    /* owned; 2^bits of them: a slot plus one; 0: none */
	unsigned bits;
	uint32_t room, used;
	uint32_t fresh;      /* from here on none was ever taken, but by places_put() */
	uint32_t free, last; /* the queue of the others that are free: slots plus one; 0: none */
	uint64_t seed;       /* of the hash: no sender can choose the buckets */
};

/* So many slots; 0 is possible. 0 or -ENOMEM. */
int places_init(struct places *places, uint32_t room, uint64_t seed);
void places_clear(struct places *places);
/* PLACES_NONE: it has no slot. */
uint32_t places_find(const struct places *places, uint32_t segment, struct address address);
/* The slot that the address has, or a free one; PLACES_NONE: all are taken. */
uint32_t places_take(struct places *places, uint32_t segment, struct address address);
/* This very slot. Only before the first places_give_back(). False: it is taken, or not there, or
 * the address has one, or is "::". */
bool places_put(struct places *places, uint32_t slot, uint32_t segment, struct address address);
/* The slot must be taken. */
void places_give_back(struct places *places, uint32_t slot);

static inline bool places_is_taken(const struct places *places, uint32_t slot)
{
	return slot < places->room && !address_is_none(places->place[slot].address);
}

#endif

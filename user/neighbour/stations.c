/* SPDX-License-Identifier: MIT */
/*
 * The MACs that have learned addresses, in a hash with linear probing that is at most three
 * quarters full. A removed station leaves no mark: those after it move up. Decides nothing.
 */
#include "neighbour/stations.h"

#include <stdlib.h>

#include "base/base.h"

#define ROOM_MIN 64

void stations_free(struct stations *stations)
{
	free(stations->place);
}

/* FNV-1a, with a seed, and mixed: the places are its lowest bits. */
static uint32_t hash(const struct stations *stations, unsigned segment, struct mac mac)
{
	uint32_t hash = fnv_add(FNV_BEGIN ^ stations->seed, &segment, sizeof(segment));

	hash = fnv_add(hash, mac.octet, sizeof(mac.octet));
	hash ^= hash >> 15;
	hash *= 2246822519u;
	return hash ^ hash >> 13;
}

static uint32_t home_of(const struct stations *stations, const struct station *station)
{
	return hash(stations, station->segment, station->mac) & (stations->room - 1);
}

/* The station's place, or the free one where it would be. */
static struct station *look(const struct stations *stations, unsigned segment, struct mac mac)
{
	uint32_t mask = stations->room - 1, at = hash(stations, segment, mac) & mask;
	struct station *station;

	for (;; at = (at + 1) & mask) {
		station = &stations->place[at];
		if (mac_is_zero(station->mac) ||
		    (station->segment == segment && mac_equal(station->mac, mac)))
			return station;
	}
}

struct station *stations_find(const struct stations *stations, unsigned segment, struct mac mac)
{
	struct station *station = stations->room ? look(stations, segment, mac) : NULL;

	return station && !mac_is_zero(station->mac) ? station : NULL;
}

static bool grow(struct stations *stations)
{
	struct stations grown = {.room = stations->room ? 2 * stations->room : ROOM_MIN,
	                         .used = stations->used,
	                         .seed = stations->seed};

	grown.place = calloc(grown.room, sizeof(*grown.place));
	if (!grown.place)
		return false;
	for (uint32_t i = 0; i < stations->room; i++) {
		const struct station *station = &stations->place[i];

		if (!mac_is_zero(station->mac))
			*look(&grown, station->segment, station->mac) = *station;
	}
	free(stations->place);
	*stations = grown;
	return true;
}

struct station *stations_add(struct stations *stations, unsigned segment, struct mac mac)
{
	struct station *station = stations_find(stations, segment, mac);

	if (station)
		return station;
	/* Without memory it may still be filled, but for one place. */
	if (stations->used >= stations->room / 4 * 3 && !grow(stations) &&
	    stations->used + 1 >= stations->room)
		return NULL;
	station = look(stations, segment, mac);
	*station = (struct station){.mac = mac, .segment = (uint16_t)segment};
	stations->used++;
	return station;
}

void stations_remove(struct stations *stations, struct station *station)
{
	uint32_t mask = stations->room - 1, hole = (uint32_t)(station - stations->place);

	/* Each that follows moves into the hole, unless its home is after it. */
	for (uint32_t at = (hole + 1) & mask; !mac_is_zero(stations->place[at].mac);
	     at = (at + 1) & mask) {
		uint32_t home = home_of(stations, &stations->place[at]);

		if (((at - home) & mask) < ((at - hole) & mask))
			continue;
		stations->place[hole] = stations->place[at];
		hole = at;
	}
	stations->place[hole] = (struct station){0};
	stations->used--;
}

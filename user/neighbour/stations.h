/* SPDX-License-Identifier: MIT */
/* The MACs that have learned addresses: how many, and how fast they came. */
#ifndef USER_NEIGHBOUR_STATIONS_H
#define USER_NEIGHBOUR_STATIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

struct station {
	struct mac mac; /* zero: a free place */
	uint16_t segment;
	uint32_t until; /* of its rate (rate.h) */
	uint32_t addresses : 24;
	uint32_t reported : 1; /* that it has too many */
	uint32_t port : 7;     /* where it was heard when it got the first of them (port.h) */
};

_Static_assert(sizeof(struct station) == 16, "a million MACs in 22 to 43 MB");

struct stations {
	struct station *place;
	uint32_t room, used; /* room: a power of two, or 0 */
	uint32_t seed;       /* of the hash: no sender can choose where its MACs fall */
};

void stations_free(struct stations *stations);
/* NULL: it has no address. All stations may move when one is added or removed. */
struct station *stations_find(const struct stations *stations, unsigned segment, struct mac mac);
/* The station, or a new one without addresses; NULL: out of memory. */
struct station *stations_add(struct stations *stations, unsigned segment, struct mac mac);
void stations_remove(struct stations *stations, struct station *station);

#endif

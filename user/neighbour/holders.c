/* SPDX-License-Identifier: MIT */
/*
 * Who holds the sponge's MAC for an address, so that he can be told when the address comes back:
 * the newest HOLDERS_MAX of all. Of whom more held it than that, this is remembered beside the
 * slot, and everybody is told. A plain array, walked: 4,096 take some microseconds, and
 * only a sponge that is asked makes anybody walk it.
 */
#include <errno.h>
#include <stdlib.h>

#include "neighbour/internal.h"

#define HOLDERS_MAX 4096

struct holders {
	uint64_t who[HOLDERS_MAX];    /* slot and IPv4 address; 0: free */
	uint32_t number[HOLDERS_MAX]; /* in the order in which they came */
	struct mac mac[HOLDERS_MAX];
	uint32_t last; /* number */
	unsigned used; /* from here on all are free */
};

int holders_init(struct neighbour *neighbour)
{
	for (unsigned i = 0; i < neighbour->segments; i++) {
		if (neighbour->policy[i].sponge && !neighbour->holders) {
			neighbour->holders = calloc(1, sizeof(*neighbour->holders));
			if (!neighbour->holders)
				return -ENOMEM;
		}
	}
	return 0;
}

static uint64_t who_is(uint32_t slot, uint32_t holder)
{
	return (uint64_t)slot << 32 | holder;
}

static void mark(struct neighbour *neighbour, uint32_t slot, uint8_t known)
{
	struct silence silence = silence_of(neighbour, slot);

	silence.holders |= known;
	silence_put(neighbour, slot, silence);
}

/* Where he is, or may be put: a free place, or else the oldest's. */
static unsigned place_for(const struct holders *holders, uint64_t who)
{
	unsigned room = holders->used, oldest = 0;
	uint32_t last = holders->last;

	for (unsigned i = 0; i < holders->used; i++) {
		if (holders->who[i] == who)
			return i;
		if (!holders->who[i])
			room = i;
		else if (last - holders->number[i] > last - holders->number[oldest])
			oldest = i;
	}
	return room < HOLDERS_MAX ? room : oldest;
}

void holders_remember(struct neighbour *neighbour, uint32_t slot, uint32_t holder, struct mac mac)
{
	struct holders *holders = neighbour->holders;
	uint64_t who = who_is(slot, holder);
	unsigned at;

	if (!holders)
		return;
	at = place_for(holders, who);
	/* All that are remembered are of slots without a binding: with one, they are told. */
	if (at < holders->used && holders->who[at] && holders->who[at] != who)
		mark(neighbour, (uint32_t)(holders->who[at] >> 32), HOLDERS_FORGOTTEN);
	if (at == holders->used)
		holders->used++;
	holders->who[at] = who;
	holders->mac[at] = mac;
	holders->number[at] = ++holders->last;
	mark(neighbour, slot, HOLDERS_KNOWN);
}

void holders_correct(struct neighbour *neighbour, const struct cause *cause, struct mac mac,
                     uint8_t known)
{
	struct holders *holders = neighbour->holders;
	const struct neighbour_ops *ops = neighbour->ops;

	for (unsigned i = 0; holders && i < holders->used; i++) {
		if (!holders->who[i] || holders->who[i] >> 32 != cause->slot)
			continue;
		if (ops->correct)
			ops->correct(neighbour->context, cause->segment, cause->address, mac,
			             (uint32_t)holders->who[i], holders->mac[i]);
		holders->who[i] = 0;
	}
	while (holders && holders->used && !holders->who[holders->used - 1])
		holders->used--;
	if (known & HOLDERS_FORGOTTEN && ops->correct)
		ops->correct(neighbour->context, cause->segment, cause->address, mac, 0,
		             mac_broadcast);
}

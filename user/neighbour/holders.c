/* SPDX-License-Identifier: MIT */
/*
 * The hosts that hold the sponge's MAC for an address, for a correction when the address is back:
 * the newest HOLDERS_MAX of all. Where more hosts held it, a mark beside the slot says so, and the
 * correction is broadcast. A plain array, walked: 4,096 take some microseconds, and only a sponge
 * in use walks it.
 */
#include "neighbour/holders.h"

#include <errno.h>
#include <stdlib.h>

#include "neighbour/slots.h"

#define HOLDERS_MAX 4096

struct holders {
	struct address holder[HOLDERS_MAX]; /* "::": free */
	uint32_t slot[HOLDERS_MAX];
	uint32_t number[HOLDERS_MAX]; /* in order of arrival */
	struct mac mac[HOLDERS_MAX];
	uint32_t last; /* number */
	unsigned used; /* all places from here on are free */
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

static bool is_free(const struct holders *holders, unsigned at)
{
	return address_is_none(holders->holder[at]);
}

static void mark(struct neighbour *neighbour, uint32_t slot, uint8_t known)
{
	struct silence silence = silence_of(neighbour, slot);

	silence.holders |= known;
	silence_put(neighbour, slot, silence);
}

/* The holder's place, or a free one, or the oldest's. */
static unsigned place_for(const struct holders *holders, uint32_t slot, struct address holder)
{
	unsigned room = holders->used, oldest = 0;
	uint32_t last = holders->last;

	for (unsigned i = 0; i < holders->used; i++) {
		if (holders->slot[i] == slot && address_equal(holders->holder[i], holder))
			return i;
		if (is_free(holders, i))
			room = i;
		else if (last - holders->number[i] > last - holders->number[oldest])
			oldest = i;
	}
	return room < HOLDERS_MAX ? room : oldest;
}

void holders_remember(struct neighbour *neighbour, uint32_t slot, struct address holder,
                      struct mac mac)
{
	struct holders *holders = neighbour->holders;
	unsigned at;

	if (!holders)
		return;
	at = place_for(holders, slot, holder);
	/* All remembered holders are of slots without a binding: a binding corrects them. */
	if (at < holders->used && !is_free(holders, at) &&
	    (holders->slot[at] != slot || !address_equal(holders->holder[at], holder)))
		mark(neighbour, holders->slot[at], HOLDERS_FORGOTTEN);
	if (at == holders->used)
		holders->used++;
	holders->slot[at] = slot;
	holders->holder[at] = holder;
	holders->mac[at] = mac;
	holders->number[at] = ++holders->last;
	mark(neighbour, slot, HOLDERS_KNOWN);
}

static void shrink(struct holders *holders)
{
	while (holders && holders->used && is_free(holders, holders->used - 1))
		holders->used--;
}

void holders_forget(struct neighbour *neighbour, uint32_t slot)
{
	struct holders *holders = neighbour->holders;

	for (unsigned i = 0; holders && i < holders->used; i++)
		if (holders->slot[i] == slot)
			holders->holder[i] = (struct address){0};
	shrink(holders);
}

void holders_correct(struct neighbour *neighbour, const struct cause *cause, struct mac mac,
                     uint8_t known)
{
	struct holders *holders = neighbour->holders;
	const struct neighbour_ops *ops = neighbour->ops;

	for (unsigned i = 0; holders && i < holders->used; i++) {
		if (is_free(holders, i) || holders->slot[i] != cause->slot)
			continue;
		if (ops->correct)
			ops->correct(neighbour->context, cause->segment, cause->address, mac,
			             holders->holder[i], holders->mac[i]);
		holders->holder[i] = (struct address){0};
	}
	shrink(holders);
	if (known & HOLDERS_FORGOTTEN && ops->correct)
		ops->correct(neighbour->context, cause->segment, cause->address, mac,
		             (struct address){0}, mac_broadcast);
}

// SPDX-License-Identifier: MIT
/* Two sets of addresses with something to each. Plain values. */
#include "history/doubts.h"

#include <errno.h>
#include <stdlib.h>

int doubts_add(struct doubts *doubts, unsigned segment, struct address address, unsigned node)
{
	if (array_reserve(&doubts->by, &doubts->room, (size_t)addresses_count(&doubts->set) + 1) ||
	    addresses_add(&doubts->set, segment, address) < 0)
		return -ENOMEM;
	doubts->by[addresses_number(&doubts->set, segment, address)] = node;
	return 0;
}

unsigned doubts_by(const struct doubts *doubts, unsigned segment, struct address address)
{
	uint32_t number = addresses_number(&doubts->set, segment, address);

	return number == IDMAP_NONE ? 0 : doubts->by[number];
}

size_t doubts_count(const struct doubts *doubts)
{
	return addresses_count(&doubts->set);
}

void doubts_empty(struct doubts *doubts)
{
	addresses_empty(&doubts->set);
}

void doubts_clear(struct doubts *doubts)
{
	addresses_clear(&doubts->set);
	free(doubts->by);
	*doubts = (struct doubts){0};
}

int waits_add(struct waits *waits, unsigned segment, struct address address, uint64_t due)
{
	uint32_t number = addresses_number(&waits->set, segment, address);

	if (number == IDMAP_NONE) {
		if (array_reserve(&waits->wait, &waits->room,
		                  (size_t)addresses_count(&waits->set) + 1) ||
		    addresses_add(&waits->set, segment, address) < 0)
			return -ENOMEM;
		number = addresses_count(&waits->set) - 1;
		waits->wait[number] = (struct wait){.segment = segment, .address = address};
	}
	waits->count += waits->wait[number].due == 0;
	waits->wait[number].due = due;
	return 0;
}

static struct wait *find(const struct waits *waits, unsigned segment, struct address address)
{
	uint32_t number = addresses_number(&waits->set, segment, address);

	return number != IDMAP_NONE && waits->wait[number].due ? &waits->wait[number] : NULL;
}

bool waits_have(const struct waits *waits, unsigned segment, struct address address)
{
	return find(waits, segment, address) != NULL;
}

static void end(struct waits *waits, struct wait *wait)
{
	wait->due = 0;
	/* The set only grows until then. */
	if (--waits->count == 0)
		addresses_empty(&waits->set);
}

void waits_drop(struct waits *waits, unsigned segment, struct address address)
{
	struct wait *wait = find(waits, segment, address);

	if (wait)
		end(waits, wait);
}

bool waits_take(struct waits *waits, uint64_t now, unsigned *segment, struct address *address)
{
	while (waits->next < addresses_count(&waits->set)) {
		struct wait *wait = &waits->wait[waits->next++];

		if (wait->due == 0 || wait->due > now)
			continue;
		*segment = wait->segment;
		*address = wait->address;
		end(waits, wait);
		return true;
	}
	waits->next = 0;
	return false;
}

uint64_t waits_next(const struct waits *waits)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < addresses_count(&waits->set) && waits->count > 0; i++)
		if (waits->wait[i].due && waits->wait[i].due < next)
			next = waits->wait[i].due;
	return next;
}

void waits_clear(struct waits *waits)
{
	addresses_clear(&waits->set);
	free(waits->wait);
	*waits = (struct waits){0};
}

// SPDX-License-Identifier: MIT
/* Two sets of addresses with something to each. Plain values. */
#include "history/doubts.h"

#include <errno.h>
#include <stdlib.h>

static uint32_t number_of(const struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t key = (uint64_t)segment << 32 | address;

	return set->keys.count > 0 ? idmap_find(&set->keys, &key) : IDMAP_NONE;
}

int doubts_add(struct doubts *doubts, unsigned segment, uint32_t address, unsigned node)
{
	if (array_reserve(&doubts->by, &doubts->room, (size_t)doubts->set.keys.count + 1) ||
	    addresses_add(&doubts->set, segment, address) < 0)
		return -ENOMEM;
	doubts->by[number_of(&doubts->set, segment, address)] = node;
	return 0;
}

unsigned doubts_by(const struct doubts *doubts, unsigned segment, uint32_t address)
{
	uint32_t number = number_of(&doubts->set, segment, address);

	return number == IDMAP_NONE ? 0 : doubts->by[number];
}

size_t doubts_count(const struct doubts *doubts)
{
	return doubts->set.keys.count;
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

int waits_add(struct waits *waits, unsigned segment, uint32_t address, uint64_t due)
{
	uint32_t number = number_of(&waits->set, segment, address);

	if (number == IDMAP_NONE) {
		if (array_reserve(&waits->wait, &waits->room, (size_t)waits->set.keys.count + 1) ||
		    addresses_add(&waits->set, segment, address) < 0)
			return -ENOMEM;
		number = waits->set.keys.count - 1;
		waits->wait[number] = (struct wait){.segment = segment, .address = address};
	}
	waits->count += waits->wait[number].due == 0;
	waits->wait[number].due = due;
	return 0;
}

static struct wait *find(const struct waits *waits, unsigned segment, uint32_t address)
{
	uint32_t number = number_of(&waits->set, segment, address);

	return number != IDMAP_NONE && waits->wait[number].due ? &waits->wait[number] : NULL;
}

bool waits_have(const struct waits *waits, unsigned segment, uint32_t address)
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

void waits_drop(struct waits *waits, unsigned segment, uint32_t address)
{
	struct wait *wait = find(waits, segment, address);

	if (wait)
		end(waits, wait);
}

bool waits_take(struct waits *waits, uint64_t now, unsigned *segment, uint32_t *address)
{
	while (waits->next < waits->set.keys.count) {
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

	for (uint32_t i = 0; i < waits->set.keys.count && waits->count > 0; i++)
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

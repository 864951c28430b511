/* SPDX-License-Identifier: MIT */
/*
 * Duplicate addresses: one that has moved duplicate_moves times within duplicate_time is frozen
 * (RFC 9161 3.7). No frame moves it, and it is not answered: hosts get what its claimants reply. An
 * operator who sets or unsets it, or duplicate_hold, releases it. The slot's flag says that it is
 * frozen, so that a restart does not release it.
 */
#include "neighbour/duplicate.h"

#include <errno.h>

#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

bool duplicate_count(const struct cause *cause, const struct record *before, struct record *after)
{
	uint32_t now = cause->clock->now;
	bool goes_on = before->moves &&
	               table_age(before->first_move, now) <= cause->policy->duplicate_time;

	after->first_move = goes_on ? before->first_move : now;
	after->moves = goes_on ? before->moves : 0;
	if (after->moves < UINT8_MAX)
		after->moves++;
	return cause->policy->duplicate_moves && after->moves >= cause->policy->duplicate_moves;
}

bool duplicate_is_frozen(const struct neighbour *neighbour, uint32_t slot)
{
	return table_binding(neighbour, slot).flags & SLOT_FROZEN;
}

void duplicate_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	const struct neighbour_policy *policy = &neighbour->policy[table_segment(neighbour, slot)];
	struct record record;

	if (policy->duplicate_hold && record_read(neighbour, slot, &record) &&
	    table_age(record.moved, clock->now) >= policy->duplicate_hold)
		machine_pass(neighbour, RELEASED, slot, clock);
}

int duplicate_thaw(struct neighbour *neighbour, const struct cause *cause)
{
	struct record record;
	uint64_t made, old;

	if (!record_read(neighbour, cause->slot, &record))
		return 0;
	record.moves = 0;
	if (record_make(neighbour, &made, &record) < 0)
		return -ENOMEM; /* and the next scan tries again */
	old = record_detach(neighbour, cause->slot);
	table_freeze(neighbour, cause, false);
	record_attach(neighbour, cause->slot, made);
	record_release(old);
	return 0;
}

// SPDX-License-Identifier: MIT
#include "fleet/floors.h"

#include <errno.h>

#include "fleet/rows.h"

#define SWEEP_S 60

/* A word of now is later than a floor that is past anyway. */
static bool is_past(const struct fleet *fleet, int64_t floor)
{
	return floor < fleet->clock;
}

void fleet_clock(struct fleet *fleet, int64_t now)
{
	if (now <= fleet->clock)
		return;
	fleet->clock = now;
	if (!fleet->floors || now < fleet->sweep)
		return;
	/* Those that are past count for nothing; this frees their memory. */
	for (uint32_t i = 0; i < fleet->used; i++) {
		const struct row *row = row_at(fleet, i);

		if (row->node == NODE_FLOOR && is_past(fleet, row_since(row))) {
			row_remove(fleet, row);
			fleet->floors--;
		}
	}
	fleet->sweep = now + SWEEP_S;
}

int fleet_raise(struct fleet *fleet, unsigned segment, struct address address, int64_t time)
{
	struct claim floor = {.state = CLAIM_NONE, .since = time};
	struct row *row;

	if (segment >= FLEET_SEGMENTS || time < 0 || time > CLAIM_TIME_LAST)
		return -EINVAL;
	if (is_past(fleet, time))
		return 0;
	row = row_find(fleet, NODE_FLOOR, segment, address);
	if (row && row_since(row) >= time)
		return 0;
	if (!row) {
		row = row_add(fleet, NODE_FLOOR, segment, address);
		if (!row)
			return -ENOMEM;
		fleet->floors++;
	}
	row_store(row, &floor);
	return 0;
}

int64_t fleet_floor(const struct fleet *fleet, unsigned segment, struct address address)
{
	const struct row *row = row_find(fleet, NODE_FLOOR, segment, address);

	return row && !is_past(fleet, row_since(row)) ? row_since(row) : 0;
}

int fleet_each_floor(const struct fleet *fleet, fleet_floor_fn *fn, void *context)
{
	int result = 0;

	for (uint32_t i = 0; fleet->floors && i < fleet->used && !result; i++) {
		const struct row *row = row_at(fleet, i);

		if (row->node == NODE_FLOOR && !is_past(fleet, row_since(row)))
			result = fn(context, row->segment, row_address(row), row_since(row));
	}
	return result;
}

size_t fleet_floors(const struct fleet *fleet)
{
	return fleet->floors;
}

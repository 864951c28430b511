/* SPDX-License-Identifier: MIT */
/*
 * The rest after a conflict: for CONTEST_REST seconds no claim is examined, so that two hosts with
 * one address cost two requests and one alert in that time. The last claim meanwhile is kept.
 */
#include "neighbour/rest.h"

#include "neighbour/claim.h"
#include "neighbour/duplicate.h"
#include "neighbour/recent.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/table.h"

void rest_begin(struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	struct recent *contested = &neighbour->contested;

	/* It can begin anew: the owner before need not wait for its end. Then the old one is over.
	 */
	for (uint32_t i = 0; i < contested->count; i++) {
		if (contested->slot[i] != slot)
			continue;
		contested->at[i] = now - CONTEST_REST;
		neighbour->unheard[i] = (struct claim){0};
	}
	neighbour->unheard[recent_add(contested, slot, now)] = (struct claim){0};
}

bool rest_lasts(const struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	return recent_find(&neighbour->contested, slot, now, CONTEST_REST) != RECENT_NONE;
}

bool rest_matters(const struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	const struct recent *contested = &neighbour->contested;

	for (uint32_t i = 0; i < contested->count; i++)
		if (contested->slot[i] == slot && (now - contested->at[i] < CONTEST_REST ||
		                                   !mac_is_zero(neighbour->unheard[i].mac)))
			return true;
	return false;
}

bool rest_keeps(struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t place =
	        recent_find(&neighbour->contested, cause->slot, cause->clock->now, CONTEST_REST);

	if (place == RECENT_NONE)
		return false;
	neighbour->unheard[place] = claim_of(cause);
	return true;
}

void rest_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	const struct recent *contested = &neighbour->contested;

	for (uint32_t i = 0; i < contested->count; i++) {
		const struct claim claim = neighbour->unheard[i];
		uint32_t slot = contested->slot[i];
		struct cause cause;
		uint8_t state;

		if (mac_is_zero(claim.mac) || slot == UINT32_MAX ||
		    clock->now - contested->at[i] < CONTEST_REST)
			continue;
		neighbour->unheard[i] = (struct claim){0};
		reconcile_slot(neighbour, slot, clock);
		state = table_binding(neighbour, slot).state;
		if ((state != SLOT_DYNAMIC && state != SLOT_EMPTY) ||
		    duplicate_is_frozen(neighbour, slot) ||
		    mac_equal(table_mac(neighbour, slot), claim.mac))
			continue;
		table_cause(neighbour, &cause, CLAIMED, slot, clock);
		cause = claim_cause(&cause, &claim);
		(void)machine_happen(neighbour, &cause);
		sparse_settle(neighbour, slot, clock);
	}
}

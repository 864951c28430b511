// SPDX-License-Identifier: MIT
#include "fleet/words.h"

#include "fleet/floors.h"
#include "fleet/rows.h"

/* What stands at an address. */
struct standing {
	const struct fleet *fleet;
	unsigned segment;
	struct address address;
	struct claim own, view; /* CLAIM_NONE: none */
	unsigned owner;         /* of the view */
	int64_t since, unset;   /* the latest: of all, and `after` of those that are not static */
};

static void stand(struct standing *standing, const struct fleet *fleet, unsigned segment,
                  struct address address)
{
	*standing = (struct standing){.fleet = fleet, .segment = segment, .address = address};
	fleet_own(fleet, segment, address, &standing->own);
	fleet_view(fleet, segment, address, &standing->view, &standing->owner);
	for (const struct row *row = row_first(fleet, segment, address); row;
	     row = row_next(fleet, row)) {
		struct claim claim;

		if (!row_is_claim(row))
			continue;
		claim = row_claim(row);
		if (claim.since > standing->since)
			standing->since = claim.since;
		if (claim.state != CLAIM_STATIC && claim.after > standing->unset)
			standing->unset = claim.after;
	}
}

/* Whether an own claim is above another's that would show. */
static bool hides(const struct standing *standing, const struct claim *own)
{
	const struct fleet *fleet = standing->fleet;

	for (const struct row *row = row_first(fleet, standing->segment, standing->address); row;
	     row = row_next(fleet, row)) {
		struct claim claim;

		if (!row_is_claim(row) || row->node == FLEET_OWN)
			continue;
		claim = row_claim(row);
		if (claim_is_present(&claim) &&
		    fleet_compare(fleet, own, FLEET_OWN, &claim, row->node) > 0)
			return true;
	}
	return false;
}

/* A mark, or nothing where that hides nothing. */
static struct claim mark_of(const struct standing *standing, int64_t since, int64_t after)
{
	struct claim mark = {.state = CLAIM_GONE, .since = since, .after = after};

	return hides(standing, &mark) ? mark : (struct claim){.state = CLAIM_NONE};
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The hybrid clock. `floor`: an operator's. No year has five digits. */
static int64_t time_of(const struct standing *standing, int64_t now, int64_t floor)
{
	int64_t time = later(now, later(standing->since, floor) + 1);

	time = later(time, standing->fleet->clock);
	return time < CLAIM_TIME_LAST ? time : CLAIM_TIME_LAST;
}

bool fleet_say(const struct fleet *fleet, unsigned segment, struct address address,
               enum fleet_word word, const struct claim *said, int64_t now, struct claim *own)
{
	struct standing standing;
	int64_t agents, operators;

	stand(&standing, fleet, segment, address);
	agents = time_of(&standing, now, 0);
	operators = time_of(&standing, now, fleet_floor(fleet, segment, address));
	*own = standing.own;
	switch (word) {
	case FLEET_LEARN:
		if (standing.view.state == CLAIM_STATIC ||
		    (standing.view.state == CLAIM_DYNAMIC &&
		     mac_equal(standing.view.mac, said->mac)))
			return false;
		*own = (struct claim){.state = CLAIM_DYNAMIC,
		                      .mac = said->mac,
		                      .since = agents,
		                      .after = standing.unset};
		return true;
	case FLEET_EXPIRE:
		if (standing.own.state != CLAIM_DYNAMIC || standing.owner != FLEET_OWN)
			return false;
		*own = mark_of(&standing, agents, standing.own.after);
		return true;
	case FLEET_DECLARE:
		*own = (struct claim){.state = said->state, .mac = said->mac, .since = operators};
		if (own->state != CLAIM_STATIC)
			own->after = operators;
		return true;
	case FLEET_UNSET:
		if (!claim_is_present(&standing.view))
			return false;
		*own = mark_of(&standing, operators, operators);
		return true;
	case FLEET_WITHDRAW:
		if (!claim_is_present(&standing.own))
			return false;
		*own = (struct claim){.state = CLAIM_NONE};
		return true;
	}
	return false;
}

bool fleet_tidy(const struct fleet *fleet, unsigned segment, struct address address,
                struct claim *own)
{
	struct standing standing;

	stand(&standing, fleet, segment, address);
	*own = standing.own;
	if (own->state == CLAIM_NONE || (claim_is_present(own) && standing.owner == FLEET_OWN))
		return false;
	if (claim_is_present(own))
		*own = mark_of(&standing, own->since,
		               own->state == CLAIM_STATIC ? own->since : own->after);
	else
		*own = mark_of(&standing, own->since, own->after);
	return own->state != standing.own.state;
}

/* SPDX-License-Identifier: MIT */
/*
 * An address that has an owner (learn = verified). Another sender contests it: both get requests,
 * and the old owner decides. An owner that speaks keeps its address, whatever else is sent, and
 * however much.
 */
#include "neighbour/contest.h"

#include "neighbour/bind.h"
#include "neighbour/claim.h"
#include "neighbour/limits.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

/* The owner may have spoken in this very second. `seen` goes back by one, so that its next frame is
 * noticed. Returns what `seen` is as long as it has not spoken since. */
static uint32_t seen_before_now(struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	uint32_t seen = table_seen(neighbour, slot), before = seen - 1;

	if (!seen || table_age(seen, now) != 0)
		return seen;
	/* If the owner speaks just now, `seen` stays as it is, and differs from the result. */
	(void)__atomic_compare_exchange_n(&neighbour->slots[slot].seen, &seen, before, false,
	                                  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	return before;
}

/* The address has an owner. One contest at a time, and after a conflict a rest, unless the owner
 * fell silent. A third host gets its turn if it still speaks then. */
int contest_begin(struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t slot = cause->slot, now = cause->clock->now;
	const struct query *query = query_find(neighbour, slot);
	struct query how = {.kind = TASK_MOVE, .contest = true, .claim = claim_of(cause)}, old;
	bool stale = table_binding(neighbour, slot).state == SLOT_STALE;

	if ((query && query->contest) || (!stale && rest_keeps(neighbour, cause)) ||
	    !limits_may_prove(neighbour, cause) || !limits_may_move(neighbour, cause))
		return 0;
	old = query_take(neighbour, slot);
	notify_end(neighbour, old.task);
	how.due = old.tries ? old.sent + CONTEST_MS : 0;
	how.seen = seen_before_now(neighbour, slot, now);
	table_put(neighbour, cause, SLOT_STALE, table_mac(neighbour, slot));
	query_begin(neighbour, cause, QUEUE_LEARN, &how);
	return 0;
}

/* A reply to the agent for a STALE address: it may be the claimant's. */
int contest_answer(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);

	if (!query || !query->contest)
		return contest_begin(neighbour, cause);
	if (query->tries > 1 && mac_equal(query->claim.mac, cause->mac)) {
		query->claim.answered = true;
		claim_place(&query->claim, cause);
	}
	return 0;
}

/* The owner speaks: as if it had never been silent, and nothing durable changed. */
int contest_spoke(struct neighbour *neighbour, const struct cause *cause)
{
	struct query query = query_take(neighbour, cause->slot);
	struct mac owner = table_mac(neighbour, cause->slot);

	if (cause->what == HEARD_SAME)
		table_set_seen(neighbour, cause->slot, cause->clock->now);
	table_put(neighbour, cause, SLOT_DYNAMIC, owner);
	if (query.contest) {
		const struct cause by = claim_cause(cause, &query.claim);

		rest_begin(neighbour, cause->slot, cause->clock->now);
		notify_alert(neighbour, &by, ALERT_CONFLICT, owner);
	}
	notify_end(neighbour, query.task);
	return 0;
}

/* The owner was silent to the end. */
int contest_silent(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query *query = query_find(neighbour, cause->slot);

	if (query && query->contest && query->claim.answered) {
		const struct claim claim = query->claim; /* the query ends before the notice */
		const struct cause by = claim_cause(cause, &claim);

		return bind_move(neighbour, &by);
	}
	return bind_expire(neighbour, cause);
}

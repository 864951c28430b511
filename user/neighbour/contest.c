/* SPDX-License-Identifier: MIT */
/*
 * An address that has an owner (learn = verified). Another sender contests it: both get requests,
 * and the old owner decides. An owner that speaks keeps its address, whatever else is sent, and
 * however much. One that was silent, and lost it, has it back when it returns within a while.
 */
#include "neighbour/contest.h"

#include "neighbour/bind.h"
#include "neighbour/claim.h"
#include "neighbour/keep.h"
#include "neighbour/limits.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/record.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

#define SECOND_MS 1000

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

/* How long the owner may be silent until a claimant that replies has the address: the longer it had
 * it, the longer. A host that has had it for hours may only be rebooting. */
static uint32_t hold_of(const struct cause *cause, const struct record *record)
{
	uint32_t grown = HOLD_MIN + record_age(record, cause->clock->wall) / HOLD_GROWS;
	uint32_t most = cause->policy->hold < HOLD_MIN ? HOLD_MIN : cause->policy->hold;

	return grown < most ? grown : most;
}

/* The claimant was the owner before, and lost the address by its silence a while ago. */
static bool is_owed(const struct cause *cause, const struct record *record)
{
	return record->owed && mac_equal(record->previous, cause->mac) &&
	       table_age(record->moved, cause->clock->now) <= record->owed;
}

/* The address has an owner. One contest at a time, and after a conflict a rest, unless the owner
 * fell silent. A third host gets its turn if it still speaks then. The owner before need not wait
 * for its turn: others could take it. */
int contest_begin(struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t slot = cause->slot, now = cause->clock->now;
	const struct query *query = query_find(neighbour, slot);
	struct query how = {.kind = TASK_MOVE, .contest = true, .claim = claim_of(cause)}, old;
	bool stale = table_binding(neighbour, slot).state == SLOT_STALE;
	struct record record;

	if (!record_read(neighbour, slot, &record))
		return 0;
	how.reclaim = is_owed(cause, &record);
	how.round_ms =
	        how.reclaim ? CONTEST_MS : hold_of(cause, &record) * SECOND_MS / RESOLVE_TRIES;
	if ((query && query->contest) || (!stale && !how.reclaim && rest_keeps(neighbour, cause)) ||
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

/* The claimant has the address. */
static int moves(struct neighbour *neighbour, const struct cause *cause, const struct query *query)
{
	const struct claim claim = query->claim; /* the query ends before the notice */
	const struct cause by = claim_cause(cause, &claim);

	return bind_move(neighbour, &by);
}

/* A reply to the agent for a STALE address: it may be the claimant's. */
int contest_answer(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);

	if (!query || !query->contest)
		return contest_begin(neighbour, cause);
	if (!mac_equal(query->claim.mac, cause->mac) || query->tries < (query->reclaim ? 1 : 2))
		return 0;
	query->claim.answered = true;
	claim_place(&query->claim, cause);
	return query->reclaim ? moves(neighbour, cause, query) : 0;
}

/* As if the owner had never been silent, and nothing durable changed. */
static int stays(struct neighbour *neighbour, const struct cause *cause)
{
	struct query query = query_take(neighbour, cause->slot);
	struct mac owner = table_mac(neighbour, cause->slot);

	table_put(neighbour, cause, SLOT_DYNAMIC, owner);
	if (query.contest) {
		const struct cause by = claim_cause(cause, &query.claim);

		rest_begin(neighbour, cause->slot, cause->clock->now);
		notify_alert(neighbour, &by, ALERT_CONFLICT, owner);
	}
	notify_end(neighbour, query.task);
	return 0;
}

/* The owner speaks. If the owner before is asked, its reply decides nevertheless. */
int contest_spoke(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);
	struct record record;

	if (cause->what == HEARD_SAME)
		table_set_seen(neighbour, cause->slot, cause->clock->now);
	if (!record_read(neighbour, cause->slot, &record))
		return keep_end(neighbour, cause);
	if (!query || !query->reclaim)
		return stays(neighbour, cause);
	query->seen = table_seen(neighbour, cause->slot);
	return 0;
}

/* Another node's binding is as before, whatever was asked here. */
int contest_over(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_DYNAMIC, table_mac(neighbour, cause->slot));
	return 0;
}

/* All requests are out: the owner was silent to the end, or the owner before was. */
int contest_silent(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query *query = query_find(neighbour, cause->slot);

	if (query && query->reclaim)
		return stays(neighbour, cause);
	if (query && query->contest && query->claim.answered)
		return moves(neighbour, cause, query);
	/* Nor did its own node's host speak, but that node may hear it. */
	if (record_is_foreign(neighbour, cause->slot))
		return contest_over(neighbour, cause);
	return bind_expire(neighbour, cause);
}

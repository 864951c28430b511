/* SPDX-License-Identifier: MIT */
/*
 * A free address, claimed or asked for (learn = verified). A sender that claims it gets a unicast
 * request. When it replies, all hosts are asked, and it has the address if no other replies within
 * DECIDE_MS. If another does, both are asked again, and neither is learned unless one falls silent:
 * a quiet owner is not robbed by a host that speaks first. Nothing is believed because it was said.
 */
#include "neighbour/prove.h"

#include "neighbour/bind.h"
#include "neighbour/claim.h"
#include "neighbour/dead.h"
#include "neighbour/limits.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

/* A free address: its claimant must reply. */
int prove_claim(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query how = {.kind = TASK_LEARN, .claim = claim_of(cause)};

	if (!cause->host)
		return 0;
	dead_forget(neighbour, cause->slot);
	if (rest_keeps(neighbour, cause) || !limits_may_learn(neighbour, cause) ||
	    !limits_may_prove(neighbour, cause))
		return 0;
	table_put(neighbour, cause, SLOT_PENDING, cause->mac);
	query_begin(neighbour, cause, QUEUE_LEARN, &how);
	return 0;
}

/* Requests are out, and another sender shows life: perhaps the holder. */
int prove_hint(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);

	if (query && !mac_equal(query->claim.mac, cause->mac) &&
	    !mac_equal(query->first.mac, cause->mac))
		query_hint(neighbour, query, cause);
	return 0;
}

/* The first reply for a free address. A claimant was asked by unicast, so that senders who never
 * reply cost no broadcast. Now all hosts are asked, once: a quiet owner must not lose its address
 * because another host spoke first. */
static void reply_first(struct neighbour *neighbour, struct query *query, const struct cause *cause)
{
	bool claimed = query->kind == TASK_LEARN; /* else all hosts were asked already */
	uint64_t now_ms = cause->clock->now_ms;

	query->first = claim_of(cause);
	query->tries = claimed ? RESOLVE_TRIES - 1 : RESOLVE_TRIES;
	query->due = claimed ? now_ms : now_ms + DECIDE_MS;
	query_resume(neighbour, query, now_ms);
}

/* Another host replied, too. Both are asked: one of them may only answer for a host that is gone.
 */
static void reply_second(struct neighbour *neighbour, struct query *query,
                         const struct cause *cause)
{
	struct mac first = query->first.mac;

	query->contest = true;
	query->round_ms = CONTEST_MS;
	query->claim.mac = cause->mac;
	claim_place(&query->claim, cause);
	query->tries = 0;
	query->due = query->sent + CONTEST_MS;
	query_resume(neighbour, query, cause->clock->now_ms);
	notify_alert(neighbour, cause, ALERT_CONFLICT, first);
}

/* Two hosts have the address. Neither is learned: no rule tells which is the owner. */
static void undecided(struct neighbour *neighbour, const struct cause *cause)
{
	struct query query = query_take(neighbour, cause->slot);

	table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	rest_begin(neighbour, cause->slot, cause->clock->now);
	notify_end(neighbour, query.task);
}

static void reply_again(struct neighbour *neighbour, struct query *query, const struct cause *cause)
{
	struct claim *claim = NULL;

	if (mac_equal(query->first.mac, cause->mac))
		claim = &query->first;
	else if (query->tries > 1 && mac_equal(query->claim.mac, cause->mac))
		claim = &query->claim;
	if (!claim)
		return;
	claim->answered = true;
	claim->heard = cause->clock->now;
	if (query->first.answered && query->claim.answered)
		undecided(neighbour, cause);
}

/* A reply to the agent for a PENDING address. One that comes before a request is none. */
int prove_reply(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);

	if (!query || !query->tries)
		return 0;
	if (mac_is_zero(query->first.mac)) {
		reply_first(neighbour, query, cause);
	} else if (!query->contest) {
		if (!mac_equal(query->first.mac, cause->mac))
			reply_second(neighbour, query, cause);
	} else {
		reply_again(neighbour, query, cause);
	}
	return 0;
}

/* The one host that replied to the end; NULL: none. */
static const struct claim *found(const struct query *query)
{
	if (!query->contest)
		return mac_is_zero(query->first.mac) ? NULL : &query->first;
	if (query->first.answered)
		return &query->first;
	return query->claim.answered ? &query->claim : NULL;
}

/* All requests for a PENDING address are out. */
int prove_end(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query *query = query_find(neighbour, cause->slot);

	if (query && found(query)) {
		const struct claim claim = *found(query); /* the query ends before the notice */
		struct cause by = claim_cause(cause, &claim);

		by.heard = claim.heard; /* its silence began then, not now */
		return bind_learn(neighbour, &by);
	}
	return dead_or_empty(neighbour, cause);
}

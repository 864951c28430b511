/* SPDX-License-Identifier: MIT */
/*
 * Learning by proof (learn = verified). A sender at a free address makes a claim: it gets a unicast
 * request, and has the address when it replies. A sender at another host's address contests it:
 * both get requests, and the old owner decides. An owner that speaks keeps its address, whatever
 * else is sent, and however much. Nothing is believed because it was said.
 */
#include "neighbour/contest.h"

#include <stdio.h>

#include "neighbour/bind.h"
#include "neighbour/dead.h"
#include "neighbour/limits.h"
#include "neighbour/notify.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

#define RECENT_NONE UINT32_MAX

/* The slot's place; RECENT_NONE: nothing was done in the last `seconds`. */
static uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now,
                            uint32_t seconds)
{
	for (uint32_t i = 0; i < recent->count; i++) {
		if (recent->slot[i] == slot && now - recent->at[i] < seconds)
			return i;
	}
	return RECENT_NONE;
}

/* One more would make it forget one of the last `seconds`. */
static bool recent_is_full(const struct recent *recent, uint32_t now, uint32_t seconds)
{
	return recent->count == RECENT_MAX && now - recent->at[recent->next] < seconds;
}

/* Returns the slot's place. */
static uint32_t recent_add(struct recent *recent, uint32_t slot, uint32_t now)
{
	uint32_t place = recent->next;

	recent->slot[place] = slot;
	recent->at[place] = now;
	recent->next = (place + 1) % RECENT_MAX;
	if (recent->count < RECENT_MAX)
		recent->count++;
	return place;
}

static void claim_place(struct claim *claim, const struct cause *cause)
{
	snprintf(claim->interface, sizeof(claim->interface), "%s",
	         cause->interface ? cause->interface : "");
}

static struct claim claim_of(const struct cause *cause)
{
	struct claim claim = {.mac = cause->mac, .trigger = cause->trigger};

	claim_place(&claim, cause);
	return claim;
}

/* The cause, as if the claimant had been heard now: this is how a contest ends. */
static struct cause claimed(const struct cause *cause, const struct claim *claim)
{
	struct cause by = *cause;

	by.mac = claim->mac;
	by.trigger = claim->trigger;
	by.interface = claim->interface[0] ? claim->interface : NULL;
	return by;
}

/* A free address: its claimant must reply. */
int contest_claim(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query how = {.kind = TASK_LEARN, .claim = claim_of(cause)};

	if (!cause->host)
		return 0;
	dead_forget(neighbour, cause->slot);
	if (!limits_may_learn(neighbour, cause) || !limits_may_prove(neighbour, cause))
		return 0;
	table_put(neighbour, cause, SLOT_PENDING, cause->mac);
	query_begin(neighbour, cause, QUEUE_LEARN, &how);
	return 0;
}

/* Requests are out, and another sender shows life: perhaps the holder. */
int contest_hint(struct neighbour *neighbour, const struct cause *cause)
{
	struct query *query = query_find(neighbour, cause->slot);

	if (query && !mac_equal(query->claim.mac, cause->mac))
		query_hint(neighbour, query, cause);
	return 0;
}

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

static void rest_begin(struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	struct recent *contested = &neighbour->contested;

	for (uint32_t i = 0; i < contested->count; i++) {
		if (contested->slot[i] == slot)
			neighbour->unheard[i] = (struct claim){0};
	}
	neighbour->unheard[recent_add(contested, slot, now)] = (struct claim){0};
}

/* The address may have moved to this sender, which says so only now: its claim is kept until the
 * rest is over. */
static bool rests(struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t place =
	        recent_find(&neighbour->contested, cause->slot, cause->clock->now, CONTEST_REST);

	if (place == RECENT_NONE)
		return false;
	neighbour->unheard[place] = claim_of(cause);
	return true;
}

void contest_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	const struct recent *contested = &neighbour->contested;

	for (uint32_t i = 0; i < contested->count; i++) {
		const struct claim claim = neighbour->unheard[i];
		uint32_t slot = contested->slot[i];
		struct cause cause;

		if (mac_is_zero(claim.mac) || clock->now - contested->at[i] < CONTEST_REST)
			continue;
		neighbour->unheard[i] = (struct claim){0};
		reconcile_slot(neighbour, slot, clock);
		if (table_binding(neighbour, slot).state != SLOT_DYNAMIC ||
		    mac_equal(table_mac(neighbour, slot), claim.mac))
			continue;
		table_cause(neighbour, &cause, CLAIMED, slot, clock);
		cause = claimed(&cause, &claim);
		(void)machine_happen(neighbour, &cause);
	}
}

/* The address has an owner. One contest at a time, and after a conflict a rest, unless the owner
 * fell silent. A third host gets its turn if it still speaks then. */
int contest_begin(struct neighbour *neighbour, const struct cause *cause)
{
	uint32_t slot = cause->slot, now = cause->clock->now;
	const struct query *query = query_find(neighbour, slot);
	struct query how = {.kind = TASK_MOVE, .contest = true, .claim = claim_of(cause)}, old;
	bool stale = table_binding(neighbour, slot).state == SLOT_STALE;

	if ((query && query->contest) || (!stale && rests(neighbour, cause)) ||
	    !limits_may_prove(neighbour, cause))
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
		const struct cause by = claimed(cause, &query.claim);

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
		const struct cause by = claimed(cause, &claim);

		return bind_move(neighbour, &by);
	}
	return bind_expire(neighbour, cause);
}

/* Declared bindings and the host's own are defended, not contested: announced if the program
 * answers with them (RFC 5227 2.4 (b)), once in DEFEND_INTERVAL, for no more addresses in that time
 * than are remembered. */
int defend_binding(struct neighbour *neighbour, const struct cause *cause)
{
	union binding binding = table_binding(neighbour, cause->slot);
	struct recent *defended = &neighbour->defended;
	uint32_t now = cause->clock->now;

	notify_alert(neighbour, cause, ALERT_CONFLICT, binding_mac(binding));
	if ((binding.state == SLOT_STATIC && !cause->policy->answer_static) ||
	    !neighbour->ops->defend ||
	    recent_find(defended, cause->slot, now, DEFEND_INTERVAL) != RECENT_NONE ||
	    recent_is_full(defended, now, DEFEND_INTERVAL))
		return 0;
	(void)recent_add(defended, cause->slot, now);
	neighbour->ops->defend(neighbour->context, cause->segment, cause->address,
	                       binding_mac(binding));
	return 0;
}

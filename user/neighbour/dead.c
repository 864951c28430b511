/* SPDX-License-Identifier: MIT */
/*
 * Addresses that no host answers for: how long that is remembered (30, 60, 120, 240, 480, 600
 * seconds while it is found again), and what follows. The memory is beside the slot, also while it
 * is EMPTY or PENDING. It ends when the address is heard, or when no host asked for it for longer
 * than the longest back-off.
 */
#include "neighbour/dead.h"

#include "neighbour/notify.h"
#include "neighbour/prove.h"
#include "neighbour/queries.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

#define MINUTE 60

static uint32_t back_off(unsigned failures)
{
	uint32_t seconds = DEAD_SECONDS;

	while (--failures && seconds < DEAD_SECONDS_MAX)
		seconds *= 2;
	return seconds < DEAD_SECONDS_MAX ? seconds : DEAD_SECONDS_MAX;
}

static bool is_sponged(const struct neighbour *neighbour, uint32_t slot)
{
	return table_binding(neighbour, slot).flags & SLOT_SPONGE;
}

static bool is_forgotten(struct silence silence, uint32_t now)
{
	return !silence.failures ||
	       now - silence.since > back_off(silence.failures) + DEAD_SECONDS_MAX;
}

bool dead_is_remembered(const struct neighbour *neighbour, uint32_t slot, uint32_t now)
{
	return !is_forgotten(silence_of(neighbour, slot), now);
}

/* Found dead, once more. */
static void fail(struct neighbour *neighbour, const struct cause *cause)
{
	struct silence silence = silence_of(neighbour, cause->slot);
	uint32_t now = cause->clock->now;

	if (is_forgotten(silence, now))
		silence.failures = 0;
	if (silence.failures < UINT8_MAX)
		silence.failures++;
	silence.since = now;
	silence.minute = 0;
	silence_put(neighbour, cause->slot, silence);
}

void dead_forget(struct neighbour *neighbour, uint32_t slot)
{
	struct silence silence = silence_of(neighbour, slot);

	if (silence.failures)
		silence_put(neighbour, slot, (struct silence){.holders = silence.holders});
}

/* All requests for a PENDING address are out, and no host has it. A claimant that is silent must
 * not make it dead for its owner, nor hosts that replied once. */
int dead_or_empty(struct neighbour *neighbour, const struct cause *cause)
{
	struct query query = query_take(neighbour, cause->slot);
	bool missed = query.kind == TASK_RESOLVE && mac_is_zero(query.first.mac);

	if (missed)
		fail(neighbour, cause);
	table_put(neighbour, cause, missed ? SLOT_DEAD : SLOT_EMPTY, cause->mac);
	notify_end(neighbour, query.task);
	return 0;
}

/* A sponged address was resolved again, and is silent as before. */
int dead_again(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	fail(neighbour, cause);
	return 0;
}

/* The back-off is over. A sponged address that is still in demand is resolved: the host may be
 * back. */
int dead_over(struct neighbour *neighbour, const struct cause *cause)
{
	const struct query how = {.kind = TASK_RESOLVE, .claim.trigger = "request"};
	const struct neigh_slot *slot = &neighbour->slots[cause->slot];
	uint32_t used = __atomic_load_n(&slot->used, __ATOMIC_RELAXED);
	bool wanted = (int32_t)(used - silence_of(neighbour, cause->slot).since) >= 0;

	if (!is_sponged(neighbour, cause->slot) || !wanted) {
		query_cancel(neighbour, cause->slot);
		table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	} else if (queries_may_begin(neighbour, cause, QUEUE_RESOLVE) &&
	           !query_find(neighbour, cause->slot)) {
		query_begin(neighbour, cause, QUEUE_RESOLVE, &how);
	}
	return 0;
}

/* A sign of life. */
int dead_revive(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_EMPTY, cause->mac);
	return prove_claim(neighbour, cause);
}

/* A reply to the agent: it may be the one to its request. The query goes on, as for any address
 * that is being resolved. */
int dead_answered(struct neighbour *neighbour, const struct cause *cause)
{
	if (!query_find(neighbour, cause->slot))
		return dead_revive(neighbour, cause);
	dead_forget(neighbour, cause->slot);
	table_put(neighbour, cause, SLOT_PENDING, cause->mac);
	return prove_reply(neighbour, cause);
}

void dead_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	struct silence silence = silence_of(neighbour, slot);
	const struct neighbour_policy *policy = &neighbour->policy[table_segment(neighbour, slot)];
	uint32_t passed = clock->now - silence.since;

	if (passed >= back_off(silence.failures)) {
		machine_pass(neighbour, REMEMBERED, slot, clock);
		return;
	}
	if (is_sponged(neighbour, slot) || !policy->sponge || mac_is_zero(policy->sponge_mac))
		return;
	/* The program counts requests in `seen`; the count restarts each minute, which makes it a
	 * rate. */
	if (table_seen(neighbour, slot) >= policy->sponge_rate) {
		machine_pass(neighbour, HAMMERED, slot, clock);
	} else if (silence.minute != passed / MINUTE) {
		silence.minute = (uint8_t)(passed / MINUTE);
		silence_put(neighbour, slot, silence);
		table_set_seen(neighbour, slot, 0);
	}
}

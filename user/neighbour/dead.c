/* SPDX-License-Identifier: MIT */
/*
 * Addresses that nobody answers for: how long that is remembered, longer each time it is found
 * again (30, 60, 120, 240, 480, 600 seconds), and what becomes of them then. What is remembered is
 * beside the slot, also while it is EMPTY or PENDING, and is forgotten when the address is heard
 * of, or was left alone for longer than the longest back-off.
 */
#include "neighbour/internal.h"

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

/* Found dead, once more. */
static void fail(struct neighbour *neighbour, const struct cause *cause)
{
	struct silence silence = silence_of(neighbour, cause->slot);
	uint32_t now = cause->clock->now;

	if (silence.failures && now - silence.since > back_off(silence.failures) + DEAD_SECONDS_MAX)
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

/* All requests for a PENDING one are out. Whoever only claimed it must not make it dead for its
 * owner. */
int dead_or_empty(struct neighbour *neighbour, const struct cause *cause)
{
	struct query query = query_take(neighbour, cause->slot);
	bool missed = mac_is_zero(query.claim.mac);

	if (missed)
		fail(neighbour, cause);
	table_put(neighbour, cause, missed ? SLOT_DEAD : SLOT_EMPTY, cause->mac);
	tell_end(neighbour, query.task);
	return 0;
}

/* A sponged one was asked for once more, and is silent as before. */
int dead_again(struct neighbour *neighbour, const struct cause *cause)
{
	query_cancel(neighbour, cause->slot);
	fail(neighbour, cause);
	return 0;
}

/* The back-off is over. Who is answered for, and still asked for, is asked whether he is back. */
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
	return contest_claim(neighbour, cause);
}

/* A reply to us: it may be what was asked for. */
int dead_answered(struct neighbour *neighbour, const struct cause *cause)
{
	if (query_find(neighbour, cause->slot))
		return bind_learn(neighbour, cause);
	return dead_revive(neighbour, cause);
}

void dead_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	struct silence silence = silence_of(neighbour, slot);
	const struct neighbour_policy *policy =
	        &neighbour->policy[layout_range_of(&neighbour->layout, slot)->segment];
	uint32_t passed = clock->now - silence.since;

	if (passed >= back_off(silence.failures)) {
		machine_pass(neighbour, REMEMBERED, slot, clock);
		return;
	}
	if (is_sponged(neighbour, slot) || !policy->sponge || mac_is_zero(policy->sponge_mac))
		return;
	/* The program counts requests in `seen`; anew each minute, so that it is a rate. */
	if (table_seen(neighbour, slot) >= policy->sponge_rate) {
		machine_pass(neighbour, HAMMERED, slot, clock);
	} else if (silence.minute != passed / MINUTE) {
		silence.minute = (uint8_t)(passed / MINUTE);
		silence_put(neighbour, slot, silence);
		table_set_seen(neighbour, slot, 0);
	}
}

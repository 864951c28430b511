/* SPDX-License-Identifier: MIT */
/* The rules of docs/neighbour.md, written plainly and slowly: what a frame, a tick, a scan and a
 * person's word change in the model. */
#ifndef TESTS_NEIGHBOUR_MODEL_RULES_H
#define TESTS_NEIGHBOUR_MODEL_RULES_H

#include "model.h"

static inline void is_learned(struct model *model, struct expected *expected, struct mac mac)
{
	bool asked = expected->asking == MISS || expected->asking == AGAIN;

	model->changed[asked ? TASK_RESOLVE : TASK_LEARN]++;
	model->stations++;
	becomes(model, expected, SLOT_DYNAMIC, mac);
	expected->since = model->world->clock.wall;
}

static inline uint32_t age_of(const struct model *model, const struct expected *expected)
{
	int64_t age = model->world->clock.wall - expected->since;

	return age < 0 ? 0 : (uint32_t)age;
}

static inline void is_moved(struct model *model, struct expected *expected, struct mac mac,
                            bool by_word)
{
	const struct expected was = *expected;
	uint32_t now = model->world->clock.now, age = age_of(model, expected);
	bool none = by_word || was.asking == RECLAIM;

	model->changed[TASK_MOVE]++;
	model->moves++;
	becomes(model, expected, SLOT_DYNAMIC, mac);
	expected->foreign = false;
	expected->since = model->world->clock.wall;
	expected->previous = was.mac;
	expected->moved = now;
	expected->owed = none ? 0 : age < RECLAIM_S ? age : RECLAIM_S;
	expected->count = was.count && now - was.first_move <= 180 ? was.count : 0;
	expected->first_move = expected->count ? was.first_move : now;
	expected->frozen = ++expected->count >= 5;
	model->duplicates += expected->frozen;
}

static inline void begins_rest(struct model *model, struct expected *expected)
{
	expected->fought = true;
	expected->fought_at = model->world->clock.now;
	expected->unheard = no_mac;
}

static inline bool rests(const struct model *model, const struct expected *expected)
{
	return expected->fought && model->world->clock.now - expected->fought_at < 10;
}

/* The owner of a DYNAMIC or STALE binding speaks, and `seen` is then that. */
static inline void speaks(struct model *model, struct expected *expected, uint32_t seen)
{
	if (expected->asking == RECLAIM) {
		expected->seen = seen;
		return;
	}
	if (expected->kept) {
		model->changed[TASK_LEARN]++;
		becomes(model, expected, SLOT_DYNAMIC, expected->mac);
		expected->since = model->world->clock.wall;
		return;
	}
	if (expected->asking == CONTEST) {
		model->conflicts++;
		begins_rest(model, expected);
	}
	becomes(model, expected, SLOT_DYNAMIC, expected->mac);
}

static inline void is_contradicted(struct model *model, struct expected *expected)
{
	uint32_t now = model->world->clock.now;

	model->conflicts++;
	if (expected->defended && now - expected->defended_at < 10)
		return;
	expected->defended = true;
	expected->defended_at = now;
	model->defences++;
}

static inline void begins_claim(struct model *model, uint32_t slot, struct mac mac)
{
	struct expected *expected = &model->slot[slot];

	becomes(model, expected, SLOT_EMPTY, no_mac);
	expected->failures = 0;
	if (rests(model, expected)) {
		expected->unheard = mac;
		return;
	}
	if (!is_up(model, slot))
		return;
	becomes(model, expected, SLOT_PENDING, no_mac);
	begins_asking(model, slot, CLAIM);
	expected->claimant = mac;
}

/* A reply for an address that is being resolved, or claimed. */
static inline void replies(struct model *model, struct expected *expected, struct mac mac)
{
	if (!expected->asks)
		return;
	if (!valid(expected->first)) {
		expected->first = mac;
		expected->replied = model->world->clock.now_ms;
	} else if (!expected->both) {
		if (same_mac(mac, expected->first))
			return;
		model->conflicts++;
		expected->both = true;
		expected->round_ms = 1000;
		expected->claimant = mac;
		expected->asks = 0;
	} else if (same_mac(mac, expected->first)) {
		expected->first_answered = true;
	} else if (same_mac(mac, expected->claimant) && expected->asks > 1) {
		expected->answered = true;
	}
	if (expected->answered && expected->first_answered) {
		becomes(model, expected, SLOT_EMPTY, no_mac);
		begins_rest(model, expected);
	}
}

/* A sponged address that is being resolved again: the query goes on. */
static inline void revives(struct model *model, struct expected *expected, struct mac mac)
{
	const struct expected was = *expected;

	becomes(model, expected, SLOT_PENDING, no_mac);
	expected->failures = 0;
	expected->asking = MISS;
	expected->asks = was.asks;
	expected->last_ask = was.last_ask;
	expected->hint = was.hint;
	replies(model, expected, mac);
}

/* `seen`: the slot's earlier value. */
static inline void begins_contest(struct model *model, uint32_t slot, struct mac mac, uint32_t seen)
{
	struct expected *expected = &model->slot[slot];
	uint32_t now = model->world->clock.now;
	uint64_t last = expected->last_ask;

	bool owed = expected->owed && same_mac(expected->previous, mac) &&
	            now - expected->moved <= expected->owed;
	uint32_t hold = 3 + age_of(model, expected) / 240;

	if (expected->state == SLOT_DYNAMIC && !owed && rests(model, expected)) {
		expected->unheard = mac;
		return;
	}
	if (!is_up(model, slot))
		return;
	becomes(model, expected, SLOT_STALE, expected->mac);
	begins_asking(model, slot, owed ? RECLAIM : CONTEST);
	expected->round_ms = owed ? 1000 : (hold < HOLD_S ? hold : HOLD_S) * 1000 / 3;
	expected->seen = seen == now ? seen - 1 : seen;
	expected->claimant = mac;
	expected->last_ask = last; /* the owner's second counts for every request */
}

/* A MAC other than the binding's, where it needs proof. True: the agent asks it at once. */
static inline bool claims(struct model *model, uint32_t slot, struct mac mac, bool answer)
{
	struct expected *expected = &model->slot[slot];
	uint64_t now_ms = model->world->clock.now_ms;

	switch (expected->state) {
	case SLOT_PENDING:
		if (answer) {
			replies(model, expected, mac);
		} else if (!same_mac(mac, expected->claimant) && !same_mac(mac, expected->first) &&
		           now_ms >= expected->hint) {
			expected->hint = now_ms + 1000;
			return true;
		}
		break;
	case SLOT_DEAD:
		if (answer && expected->asking == AGAIN)
			revives(model, expected, mac);
		else
			begins_claim(model, slot, mac);
		break;
	case SLOT_EMPTY:
		if (is_host(slot))
			begins_claim(model, slot, mac);
		break;
	default:
		if (expected->asking == RECLAIM) {
			if (answer && same_mac(mac, expected->claimant) && expected->asks) {
				is_moved(model, expected, mac, false);
				model->reclaims++;
			}
		} else if (expected->asking != CONTEST)
			begins_contest(model, slot, mac, slot_at(model, slot)->seen);
		else if (answer && same_mac(mac, expected->claimant) && expected->asks >= 2)
			expected->answered = true;
	}
	return false;
}

/* A frame from the sender, in the model. True: the agent asks the sender at once. */
static inline bool expect_hear(struct model *model, uint32_t slot, struct mac mac, bool answer)
{
	struct expected *expected = &model->slot[slot];

	if (!valid(mac))
		return false;
	if (same_mac(expected->mac, mac)) {
		if (expected->state == SLOT_DYNAMIC || expected->state == SLOT_STALE)
			speaks(model, expected, model->world->clock.now);
	} else if (expected->state == SLOT_STATIC || expected->state == SLOT_LOCAL) {
		is_contradicted(model, expected);
	} else if (expected->frozen || expected->kept) {
		return false;
	} else if (verifies(slot)) {
		return claims(model, slot, mac, answer);
	} else if (learns(slot) && durable(expected->state)) {
		is_moved(model, expected, mac, true);
	} else if (learns(slot) && is_host(slot)) {
		is_learned(model, expected, mac);
	}
	return false;
}

/* All requests were sent, and no host spoke. */
static inline void expect_silence(struct model *model, struct expected *expected)
{
	if (expected->both) {
		if (expected->first_answered || expected->answered)
			is_learned(model, expected,
			           expected->answered ? expected->claimant : expected->first);
		else
			becomes(model, expected, SLOT_EMPTY, no_mac);
		return;
	}
	if (valid(expected->first)) {
		is_learned(model, expected, expected->first);
		return;
	}
	switch (expected->asking) {
	case MISS:
		becomes(model, expected, SLOT_DEAD, no_mac);
		found_dead(model, expected);
		break;
	case AGAIN:
		stops_asking(expected);
		found_dead(model, expected);
		break;
	case CLAIM:
		becomes(model, expected, SLOT_EMPTY, no_mac);
		break;
	case RECLAIM:
		model->conflicts++;
		begins_rest(model, expected);
		becomes(model, expected, SLOT_DYNAMIC, expected->mac);
		break;
	case CONTEST:
		if (expected->answered) {
			is_moved(model, expected, expected->claimant, false);
			break;
		}
		if (expected->foreign) {
			becomes(model, expected, SLOT_DYNAMIC, expected->mac);
			break;
		}
		/* fallthrough */
	default:
		model->changed[TASK_EXPIRE] += !expected->kept;
		becomes(model, expected, SLOT_EMPTY, no_mac);
	}
}

/* What a tick may and must do to an address with a query, for which `task` was open. */
static inline void expect_tick(struct model *model, uint32_t slot, uint32_t seen, uint64_t task)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	bool two = asks_two(expected), rounds = two || expected->asking == RECLAIM;
	uint64_t passed;

	if (!expected->asking)
		return;
	if (expected->state == SLOT_STALE && seen && seen != expected->seen) {
		speaks(model, expected, seen);
		return;
	}
	passed = world->clock.now_ms - expected->last_ask;
	if (valid(expected->first) && !two) {
		if (world->clock.now_ms - expected->replied < DECIDE_MS)
			return;
	} else if (expected->asks < (two ? 2 : 1) * RESOLVE_TRIES ||
	           passed < (rounds ? expected->round_ms : RESOLVE_MIN_MS) ||
	           /* The end is random, except for a contest's. */
	           (!rounds && passed < RESOLVE_MAX_MS && task && world->open_at[slot] == task)) {
		return;
	}
	expect_silence(model, expected);
}

/* The ten seconds are over. */
static inline void expect_turn(struct model *model, uint32_t slot, uint32_t seen)
{
	struct expected *expected = &model->slot[slot];
	struct mac mac = expected->unheard;

	if (!valid(mac) || model->world->clock.now - expected->fought_at < 10)
		return;
	expected->unheard = no_mac;
	if (expected->frozen)
		return;
	if (expected->state == SLOT_DYNAMIC && !same_mac(expected->mac, mac))
		begins_contest(model, slot, mac, seen);
	else if (expected->state == SLOT_EMPTY && is_host(slot))
		begins_claim(model, slot, mac);
}

static inline void expect_look_dead(struct model *model, uint32_t slot)
{
	const struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	uint32_t passed = world->clock.now - expected->dead;

	if (passed >= back_off(expected->failures)) {
		if (!expected->sponged || slot_at(model, slot)->used < expected->dead)
			becomes(model, expected, SLOT_EMPTY, no_mac);
		else if (!expected->asking)
			begins_asking(model, slot, AGAIN);
	} else if (verifies(slot) && !expected->sponged && valid(model->sponge)) {
		if (expected->requests >= SPONGE_RATE) {
			expected->sponged = true;
			expected->mac = model->sponge;
		} else if (passed / 60 != expected->minute) {
			expected->minute = passed / 60;
			expected->requests = 0;
		}
	}
}

static inline void expect_look(struct model *model, uint32_t slot)
{
	struct world *world = model->world;
	struct expected *expected = &model->slot[slot];
	uint32_t seen = slot_at(model, slot)->seen;
	bool quiet = !seen || world->clock.now - seen > timeout_of(model, slot);

	if (!is_up(model, slot))
		return;
	if (expected->frozen && world->clock.now - expected->moved >= FROZEN_S) {
		expected->frozen = false;
		expected->count = 0;
	}
	if (expected->state == SLOT_DEAD)
		expect_look_dead(model, slot);
	if (expected->state == SLOT_STALE && !quiet && expected->asking != CONTEST &&
	    expected->asking != RECLAIM)
		speaks(model, expected, seen);
	if (expected->foreign) {
		if (expected->state == SLOT_STALE && !expected->asking)
			becomes(model, expected, SLOT_DYNAMIC, expected->mac);
		return;
	}
	if ((expected->state == SLOT_DYNAMIC && quiet) ||
	    (expected->state == SLOT_STALE && quiet && !expected->asking)) {
		becomes(model, expected, SLOT_STALE, expected->mac);
		begins_asking(model, slot, VERIFY);
	}
}

/* A person's word, or an outsider's write: no debt outlives it. */
static inline void is_stored(struct model *model, struct expected *expected, enum slot_state state,
                             struct mac mac, int64_t since)
{
	becomes(model, expected, state, mac);
	expected->since = since;
	expected->owed = expected->count = 0;
	expected->frozen = expected->foreign = expected->kept = false;
}

/* History says that another node's entry is gone: by that node's word, or not. */
static inline void is_taken_away(struct model *model, uint32_t slot, bool by_fleet, bool heard)
{
	struct expected *expected = &model->slot[slot];

	if (by_fleet && heard && expected->foreign && learns(slot) && !expected->frozen) {
		becomes(model, expected, SLOT_STALE, expected->mac);
		expected->since = 0;
		expected->previous = no_mac;
		expected->moved = expected->owed = expected->first_move = expected->count = 0;
		expected->foreign = false;
		expected->kept = true;
		model->kept++;
	} else {
		becomes(model, expected, SLOT_EMPTY, no_mac);
	}
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The model: what is expected of each address of three small segments, the numbers of these
 * addresses, and the changes that all rules share (model_rules.h). An address's number is also its
 * slot in IPv4. In IPv6 it has a slot while something is known of it, and any one.
 */
#ifndef TESTS_NEIGHBOUR_MODEL_H
#define TESTS_NEIGHBOUR_MODEL_H

#include "fixture.h"

#define SLOTS     40 /* 10.0.0.0/28 (passive), 10.1.0.0/29 (off), 10.2.0.0/28 (verified, sponge) */
#define HOLD_S    30 /* seconds: policy's */
#define RECLAIM_S 600
#define FROZEN_S  60

enum asking { NOT, MISS, VERIFY, CLAIM, CONTEST, RECLAIM, AGAIN };

struct expected {
	enum slot_state state;
	struct mac mac;
	bool sponged;
	unsigned failures; /* kept without a binding */
	uint32_t dead;     /* coarse seconds of the last failure */
	uint32_t minute;   /* since then, the minute of the count */
	uint32_t requests; /* in that minute */
	unsigned holders;  /* a bit for each */

	enum asking asking;
	struct mac claimant;
	bool answered;
	struct mac first;    /* PENDING: the first to reply */
	bool first_answered; /* with `both` */
	bool both;           /* another one did, too: it is the claimant now */
	bool all_asked;      /* CLAIM: by broadcast */
	uint64_t replied;    /* milliseconds */
	unsigned asks;
	uint64_t last_ask, hint;
	uint32_t seen; /* the slot's value when the query began */
	uint32_t round_ms;

	/* Of a binding. */
	int64_t since;
	struct mac previous;
	uint32_t moved, owed, first_move;
	unsigned count; /* of moves */
	bool frozen;
	bool foreign; /* another node's */
	bool kept;    /* STALE without an entry: it was another node's, and was heard here */

	/* These belong to the address, not to its binding. */
	bool fought, defended;
	uint32_t fought_at, defended_at;
	struct mac unheard; /* the last sender in the ten seconds after a conflict */
};

struct model {
	struct world *world;
	struct expected slot[SLOTS], before[SLOTS]; /* before: at the end of the last event */
	bool down[3];
	uint32_t up_since[3];
	struct mac sponge;
	uint32_t cursor;
	bool fleet;    /* other nodes have entries, too */
	unsigned kept; /* addresses of theirs */
	unsigned stations, moves, reclaims, duplicates, conflicts, invalid; /* alerts */
	unsigned changed[TASK_KINDS]; /* those that follow from the rules */
	unsigned defences, corrections, asks_read;
	uint32_t random;
};

static const struct mac no_mac;

static inline uint32_t pick(struct model *model, uint32_t below)
{
	model->random = model->random * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)(model->random >> 4) * below >> 28);
}

static inline unsigned segment_at(uint32_t slot)
{
	return slot < 16 ? 0 : slot < 24 ? 1 : 2;
}

static inline uint32_t address_of(uint32_t slot)
{
	static const uint32_t base[] = {0x0a000000u, 0x0a010000u - 16, 0x0a020000u - 24};

	return base[segment_at(slot)] + slot;
}

static inline bool is_host(uint32_t slot)
{
	bool first = slot == 0 || slot == 16 || slot == 24;

	return !first && (of_ipv6 || (slot != 15 && slot != 23 && slot != 39));
}

static inline bool learns(uint32_t slot)
{
	return segment_at(slot) != 1;
}

static inline bool verifies(uint32_t slot)
{
	return segment_at(slot) == 2;
}

static inline uint32_t timeout_of(const struct model *model, uint32_t slot)
{
	uint32_t timeout = segment_at(slot) == 1 ? 60 : 300;
	uint32_t up = model->world->clock.now - model->up_since[segment_at(slot)];

	return up < timeout ? up : timeout;
}

static inline uint8_t flags_of(uint32_t slot, const struct expected *expected)
{
	unsigned segment = segment_at(slot);

	switch (expected->state) {
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		if (expected->frozen)
			return SLOT_FROZEN;
		return segment == 1 ? 0 : SLOT_ANSWER;
	case SLOT_STATIC:
		return declared_flags(segment == 1 ? SLOT_ANSWER | SLOT_PROTECT : SLOT_ANSWER);
	case SLOT_LOCAL:
		return declared_flags(segment == 0 ? 0 : segment == 1 ? SLOT_PROTECT : SLOT_ANSWER);
	default:
		return expected->sponged ? SLOT_ANSWER | SLOT_SPONGE : 0;
	}
}

static inline bool durable(enum slot_state state)
{
	return state == SLOT_DYNAMIC || state == SLOT_STALE || state == SLOT_STATIC;
}

static inline bool silent(enum slot_state state)
{
	return state == SLOT_EMPTY || state == SLOT_PENDING || state == SLOT_DEAD;
}

static inline bool same_mac(struct mac a, struct mac b)
{
	return memcmp(a.octet, b.octet, 6) == 0;
}

static inline void becomes(struct model *model, struct expected *expected, enum slot_state state,
                           struct mac mac)
{
	const struct expected was = *expected;

	*expected = (struct expected){
	        .state = state,
	        .mac = mac,
	        .fought = was.fought,
	        .fought_at = was.fought_at,
	        .unheard = was.unheard,
	        .defended = was.defended,
	        .defended_at = was.defended_at,
	};
	if (durable(was.state) && durable(state) && same_mac(was.mac, mac)) {
		expected->since = was.since;
		expected->previous = was.previous;
		expected->moved = was.moved;
		expected->owed = was.owed;
		expected->first_move = was.first_move;
		expected->count = was.count;
		expected->frozen = was.frozen && state != SLOT_STATIC;
		expected->foreign = was.foreign;
		expected->kept = was.kept && state == SLOT_STALE;
	}
	if (silent(was.state) && silent(state)) {
		expected->failures = was.failures;
		expected->dead = was.dead;
		expected->holders = was.holders;
	} else if (silent(was.state)) {
		model->corrections += (unsigned)__builtin_popcount(was.holders);
	}
}

/* Without a slot: an empty one. */
static inline struct neigh_slot *slot_at(const struct model *model, uint32_t slot)
{
	static struct neigh_slot none;
	int64_t where = slot_if_any(model->world, address_of(slot));

	none = (struct neigh_slot){0};
	return where < 0 ? &none : &model->world->slots[where];
}

static inline void begins_asking(struct model *model, uint32_t slot, enum asking asking)
{
	model->slot[slot].asking = asking;
	model->slot[slot].seen = slot_at(model, slot)->seen;
}

static inline void stops_asking(struct expected *expected)
{
	expected->asking = NOT;
	expected->asks = 0;
	expected->last_ask = 0;
	expected->hint = 0;
	expected->answered = expected->first_answered = false;
	expected->both = expected->all_asked = false;
	expected->claimant = expected->first = no_mac;
}

static inline uint32_t back_off(unsigned failures)
{
	static const uint32_t seconds[] = {30, 60, 120, 240, 480, 600};

	return seconds[failures > 6 ? 5 : failures - 1];
}

static inline void found_dead(struct model *model, struct expected *expected)
{
	uint32_t now = model->world->clock.now;

	if (expected->failures && now - expected->dead > back_off(expected->failures) + 600)
		expected->failures = 0;
	expected->failures++;
	expected->dead = now;
	expected->minute = 0;
}

/* Two hosts are asked in turn: the owner, or the first to reply, and the claimant. */
static inline bool asks_two(const struct expected *expected)
{
	return expected->asking == CONTEST || expected->both;
}

static inline bool valid(struct mac mac)
{
	return !same_mac(mac, no_mac) && !(mac.octet[0] & 1);
}

static inline bool is_up(const struct model *model, uint32_t slot)
{
	return !model->down[segment_at(slot)];
}

#endif

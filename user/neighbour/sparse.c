/* SPDX-License-Identifier: MIT */
/*
 * The sparse slots: an IPv6 address has one while something is known of it. The slot is written
 * before the owner hears of the address's place, and empty before the owner hears that it is gone.
 * When all are taken, the address that is worth least gives its slot up: for a scan only one that
 * is dead, for a frame none that lives. Declared addresses, the host's own, and those about which
 * requests are out keep theirs.
 */
#include "neighbour/sparse.h"

#include <errno.h>
#include <stdlib.h>

#include "neighbour/dead.h"
#include "neighbour/holders.h"
#include "neighbour/limits.h"
#include "neighbour/queries.h"
#include "neighbour/recent.h"
#include "neighbour/record.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

/* How many slots are looked at for a frame's sake: 10 µs. */
#define LOOK_FOR_FRAME 4096
/* Of so many that are worth the same, the longest silent gives way. */
#define CANDIDATES 8
/* Of a MAC with too many addresses: one that spoke within so many seconds stays. */
#define OLDEST_SILENT 10

/* What an address is worth, and whose need takes its slot: the lowest first. */
enum worth { WORTH_NOTHING, WORTH_MEMORY, WORTH_DEAD, WORTH_STALE, WORTH_DYNAMIC, WORTH_ALL };

int sparse_init(struct neighbour *neighbour)
{
	struct sparse *sparse = &neighbour->sparse;
	uint32_t slots = neighbour->layout.sparse;
	uint64_t seed = (uint64_t)neighbour->random * UINT64_C(0x9e3779b97f4a7c15);

	sparse->from = slots ? layout_sparse_from(&neighbour->layout) : UINT32_MAX;
	if (!slots)
		return 0;
	sparse->placed = calloc(slots, sizeof(*sparse->placed));
	return sparse->placed ? places_init(&sparse->places, slots, seed) : -ENOMEM;
}

void sparse_free(struct neighbour *neighbour)
{
	places_clear(&neighbour->sparse.places);
	free(neighbour->sparse.placed);
}

/* --- looking ----------------------------------------------------------------------------------
 */

int64_t sparse_slot(const struct neighbour *neighbour, const struct layout_range *range,
                    struct address address)
{
	const struct sparse *sparse = &neighbour->sparse;
	uint32_t place;

	if (range->base != LAYOUT_SPARSE)
		return range->base + (int64_t)address_minus(address, range->prefix.network);
	place = places_find(&sparse->places, range->segment, address);
	return place == PLACES_NONE ? -1 : (int64_t)sparse->from + place;
}

/* --- given back -------------------------------------------------------------------------------
 */

void sparse_changed(struct neighbour *neighbour, const struct cause *cause, uint8_t before,
                    uint8_t after)
{
	struct sparse *sparse = &neighbour->sparse;
	uint8_t *placed = &sparse->placed[cause->slot - sparse->from];

	if (before != SLOT_EMPTY)
		sparse->count[before]--;
	if (after != SLOT_EMPTY)
		sparse->count[after]++;
	if (*placed || after == SLOT_EMPTY)
		return;
	*placed = true;
	if (neighbour->ops->placed)
		neighbour->ops->placed(neighbour->context, cause->slot, cause->segment,
		                       cause->address, true);
}

/* The slot is EMPTY. */
static void give_back(struct neighbour *neighbour, uint32_t slot)
{
	struct sparse *sparse = &neighbour->sparse;
	uint32_t place = slot - sparse->from;
	const struct place was = sparse->places.place[place];

	holders_forget(neighbour, slot);
	recent_forget(&neighbour->defended, slot);
	recent_forget(&neighbour->contested, slot);
	silence_put(neighbour, slot, (struct silence){0});
	if (sparse->placed[place] && neighbour->ops->placed)
		neighbour->ops->placed(neighbour->context, slot, was.segment, was.address, false);
	sparse->placed[place] = false;
	places_give_back(&sparse->places, place);
	limits_slots(neighbour);
}

/* EMPTY, and yet something is known of it: it was dead, or hosts have the sponge's MAC for it, or
 * it rests after a conflict, or a claimant has its turn after that. */
static bool is_remembered(const struct neighbour *neighbour, uint32_t slot,
                          const struct neighbour_clock *clock)
{
	return dead_is_remembered(neighbour, slot, clock->now) ||
	       silence_of(neighbour, slot).holders != 0 ||
	       rest_matters(neighbour, slot, clock->now);
}

void sparse_settle(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock)
{
	if (slot_is_sparse(neighbour, slot) && slot_is_taken(neighbour, slot) &&
	    !neighbour->shadow[slot] && !is_remembered(neighbour, slot, clock))
		give_back(neighbour, slot);
}

/* --- taken ------------------------------------------------------------------------------------
 */

static enum worth worth_of(const struct neighbour *neighbour, uint32_t slot)
{
	const struct query *query;

	switch (table_binding(neighbour, slot).state) {
	case SLOT_EMPTY:
		return WORTH_MEMORY;
	case SLOT_DEAD:
		return WORTH_DEAD;
	case SLOT_STALE:
		query = query_find(neighbour, slot);
		if (record_is_foreign(neighbour, slot) || (query && query->contest))
			return WORTH_ALL;
		return WORTH_STALE;
	case SLOT_DYNAMIC: /* its own node says when it ends */
		return record_is_foreign(neighbour, slot) ? WORTH_ALL : WORTH_DYNAMIC;
	default:
		return WORTH_ALL;
	}
}

/* The least that any address is worth, or less. */
static enum worth least_worth(const struct sparse *sparse)
{
	uint32_t known = 0;

	for (unsigned state = SLOT_EMPTY + 1; state < SLOT_STATES; state++)
		known += sparse->count[state];
	if (sparse->places.used > known)
		return WORTH_MEMORY;
	if (sparse->count[SLOT_DEAD])
		return WORTH_DEAD;
	return sparse->count[SLOT_STALE] ? WORTH_STALE : WORTH_DYNAMIC;
}

/* The longest silent of two that are worth the same gives way. */
static bool is_older(const struct neighbour *neighbour, uint32_t slot, uint32_t than, uint32_t now)
{
	return table_age(table_seen(neighbour, slot), now) >
	       table_age(table_seen(neighbour, than), now);
}

/* Of the next `look` slots, the one whose address is worth least, and not more than `most`; -1:
 * none. */
static int64_t find_victim(struct neighbour *neighbour, enum worth most, uint32_t look,
                           uint32_t now)
{
	unsigned candidates = 0;
	struct sparse *sparse = &neighbour->sparse;
	enum worth least = least_worth(sparse), best = WORTH_ALL;
	int64_t found = -1;

	if (least > most)
		return -1;
	if (look > sparse->places.room)
		look = sparse->places.room;
	for (; look && candidates < CANDIDATES; look--) {
		uint32_t slot = sparse->from + sparse->hand;
		enum worth worth;

		sparse->hand = (sparse->hand + 1) % sparse->places.room;
		if (!slot_is_taken(neighbour, slot))
			continue;
		worth = worth_of(neighbour, slot);
		if (worth > most || worth > best)
			continue;
		candidates = worth == best ? candidates + 1 : 1;
		if (worth < best || is_older(neighbour, slot, (uint32_t)found, now))
			found = slot;
		best = worth;
		if (best == least && best <= WORTH_DEAD)
			break;
	}
	return found;
}

static void evict(struct neighbour *neighbour, uint32_t slot, const char *trigger,
                  const struct neighbour_clock *clock)
{
	struct cause cause;

	table_cause(neighbour, &cause, EVICTED, slot, clock);
	cause.trigger = trigger;
	(void)machine_happen(neighbour, &cause);
	give_back(neighbour, slot);
}

static int64_t take(struct neighbour *neighbour, const struct layout_range *range,
                    struct address address, enum worth most, uint32_t look,
                    const struct neighbour_clock *clock)
{
	struct sparse *sparse = &neighbour->sparse;
	uint32_t place = places_take(&sparse->places, range->segment, address);
	struct neigh_slot *slot;
	int64_t victim;

	if (place == PLACES_NONE) {
		victim = find_victim(neighbour, most, look, clock->now);
		if (victim < 0)
			return -1;
		evict(neighbour, (uint32_t)victim, "no room", clock);
		place = places_take(&sparse->places, range->segment, address);
	}
	slot = &neighbour->slots[sparse->from + place];
	/* Another program may have written there meanwhile. */
	__atomic_store_n(&slot->binding, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&slot->seen, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&slot->used, 0, __ATOMIC_RELAXED);
	return (int64_t)sparse->from + place;
}

int64_t sparse_take(struct neighbour *neighbour, const struct layout_range *range,
                    struct address address, const struct neighbour_clock *clock)
{
	int64_t slot = sparse_slot(neighbour, range, address);

	return slot < 0 ? take(neighbour, range, address, WORTH_DYNAMIC, UINT32_MAX, clock) : slot;
}

/* What an address may be worth that loses its slot for an event about a new one: nothing, if the
 * event cannot lead to anything now. Then the rules refuse it, and count that. */
static enum worth worth_for(const struct neighbour *neighbour, unsigned segment,
                            enum neighbour_need need)
{
	enum queue_kind queue = need == NEIGHBOUR_ASKED ? QUEUE_RESOLVE : QUEUE_LEARN;
	bool waits =
	        need == NEIGHBOUR_ASKED || neighbour->policy[segment].learn == NEIGHBOUR_VERIFIED;

	if (waits && (neighbour->segment[segment].down || !queries_have_room(neighbour, queue)))
		return WORTH_NOTHING;
	return need == NEIGHBOUR_ASKED ? WORTH_DEAD : WORTH_STALE;
}

int64_t sparse_take_for(struct neighbour *neighbour, const struct layout_range *range,
                        struct address address, enum neighbour_need need,
                        const struct neighbour_clock *clock)
{
	enum worth worth = worth_for(neighbour, range->segment, need);

	return take(neighbour, range, address, worth, LOOK_FOR_FRAME, clock);
}

bool sparse_may_drop(const struct neighbour *neighbour, const struct cause *cause)
{
	return neighbour->sparse.swept != cause->clock->now;
}

bool sparse_drop_oldest(struct neighbour *neighbour, const struct cause *cause)
{
	struct sparse *sparse = &neighbour->sparse;
	uint32_t now = cause->clock->now, most = OLDEST_SILENT;
	int64_t oldest = -1;

	if (!sparse_may_drop(neighbour, cause))
		return false;
	sparse->swept = now;
	for (uint32_t i = 0; i < sparse->places.room; i++) {
		uint32_t slot = sparse->from + i, age;
		union binding binding = table_binding(neighbour, slot);

		if (!state_is_learned(binding.state) ||
		    !mac_equal(binding_mac(binding), cause->mac) ||
		    sparse->places.place[i].segment != cause->segment ||
		    worth_of(neighbour, slot) == WORTH_ALL)
			continue;
		age = table_age(table_seen(neighbour, slot), now);
		if (age <= most)
			continue;
		most = age;
		oldest = slot;
	}
	if (oldest >= 0)
		evict(neighbour, (uint32_t)oldest, "newer address", cause->clock);
	return oldest >= 0;
}

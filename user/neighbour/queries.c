/* SPDX-License-Identifier: MIT */
/*
 * Requests in flight: for unknown addresses (by broadcast), for bindings that fell silent (to their
 * last MAC), and for claims (to the claimant, and to the owner). Bounded in number, spaced as RFC
 * 5227 spaces probes, and never more than RESOLVE_PER_SECOND in any second. What a reply or silence
 * means is machine.c's.
 *
 * Three short arrays, walked: a few hundred queries cost about a microsecond, and no order is kept.
 */
#include "neighbour/queries.h"

#include <errno.h>
#include <stdlib.h>

#include "neighbour/notify.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

#define SECOND_MS 1000

/* Milliseconds until one more request may leave; 0: now. */
static uint64_t pace_wait(const struct pace *pace, uint64_t now_ms)
{
	if (pace->used < pace->limit)
		return 0;

	uint64_t passed = now_ms - pace->at[pace->next];

	return passed >= SECOND_MS ? 0 : SECOND_MS - passed;
}

static void pace_count(struct pace *pace, uint64_t now_ms)
{
	pace->at[pace->next] = now_ms;
	pace->next = (pace->next + 1) % pace->limit;
	if (pace->used < pace->limit)
		pace->used++;
}

/* xorshift (Marsaglia): spreads requests; nothing secret depends on it. */
static uint32_t spacing(struct neighbour *neighbour)
{
	uint32_t x = neighbour->random;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	neighbour->random = x;
	return RESOLVE_MIN_MS + x % (RESOLVE_MAX_MS - RESOLVE_MIN_MS + 1);
}

int queries_init(struct neighbour *neighbour)
{
	static const unsigned room[QUEUES] = {
	        [QUEUE_RESOLVE] = RESOLVE_AT_ONCE,
	        [QUEUE_VERIFY] = VERIFY_AT_ONCE,
	        [QUEUE_LEARN] = LEARN_AT_ONCE,
	};

	neighbour->pace.limit = RESOLVE_PER_SECOND - QUEUES * QUEUE_PER_SECOND;
	for (unsigned i = 0; i < QUEUES; i++) {
		struct queue *queue = &neighbour->queue[i];

		queue->room = room[i];
		queue->pace.limit = QUEUE_PER_SECOND;
		queue->query = calloc(queue->room, sizeof(*queue->query));
		queue->slot = calloc(queue->room, sizeof(*queue->slot));
		if (!queue->query || !queue->slot)
			return -ENOMEM;
	}
	return 0;
}

bool queries_have_room(const struct neighbour *neighbour, enum queue_kind kind)
{
	return neighbour->queue[kind].count < neighbour->queue[kind].room;
}

bool queries_may_begin(const struct neighbour *neighbour, const struct cause *cause,
                       enum queue_kind kind)
{
	return !neighbour->segment[cause->segment].down && queries_have_room(neighbour, kind);
}

static struct query *find_in(const struct queue *queue, uint32_t slot)
{
	for (unsigned i = 0; i < queue->count; i++) {
		if (queue->slot[i] == slot)
			return &queue->query[i];
	}
	return NULL;
}

static struct query *find(const struct neighbour *neighbour, uint32_t slot, enum queue_kind *kind)
{
	union binding binding = table_binding(neighbour, slot);
	struct query *query;

	switch (binding.state) {
	case SLOT_DEAD: /* resolved again only if it is sponged */
		*kind = QUEUE_RESOLVE;
		return binding.flags & SLOT_SPONGE ? find_in(&neighbour->queue[*kind], slot) : NULL;
	case SLOT_PENDING:
		*kind = QUEUE_RESOLVE;
		break;
	case SLOT_STALE:
		*kind = QUEUE_VERIFY;
		break;
	default:
		return NULL;
	}
	query = find_in(&neighbour->queue[*kind], slot);
	if (query)
		return query;
	*kind = QUEUE_LEARN;
	return find_in(&neighbour->queue[QUEUE_LEARN], slot);
}

struct query *query_find(const struct neighbour *neighbour, uint32_t slot)
{
	enum queue_kind kind;

	return find(neighbour, slot, &kind);
}

struct query query_take(struct neighbour *neighbour, uint32_t slot)
{
	enum queue_kind kind;
	struct query *query = find(neighbour, slot, &kind), taken;
	struct queue *queue;

	if (!query)
		return (struct query){0};
	queue = &neighbour->queue[kind];
	taken = *query;
	queue->count--;
	queue->slot[query - queue->query] = queue->slot[queue->count];
	*query = queue->query[queue->count];
	return taken;
}

void query_cancel(struct neighbour *neighbour, uint32_t slot)
{
	notify_end(neighbour, query_take(neighbour, slot).task);
}

/* Milliseconds until this queue may send one more, from its own share or the common one. */
static uint64_t may_send(const struct neighbour *neighbour, const struct queue *queue,
                         uint64_t now_ms)
{
	uint64_t all = pace_wait(&neighbour->pace, now_ms);
	uint64_t own = pace_wait(&queue->pace, now_ms);

	return all < own ? all : own;
}

static void send_request(struct neighbour *neighbour, struct queue *queue, uint32_t slot,
                         const struct mac *to, uint64_t now_ms)
{
	struct address address;
	const struct layout_range *range = table_place(neighbour, slot, &address);

	pace_count(pace_wait(&queue->pace, now_ms) ? &neighbour->pace : &queue->pace, now_ms);
	neighbour->ops->ask(neighbour->context, range->segment, address, to);
}

/* Requests go to two hosts in turn. */
static bool asks_two(const struct query *query)
{
	return query->contest && !query->reclaim;
}

static bool is_over(const struct query *query)
{
	return query->tries >= RESOLVE_TRIES * (asks_two(query) ? 2u : 1u);
}

bool query_is_silent(const struct query *query, uint64_t now_ms)
{
	return is_over(query) && query->due <= now_ms;
}

static void send_next(struct neighbour *neighbour, struct queue *queue, struct query *query,
                      uint64_t now_ms)
{
	union binding binding = table_binding(neighbour, query->slot);
	/* A contest: the owner, and in the same round the claimant. */
	bool replied = !mac_is_zero(query->first.mac);
	bool round = asks_two(query) && query->tries % 2 == 0;
	struct mac to = query->claim.mac;

	if (binding.state == SLOT_STALE && (round || !query->contest))
		to = binding_mac(binding);
	else if (replied && round)
		to = query->first.mac;
	else if (replied && !query->contest)
		to = (struct mac){0}; /* whether another host replies, too */
	query->tries++;
	query->sent = now_ms;
	if (!query->contest)
		query->due = now_ms + (replied ? DECIDE_MS : spacing(neighbour));
	else if (!round)
		query->due = now_ms + query->round_ms;
	send_request(neighbour, queue, query->slot, mac_is_zero(to) ? NULL : &to, now_ms);
}

void query_hint(struct neighbour *neighbour, struct query *query, const struct cause *cause)
{
	struct queue *queue = &neighbour->queue[QUEUE_LEARN]; /* a sender's share, not a miss's */
	uint64_t now_ms = cause->clock->now_ms;

	if (now_ms < query->hint || may_send(neighbour, queue, now_ms))
		return;
	query->hint = now_ms + RESOLVE_MIN_MS;
	send_request(neighbour, queue, query->slot, &cause->mac, now_ms);
}

/* The query with requests left that is due first. */
static struct query *first_due(const struct queue *queue)
{
	struct query *first = NULL;

	for (unsigned i = 0; i < queue->count; i++) {
		struct query *query = &queue->query[i];

		if (!is_over(query) && (!first || query->due < first->due))
			first = query;
	}
	return first;
}

void queries_send(struct neighbour *neighbour, struct queue *queue, uint64_t now_ms)
{
	struct query *query;

	while ((query = first_due(queue)) && query->due <= now_ms &&
	       !may_send(neighbour, queue, now_ms))
		send_next(neighbour, queue, query, now_ms);
}

void query_begin(struct neighbour *neighbour, const struct cause *cause, enum queue_kind kind,
                 const struct query *how)
{
	struct queue *queue = &neighbour->queue[kind];
	struct query *query = &queue->query[queue->count];
	uint64_t now_ms = cause->clock->now_ms;

	queue->slot[queue->count++] = cause->slot;
	*query = *how;
	query->slot = cause->slot;
	if (query->due < now_ms)
		query->due = now_ms;
	query->task = neighbour->ops->task_begin(neighbour->context, how->kind, cause->segment,
	                                         cause->address);
	queries_send(neighbour, queue, now_ms);
}

void query_resume(struct neighbour *neighbour, struct query *query, uint64_t now_ms)
{
	if (query->due < now_ms)
		query->due = now_ms;
	queries_send(neighbour,
	             &neighbour->queue[query->kind == TASK_RESOLVE ? QUEUE_RESOLVE : QUEUE_LEARN],
	             now_ms);
}

/* A verified host was silent for at least a second, or `seen` was set back by one, so a reply
 * always moves it. (Only an outsider that writes the whole slot moves it to 0.) */
bool query_has_spoken(const struct neighbour *neighbour, const struct query *query)
{
	uint32_t seen = table_seen(neighbour, query->slot);

	return table_binding(neighbour, query->slot).state == SLOT_STALE && seen &&
	       seen != query->seen;
}

uint64_t queries_wait(const struct neighbour *neighbour, const struct queue *queue, uint64_t now_ms)
{
	uint64_t wait = SECOND_MS;

	for (unsigned i = 0; i < queue->count; i++) {
		const struct query *query = &queue->query[i];
		uint64_t until = query->due > now_ms ? query->due - now_ms : 0;

		if (!until) /* due, and still here: the rate delays it */
			until = may_send(neighbour, queue, now_ms);
		if (until < wait)
			wait = until;
	}
	return wait;
}

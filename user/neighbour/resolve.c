/* SPDX-License-Identifier: MIT */
/*
 * Requests in flight: for addresses that nobody knows (to all), and for those that fell
 * silent (to their last MAC). Bounded in number, spaced as RFC 5227 spaces probes, and in
 * all never more than RESOLVE_PER_SECOND in any second. Never decides what an answer, or
 * silence, means: that is machine.c.
 *
 * Two short arrays, walked: a few hundred queries cost about a microsecond, and there is no
 * order to keep.
 */
#include <errno.h>
#include <stdlib.h>

#include "neighbour/internal.h"

#define SECOND_MS 1000

/* Milliseconds until one more may leave; 0: now. */
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

/* xorshift (Marsaglia): spreads requests, guards nothing. */
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
	};

	neighbour->pace.limit = RESOLVE_PER_SECOND;
	for (unsigned i = 0; i < QUEUES; i++) {
		struct queue *queue = &neighbour->queue[i];

		queue->room = room[i];
		queue->pace.limit = QUEUE_PER_SECOND;
		queue->query = calloc(queue->room, sizeof(*queue->query));
		if (!queue->query)
			return -ENOMEM;
	}
	return 0;
}

bool queries_have_room(const struct neighbour *neighbour, enum queue_kind kind)
{
	return neighbour->queue[kind].count < neighbour->queue[kind].room;
}

static struct query *find_in(const struct queue *queue, uint32_t slot)
{
	for (unsigned i = 0; i < queue->count; i++) {
		if (queue->query[i].slot == slot)
			return &queue->query[i];
	}
	return NULL;
}

struct query *query_find(const struct neighbour *neighbour, uint32_t slot)
{
	switch (table_binding(neighbour, slot).state) {
	case SLOT_PENDING:
		return find_in(&neighbour->queue[QUEUE_RESOLVE], slot);
	case SLOT_STALE:
		return find_in(&neighbour->queue[QUEUE_VERIFY], slot);
	default:
		return NULL;
	}
}

uint64_t query_take(struct neighbour *neighbour, uint32_t slot)
{
	struct query *query = query_find(neighbour, slot);

	if (!query)
		return 0;

	bool pending = table_binding(neighbour, slot).state == SLOT_PENDING;
	struct queue *queue = &neighbour->queue[pending ? QUEUE_RESOLVE : QUEUE_VERIFY];
	uint64_t task = query->task;

	*query = queue->query[--queue->count];
	return task;
}

void query_cancel(struct neighbour *neighbour, uint32_t slot)
{
	uint64_t task = query_take(neighbour, slot);

	if (task)
		neighbour->ops->task_end(neighbour->context, task);
}

static uint64_t may_send(const struct neighbour *neighbour, const struct queue *queue,
                         uint64_t now_ms)
{
	uint64_t all = pace_wait(&neighbour->pace, now_ms);
	uint64_t own = pace_wait(&queue->pace, now_ms);

	return all > own ? all : own;
}

static void send_request(struct neighbour *neighbour, struct queue *queue, struct query *query,
                         uint64_t now_ms)
{
	const struct layout_range *range = layout_range_of(&neighbour->layout, query->slot);
	uint32_t address = range->prefix.network + (query->slot - range->base);
	union binding binding = table_binding(neighbour, query->slot);
	struct mac last = binding_mac(binding);

	query->tries++;
	query->due = now_ms + spacing(neighbour);
	pace_count(&neighbour->pace, now_ms);
	pace_count(&queue->pace, now_ms);
	neighbour->ops->ask(neighbour->context, range->segment, address,
	                    binding.state == SLOT_STALE ? &last : NULL);
}

/* Of those with requests left, the one that is due first. */
static struct query *first_due(const struct queue *queue)
{
	struct query *first = NULL;

	for (unsigned i = 0; i < queue->count; i++) {
		struct query *query = &queue->query[i];

		if (query->tries < RESOLVE_TRIES && (!first || query->due < first->due))
			first = query;
	}
	return first;
}

/* Sends what is due, the longest waiting first, as far as the rate allows. */
static void send_due(struct neighbour *neighbour, struct queue *queue, uint64_t now_ms)
{
	struct query *query;

	while ((query = first_due(queue)) && query->due <= now_ms &&
	       !may_send(neighbour, queue, now_ms))
		send_request(neighbour, queue, query, now_ms);
}

void query_begin(struct neighbour *neighbour, const struct cause *cause, enum queue_kind kind,
                 enum task_kind task)
{
	struct queue *queue = &neighbour->queue[kind];
	uint64_t token = neighbour->ops->task_begin(neighbour->context, task, cause->segment,
	                                            cause->address);

	queue->query[queue->count++] = (struct query){
	        .slot = cause->slot,
	        .seen = table_seen(neighbour, cause->slot),
	        .due = cause->clock->now_ms,
	        .task = token,
	};
	send_due(neighbour, queue, cause->clock->now_ms);
}

/* What is verified was silent for a second at least, so an answer always moves `seen`. (To 0 moves
 * it only an outsider who writes the whole slot.) */
static bool has_spoken(const struct neighbour *neighbour, const struct query *query)
{
	uint32_t seen = table_seen(neighbour, query->slot);

	return seen && seen != query->seen;
}

/* What became of the queries: who spoke, and who was silent to the end. */
static void collect(struct neighbour *neighbour, enum queue_kind kind,
                    const struct neighbour_clock *clock)
{
	struct queue *queue = &neighbour->queue[kind];

	/* Backwards: a query that ends is replaced by the last, which was looked at already. */
	for (unsigned i = queue->count; i-- > 0;) {
		struct query *query = &queue->query[i];
		uint32_t slot = query->slot;
		bool spoke = kind == QUEUE_VERIFY && has_spoken(neighbour, query);
		struct cause cause;

		if (!spoke && (query->tries < RESOLVE_TRIES || query->due > clock->now_ms))
			continue;
		scan_reconcile(neighbour, slot, clock);
		if (!query_find(neighbour, slot))
			continue;
		table_cause(neighbour, &cause, spoke ? SPOKE : SILENT, slot, clock);
		(void)machine_happen(neighbour, &cause);
	}
}

/* When this queue wants to be looked at again. */
static uint64_t next_look(const struct neighbour *neighbour, const struct queue *queue,
                          uint64_t now_ms)
{
	uint64_t wait = SECOND_MS;

	for (unsigned i = 0; i < queue->count; i++) {
		const struct query *query = &queue->query[i];
		uint64_t until = query->due > now_ms ? query->due - now_ms : 0;

		if (!until) /* due, and still here: the rate holds it back */
			until = may_send(neighbour, queue, now_ms);
		if (until < wait)
			wait = until;
	}
	return wait;
}

uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	uint64_t wait = SECOND_MS;

	for (unsigned i = 0; i < QUEUES; i++)
		collect(neighbour, (enum queue_kind)i, clock);
	/* Resolving first: somebody waits for it. */
	for (unsigned i = 0; i < QUEUES; i++)
		send_due(neighbour, &neighbour->queue[i], clock->now_ms);
	for (unsigned i = 0; i < QUEUES; i++) {
		uint64_t until = next_look(neighbour, &neighbour->queue[i], clock->now_ms);

		if (until < wait)
			wait = until;
	}
	return wait ? (uint32_t)wait : 1;
}

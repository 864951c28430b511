/* SPDX-License-Identifier: MIT */
/* Paces announcements. struct announce_ops says which addresses. */
#include "ports/announce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ports/send.h"

#define ANNOUNCE_INTERVAL_MS 2000 /* RFC 5227 1.1 */
#define ANNOUNCE_ROUNDS      2    /* likewise: ANNOUNCE_NUM */

static int queue_push(struct announce_queue *queue, const struct announcement *item)
{
	if (queue->first > queue->count) {
		memmove(queue->item, queue->item + queue->first,
		        queue->count * sizeof(*queue->item));
		queue->first = 0;
	}
	if (array_reserve(&queue->item, &queue->room, queue->first + queue->count + 1))
		return -ENOMEM;
	queue->item[queue->first + queue->count++] = *item;
	return 0;
}

static struct announcement queue_pop(struct announce_queue *queue)
{
	queue->count--;
	return queue->item[queue->first++];
}

static void queue_forget(struct announce_queue *queue, unsigned segment)
{
	size_t kept = 0;

	for (size_t i = queue->first; i < queue->first + queue->count; i++)
		if (queue->item[i].segment != segment)
			queue->item[kept++] = queue->item[i];
	queue->first = 0;
	queue->count = kept;
}

static void send_singles(struct announcer *announcer, uint64_t now, unsigned *frames)
{
	for (size_t i = 0; i < announcer->singles && *frames;) {
		struct announcement item = announcer->single[i];

		if (item.due_ms > now) {
			i++;
			continue;
		}
		announcer->single[i] = announcer->single[--announcer->singles];
		ports_announce(announcer->ports, item.segment, item.address, item.owner);
		--*frames;
	}
}

static void send_queued(struct announcer *announcer, uint64_t now, unsigned *frames)
{
	for (unsigned round = 0; round < ANNOUNCE_ROUNDS; round++) {
		struct announce_queue *queue = &announcer->queue[round];

		while (queue->count && queue->item[queue->first].due_ms <= now && *frames) {
			struct announcement item = queue_pop(queue);

			if (!announcer->ops->holds(announcer->context, item.segment, item.address,
			                           &item.owner))
				continue;
			--*frames;
			ports_announce(announcer->ports, item.segment, item.address, item.owner);
			item.due_ms = now + ANNOUNCE_INTERVAL_MS;
			/* Out of memory: once is enough. */
			if (round == 0)
				(void)queue_push(&announcer->queue[1], &item);
		}
	}
}

static void send_sweep(struct announcer *announcer, unsigned segment, uint64_t now,
                       unsigned *frames)
{
	struct announce_sweep *sweep = &announcer->sweep[segment];
	struct announcement item;

	if (!sweep->rounds || sweep->due_ms > now)
		return;
	if (!sweep->cursor)
		sweep->begun_ms = now;
	while (*frames) {
		switch (announcer->ops->next(announcer->context, segment, &sweep->cursor,
		                             &item.address, &item.owner)) {
		case ANNOUNCE_FOUND:
			ports_announce(announcer->ports, segment, item.address, item.owner);
			--*frames;
			break;
		case ANNOUNCE_LATER:
			return;
		case ANNOUNCE_END:
			sweep->rounds--;
			sweep->cursor = 0;
			sweep->due_ms = sweep->begun_ms + ANNOUNCE_INTERVAL_MS;
			return;
		}
	}
}

static bool is_idle(const struct announcer *announcer)
{
	for (size_t s = 0; s < announcer->segments; s++)
		if (announcer->sweep[s].rounds)
			return false;
	return !announcer->singles && !announcer->queue[0].count && !announcer->queue[1].count;
}

static void on_timer(uv_timer_t *timer)
{
	struct announcer *announcer = timer->data;
	uint64_t now = uv_now(timer->loop);
	unsigned frames = PORTS_PACE_FRAMES;

	send_singles(announcer, now, &frames);
	send_queued(announcer, now, &frames);
	/* Each time another segment is first: a large one does not hold up the others. */
	for (size_t i = 0; i < announcer->segments; i++)
		send_sweep(announcer, (unsigned)((announcer->turn + i) % announcer->segments), now,
		           &frames);
	announcer->turn++;
	if (is_idle(announcer))
		uv_timer_stop(timer);
}

static void run(struct announcer *announcer)
{
	if (!uv_is_active((uv_handle_t *)&announcer->timer))
		uv_timer_start(&announcer->timer, on_timer, 0, PORTS_PACE_MS);
}

static int begin(struct announcer *announcer, struct ports *ports, struct fault *fault)
{
	const struct config *config = ports->config;
	const uv_loop_t *loop = announcer->timer.loop;

	announcer->ports = ports;
	announcer->sweep = calloc(config->segments, sizeof(*announcer->sweep));
	if (!announcer->sweep)
		return fault_set(fault, -ENOMEM, "out of memory");
	announcer->segments = config->segments;
	for (size_t s = 0; s < announcer->segments; s++) {
		struct announce_sweep *sweep = &announcer->sweep[s];

		sweep->every_ms = UINT64_C(1000) * config->segment[s].announce_every;
		sweep->next_ms = uv_now(loop) + sweep->every_ms;
	}
	return 0;
}

int announce_init(struct announcer *announcer, uv_loop_t *loop, struct ports *ports,
                  const struct announce_ops *ops, void *context, struct fault *fault)
{
	*announcer = (struct announcer){.ops = ops, .context = context};
	uv_timer_init(loop, &announcer->timer);
	announcer->timer.data = announcer;
	return begin(announcer, ports, fault);
}

int announce_restart(struct announcer *announcer, struct ports *ports, struct fault *fault)
{
	uv_timer_stop(&announcer->timer);
	announce_clear(announcer);
	return begin(announcer, ports, fault);
}

void announce_add(struct announcer *announcer, unsigned segment, struct address address)
{
	struct announcement item = {.segment = segment, .address = address};

	item.due_ms = uv_now(announcer->timer.loop);
	if (announcer->queue[0].count == ANNOUNCE_QUEUE_MAX ||
	    queue_push(&announcer->queue[0], &item))
		announce_all(announcer, segment);
	run(announcer);
}

void announce_all(struct announcer *announcer, unsigned segment)
{
	struct announce_sweep *sweep = &announcer->sweep[segment];

	for (unsigned round = 0; round < ANNOUNCE_ROUNDS; round++)
		queue_forget(&announcer->queue[round], segment);
	/* A sweep under way goes on: restarted at each flap of a link, it would never end. */
	sweep->rounds = ANNOUNCE_ROUNDS + (sweep->cursor != 0);
	if (!sweep->cursor)
		sweep->due_ms = uv_now(announcer->timer.loop);
	run(announcer);
}

void announce_beat(struct announcer *announcer)
{
	uint64_t now = uv_now(announcer->timer.loop);

	for (size_t s = 0; s < announcer->segments; s++) {
		struct announce_sweep *sweep = &announcer->sweep[s];

		if (!sweep->every_ms || now < sweep->next_ms)
			continue;
		sweep->next_ms = now + sweep->every_ms;
		if (sweep->rounds)
			continue; /* under way already */
		sweep->rounds = 1;
		sweep->due_ms = now;
		run(announcer);
	}
}

void announce_once(struct announcer *announcer, unsigned segment, struct address address,
                   struct mac owner, uint32_t delay_ms)
{
	if (announcer->singles == ANNOUNCE_SINGLE_MAX)
		return;
	announcer->single[announcer->singles++] = (struct announcement){
	        segment, address, owner, uv_now(announcer->timer.loop) + delay_ms};
	run(announcer);
}

void announce_clear(struct announcer *announcer)
{
	for (unsigned round = 0; round < ANNOUNCE_ROUNDS; round++)
		free(announcer->queue[round].item);
	free(announcer->sweep);
	memset(announcer->queue, 0, sizeof(announcer->queue));
	announcer->sweep = NULL;
	announcer->singles = announcer->segments = 0;
}

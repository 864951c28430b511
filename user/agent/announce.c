/* SPDX-License-Identifier: MIT */
/* Paces announcements. Which addresses are announced is decided elsewhere. */
#include "agent/announce.h"

#include <stdlib.h>

#define ANNOUNCE_INTERVAL_MS 2000 /* RFC 5227 1.1 */
#define PACE_MS              20
#define PACE_FRAMES          10 /* every PACE_MS: 500 a second */

static int queue_push(struct announce_queue *queue, const struct announcement *item)
{
	if (queue->count == queue->room) {
		size_t room = queue->room ? queue->room * 2 : 64;
		struct announcement *grown = malloc(room * sizeof(*grown));

		if (!grown)
			return -1;
		for (size_t i = 0; i < queue->count; i++)
			grown[i] = queue->item[(queue->first + i) % queue->room];
		free(queue->item);
		queue->item = grown;
		queue->first = 0;
		queue->room = room;
	}
	queue->item[(queue->first + queue->count++) % queue->room] = *item;
	return 0;
}

static struct announcement queue_pop(struct announce_queue *queue)
{
	struct announcement item = queue->item[queue->first];

	queue->first = (queue->first + 1) % queue->room;
	queue->count--;
	return item;
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

static void on_timer(uv_timer_t *timer)
{
	struct announcer *announcer = timer->data;
	uint64_t now = uv_now(timer->loop);
	unsigned frames = PACE_FRAMES;

	send_singles(announcer, now, &frames);
	for (unsigned round = 0; round < 2; round++) {
		struct announce_queue *queue = &announcer->queue[round];

		while (queue->count && queue->item[queue->first].due_ms <= now && frames) {
			struct announcement item = queue_pop(queue);

			frames--;
			ports_announce(announcer->ports, item.segment, item.address, item.owner);
			item.due_ms = now + ANNOUNCE_INTERVAL_MS;
			/* Out of memory: it was announced once, which is what matters. */
			if (round == 0)
				(void)queue_push(&announcer->queue[1], &item);
		}
	}
	if (!announcer->singles && !announcer->queue[0].count && !announcer->queue[1].count)
		uv_timer_stop(timer);
}

void announce_init(struct announcer *announcer, uv_loop_t *loop, struct ports *ports)
{
	*announcer = (struct announcer){.ports = ports};
	uv_timer_init(loop, &announcer->timer);
	announcer->timer.data = announcer;
}

static void run(struct announcer *announcer)
{
	if (!uv_is_active((uv_handle_t *)&announcer->timer))
		uv_timer_start(&announcer->timer, on_timer, 0, PACE_MS);
}

void announce_add(struct announcer *announcer, unsigned segment, uint32_t address, struct mac owner)
{
	struct announcement item = {segment, address, owner, uv_now(announcer->timer.loop)};

	if (!queue_push(&announcer->queue[0], &item))
		run(announcer);
}

void announce_once(struct announcer *announcer, unsigned segment, uint32_t address,
                   struct mac owner, uint32_t delay_ms)
{
	if (announcer->singles == ANNOUNCE_SINGLE_MAX)
		return;
	announcer->single[announcer->singles++] = (struct announcement){
	        segment, address, owner, uv_now(announcer->timer.loop) + delay_ms};
	run(announcer);
}

void announce_close(struct announcer *announcer)
{
	uv_close((uv_handle_t *)&announcer->timer, NULL);
	for (unsigned round = 0; round < 2; round++) {
		free(announcer->queue[round].item);
		announcer->queue[round] = (struct announce_queue){0};
	}
}

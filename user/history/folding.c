// SPDX-License-Identifier: MIT
/* Folds transitions that wait. Looks at addresses only, and decides nothing about when. */
#include "history/folding.h"

#include <stdlib.h>

#include "format/format.h"

/* Everything, for us alone. */
static struct message *take_all(struct queue *queue, size_t *count)
{
	struct message *first;

	uv_mutex_lock(&queue->lock);
	first = queue->first;
	*count = queue->count;
	queue->first = NULL;
	queue->last = &queue->first;
	queue->count = 0;
	uv_mutex_unlock(&queue->lock);
	return first;
}

/* Back in front of what has come meanwhile. */
static void put_back(struct queue *queue, struct message *first, struct message **last,
                     size_t count)
{
	uv_mutex_lock(&queue->lock);
	if (first) {
		*last = queue->first;
		if (!queue->first)
			queue->last = last;
		queue->first = first;
		queue->count += count;
	}
	uv_mutex_unlock(&queue->lock);
}

static bool is_change(const struct message *message)
{
	return message->kind == MESSAGE_RECORD || message->kind == MESSAGE_CHANGE;
}

/* Marks, from the newest on, those that no later one makes superfluous. */
static uint64_t drop_older(struct message **message, size_t count)
{
	struct addresses seen = {0};
	uint64_t dropped = 0;

	while (count > 0) {
		struct message *at = message[--count];
		const struct transition *transition = &at->transition;

		if (!is_change(at))
			continue;
		if (!at->done && addresses_have(&seen, transition->segment, transition->address)) {
			message_free(at);
			message[count] = NULL;
			dropped++;
		} else if (addresses_add(&seen, transition->segment, transition->address) < 0) {
			break;
		}
	}
	addresses_clear(&seen);
	return dropped;
}

uint64_t folding_run(struct queue *queue)
{
	struct message *first, **link = &first, **order;
	uint64_t dropped;
	size_t count, kept = 0;

	first = take_all(queue, &count);
	order = calloc(count + 1, sizeof(struct message *));
	if (!order) {
		while (*link)
			link = &(*link)->next;
		put_back(queue, first, link, count);
		return 0;
	}
	for (struct message *at = first; at; at = at->next)
		order[kept++] = at;
	dropped = drop_older(order, count);
	for (size_t i = 0; i < count; i++) {
		if (!order[i])
			continue;
		*link = order[i];
		link = &order[i]->next;
	}
	*link = NULL;
	put_back(queue, first, link, count - dropped);
	free(order);
	return dropped;
}

// SPDX-License-Identifier: MIT
/* Messages between two threads: a list under a lock. It never blocks longer than the lock. */
#include "history/mailbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/revert.h"

struct message *message_new(enum message_kind kind)
{
	struct message *message = calloc(1, sizeof(*message));

	if (message)
		message->kind = kind;
	return message;
}

void history_proposal_free(struct history_proposal *proposal)
{
	if (!proposal)
		return;
	for (size_t i = 0; i < proposal->items; i++) {
		struct history_item *item = &proposal->item[i];

		if (item->result != item->theirs && item->result != item->base)
			entry_free(item->result);
		if (proposal->arena)
			continue;
		/* What did not change stands there once. */
		if (item->theirs != item->base)
			entry_free(item->theirs);
		entry_free(item->base);
	}
	if (proposal->arena) {
		free(proposal->arena);
		return;
	}
	free(proposal->item);
	free((char *)proposal->source);
	free(proposal);
}

int history_set_result(struct history_item *item, const struct entry *result)
{
	if (result == item->theirs)
		item->result = item->theirs;
	else if (result == item->base)
		item->result = item->base;
	else
		item->result = entry_copy(result);
	return result && !item->result ? -ENOMEM : 0;
}

void message_free(struct message *message)
{
	if (!message)
		return;
	free(message->text);
	context_clear(&message->context);
	entry_free(message->transition.after);
	revert_free(message->revert);
	free(message->outcome);
	free(message);
}

int queue_init(struct queue *queue)
{
	*queue = (struct queue){.last = &queue->first};
	return uv_mutex_init(&queue->lock);
}

void queue_destroy(struct queue *queue)
{
	struct message *message;

	while ((message = queue_take(queue)))
		message_free(message);
	uv_mutex_destroy(&queue->lock);
}

void queue_set_wake(struct queue *queue, uv_async_t *wake)
{
	uv_mutex_lock(&queue->lock);
	queue->wake = wake;
	uv_mutex_unlock(&queue->lock);
}

void queue_put(struct queue *queue, struct message *message)
{
	message->next = NULL;
	uv_mutex_lock(&queue->lock);
	*queue->last = message;
	queue->last = &message->next;
	queue->count++;
	if (queue->wake)
		uv_async_send(queue->wake);
	uv_mutex_unlock(&queue->lock);
}

struct message *queue_take(struct queue *queue)
{
	struct message *message;

	uv_mutex_lock(&queue->lock);
	message = queue->first;
	if (message) {
		queue->first = message->next;
		if (!queue->first)
			queue->last = &queue->first;
		queue->count--;
	}
	uv_mutex_unlock(&queue->lock);
	return message;
}

void queue_return(struct queue *queue, struct message *message)
{
	uv_mutex_lock(&queue->lock);
	message->next = queue->first;
	queue->first = message;
	if (!message->next)
		queue->last = &message->next;
	queue->count++;
	uv_mutex_unlock(&queue->lock);
}

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

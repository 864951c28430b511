/* SPDX-License-Identifier: MIT */
/* A list, oldest first. */
#include "ledger/alertqueue.h"

#include <errno.h>
#include <stdlib.h>

void alertqueue_init(struct alertqueue *alerts)
{
	*alerts = (struct alertqueue){.count = 0};
	alerts->last = &alerts->first;
}

static void drop_first(struct alertqueue *alerts)
{
	struct post *post = alerts->first;

	alerts->first = post->next;
	if (!alerts->first)
		alerts->last = &alerts->first;
	if (alerts->unsent == post)
		alerts->unsent = post->next;
	alerts->count--;
	free(post);
}

void alertqueue_clear(struct alertqueue *alerts)
{
	while (alerts->first)
		drop_first(alerts);
}

int alertqueue_add(struct alertqueue *alerts, const struct history_alert *alert)
{
	const struct packet packet = {.kind = PACKET_ALERT, .alert = *alert};
	struct post *post = post_new(&packet);

	if (!post) {
		alerts->dropped++;
		return -ENOMEM;
	}
	*alerts->last = post;
	alerts->last = &post->next;
	if (!alerts->unsent)
		alerts->unsent = post;
	if (++alerts->count > ALERTS_WAITING) {
		drop_first(alerts);
		alerts->dropped++;
	}
	return 0;
}

void alertqueue_send(struct alertqueue *alerts, struct buffer *out)
{
	for (; alerts->unsent; alerts->unsent = alerts->unsent->next) {
		size_t length = out->length;

		buffer_append(out, alerts->unsent->frame, alerts->unsent->length);
		if (out->failed) {
			out->failed = false;
			out->length = length;
			return;
		}
		alerts->unsent->number = ++alerts->number;
	}
}

void alertqueue_recorded(struct alertqueue *alerts, uint64_t count)
{
	while (alerts->first && alerts->first->number && alerts->first->number <= count)
		drop_first(alerts);
}

void alertqueue_resume(struct alertqueue *alerts)
{
	for (struct post *post = alerts->first; post; post = post->next)
		post->number = 0;
	alerts->unsent = alerts->first;
	alerts->number = 0;
}

/* SPDX-License-Identifier: MIT */
/* One function for each kind of message; decode.c has their counterparts, in the same order. */
#include "protocol/encode.h"

#include <errno.h>

static void encode_open(struct buffer *buffer, const struct packet_open *open)
{
	put_u32(buffer, open->version);
	put_text(buffer, open->path);
	put_text(buffer, open->instance);
	put_text(buffer, open->control);
	put_text(buffer, open->program);
	put_text(buffer, open->pull);
	put_u32(buffer, open->interval_ms);
	put_u32(buffer, open->keep);
	put_u8(buffer, open->log_level);
	put_u8(buffer, open->resumed);
	put_u32(buffer, (uint32_t)open->segments);
	for (size_t s = 0; s < open->segments; s++) {
		const struct segment *segment = &open->segment[s];

		put_text(buffer, segment->name);
		put_u32(buffer, (uint32_t)segment->prefixes);
		for (size_t i = 0; i < segment->prefixes; i++) {
			put_u32(buffer, segment->prefix[i].network);
			put_u8(buffer, segment->prefix[i].length);
		}
	}
}

static void encode_change(struct buffer *buffer, const struct packet_change *change)
{
	const char *origin = NULL;

	put_u64(buffer, change->task);
	put_u8(buffer, change->wait);
	put_text(buffer, change->kind);
	put_text(buffer, change->context.interface);
	put_text(buffer, change->context.trigger);
	put_text(buffer, change->context.author);
	put_text(buffer, change->context.message);
	put_u32(buffer, change->segment);
	put_u32(buffer, change->address);
	put_u8(buffer, change->after != NULL);
	if (change->after)
		put_entry(buffer, change->after, &origin);
}

static void encode_revert(struct buffer *buffer, const struct history_revert *revert)
{
	put_text(buffer, revert->name);
	put_text(buffer, revert->author);
	put_text(buffer, revert->message);
	put_u32(buffer, (uint32_t)revert->commits);
	for (size_t i = 0; i < revert->commits; i++)
		put_text(buffer, revert->commit[i]);
}

static void encode_results(struct buffer *buffer, const struct packet_results *results)
{
	const char *origin = NULL;

	put_u32(buffer, (uint32_t)results->count);
	for (size_t i = 0; i < results->count; i++) {
		const struct packet_result *result = &results->result[i];

		put_u8(buffer, (uint8_t)result->how);
		put_u8(buffer, (uint8_t)result->choice);
		if (result->how == RESULT_ENTRY)
			put_entry(buffer, result->entry, &origin);
	}
}

static void encode_alert(struct buffer *buffer, const struct history_alert *alert)
{
	put_u64(buffer, (uint64_t)alert->time);
	put_text(buffer, alert->kind);
	put_text(buffer, alert->words);
	put_text(buffer, alert->segment);
	put_text(buffer, alert->interface);
	put_text(buffer, alert->vlan);
	put_text(buffer, alert->address);
	put_text(buffer, alert->mac);
	put_text(buffer, alert->other);
}

static void encode_loading(struct buffer *buffer, const struct packet_loading *loading)
{
	put_u64(buffer, loading->about);
	put_text(buffer, loading->applied);
	put_text(buffer, loading->tip);
	put_u32(buffer, (uint32_t)loading->count);
	for (size_t i = 0; i < loading->count; i++)
		put_text(buffer, loading->adopted[i]);
}

/* An item's `theirs` and `base`: 1 and 2; 4: they are one. */
static void encode_items(struct buffer *buffer, const struct packet_items *items)
{
	const char *origin = NULL;

	put_u32(buffer, (uint32_t)items->count);
	for (size_t i = 0; i < items->count; i++) {
		const struct history_item *item = &items->item[i];
		bool same = item->base && item->base == item->theirs;

		put_u32(buffer, item->segment);
		put_u32(buffer, item->address);
		put_u8(buffer,
		       (uint8_t)(same ? 1 | 4 : (item->theirs ? 1 : 0) | (item->base ? 2 : 0)));
		if (item->theirs)
			put_entry(buffer, item->theirs, &origin);
		if (item->base && !same)
			put_entry(buffer, item->base, &origin);
	}
}

static void encode_progress(struct buffer *buffer, const struct history_progress *progress)
{
	put_u64(buffer, progress->taken);
	put_text(buffer, progress->before);
	put_text(buffer, progress->applied);
	put_u32(buffer, (uint32_t)progress->tasks);
	for (size_t i = 0; i < progress->tasks; i++) {
		put_u64(buffer, progress->task[i].token);
		put_u64(buffer, progress->task[i].committed);
		put_text(buffer, progress->task[i].tip);
	}
}

static void encode_outcome(struct buffer *buffer, const struct packet_outcome *packet)
{
	put_u64(buffer, packet->number);
	put_u32(buffer, (uint32_t)-packet->outcome.status);
	put_text(buffer, packet->outcome.commit);
	put_u64(buffer, packet->outcome.applied);
	put_u64(buffer, packet->outcome.chosen);
	put_text(buffer, packet->outcome.text);
}

static void encode_status(struct buffer *buffer, const struct history_status *status)
{
	put_text(buffer, status->path);
	put_text(buffer, status->tip);
	put_text(buffer, status->applied);
	put_u64(buffer, status->commits);
	put_u64(buffer, status->queued);
	put_u64(buffer, (uint64_t)status->kept_since);
	put_u64(buffer, status->dropped);
	put_text(buffer, status->trouble);
	put_u64(buffer, status->alerts);
	put_u64(buffer, status->alerts_waiting);
	put_u64(buffer, status->alerts_dropped);
}

static void encode_values(struct buffer *buffer, const struct packet *packet)
{
	switch (packet->kind) {
	case PACKET_OPEN:
		encode_open(buffer, &packet->open);
		break;
	case PACKET_KEEP:
	case PACKET_CHANGE:
		encode_change(buffer, &packet->change);
		break;
	case PACKET_BEGIN:
	case PACKET_END:
		put_u64(buffer, packet->task.token);
		put_text(buffer, packet->task.kind);
		put_u8(buffer, packet->task.wait);
		break;
	case PACKET_MERGE:
		put_text(buffer, packet->branch);
		break;
	case PACKET_REVERT:
		encode_revert(buffer, &packet->revert);
		break;
	case PACKET_RESULTS:
		encode_results(buffer, &packet->results);
		break;
	case PACKET_ANSWER:
		put_u32(buffer, packet->answer.merged);
		put_u8(buffer, packet->answer.cancelled);
		break;
	case PACKET_ALERT:
		encode_alert(buffer, &packet->alert);
		break;
	case PACKET_CLOSE:
		put_u32(buffer, packet->close.timeout_ms);
		put_u8(buffer, packet->close.remove);
		break;
	case PACKET_PING:
	case PACKET_PONG:
	case PACKET_TAKEN:
		put_u64(buffer, packet->number);
		break;
	case PACKET_HELLO:
		put_u32(buffer, packet->version);
		break;
	case PACKET_FAILED:
	case PACKET_CLOSED:
		put_u32(buffer, (uint32_t)-packet->failed.error);
		put_text(buffer, packet->failed.text);
		break;
	case PACKET_LOADING:
		encode_loading(buffer, &packet->loading);
		break;
	case PACKET_CHUNK:
	case PACKET_ITEMS_OF:
		encode_items(buffer, &packet->items);
		break;
	case PACKET_PREPARED:
	case PACKET_DURABLE:
		encode_progress(buffer, &packet->progress);
		break;
	case PACKET_DONE:
		put_u64(buffer, packet->done.number);
		put_u32(buffer, (uint32_t)-packet->done.status);
		put_text(buffer, packet->done.commit);
		break;
	case PACKET_OUTCOME:
		encode_outcome(buffer, &packet->outcome);
		break;
	case PACKET_PROPOSE:
		put_u32(buffer, packet->propose.items);
		put_u8(buffer, packet->propose.undo);
		put_text(buffer, packet->propose.source);
		break;
	case PACKET_NOTICE:
		put_text(buffer, packet->notice);
		break;
	case PACKET_STATUS:
		encode_status(buffer, &packet->status);
		break;
	case PACKET_LOADED:
	case PACKET_MARK:
	case PACKET_READ:
		break;
	}
}

int packet_encode(struct buffer *buffer, const struct packet *packet)
{
	size_t start = buffer->length;
	int error = -ENOMEM;

	put_u32(buffer, 0);
	put_u32(buffer, (uint32_t)packet->kind);
	encode_values(buffer, packet);
	if (!buffer->failed && buffer->length - start - PACKET_HEAD <= PACKET_MAX) {
		put_u32_at(buffer, start, (uint32_t)(buffer->length - start - PACKET_HEAD));
		return 0;
	}
	if (!buffer->failed)
		error = -EMSGSIZE;
	buffer->length = start;
	buffer->failed = false;
	return error;
}

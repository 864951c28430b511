/* SPDX-License-Identifier: MIT */
/* One function for each kind of message; decode.c has their counterparts, in the same order. What
 * the keeper's clients chose is bounded here as it is there: a post that no recorder accepts would
 * end each of them, and nothing behind it would be recorded. */
#include "protocol/encode.h"

#include <errno.h>
#include <string.h>

static void put_text(struct buffer *buffer, const char *text, size_t most)
{
	if (text && strlen(text) > most)
		buffer->failed = true;
	else
		buffer_text(buffer, text);
}

static void put_path(struct buffer *buffer, const char *text)
{
	put_text(buffer, text, PACKET_PATH);
}

static void put_word(struct buffer *buffer, const char *text)
{
	put_text(buffer, text, PACKET_WORD);
}

static void put_kind(struct buffer *buffer, const char *kind)
{
	buffer->failed |= kind && !task_kind_is_valid(kind);
	buffer_text(buffer, kind);
}

static void encode_open(struct buffer *buffer, const struct packet_open *open)
{
	buffer_u32(buffer, open->version);
	put_path(buffer, open->path);
	put_word(buffer, open->instance);
	put_path(buffer, open->control);
	put_path(buffer, open->program);
	put_path(buffer, open->pull);
	put_path(buffer, open->archive);
	put_word(buffer, open->node);
	buffer_u32(buffer, open->interval_ms);
	buffer_u32(buffer, open->keep);
	buffer_u32(buffer, open->guard);
	buffer_u8(buffer, open->log_level);
	buffer_u8(buffer, open->resumed);
	buffer_u32(buffer, (uint32_t)open->segments);
	for (size_t s = 0; s < open->segments; s++) {
		const struct segment *segment = &open->segment[s];

		buffer_text(buffer, segment->name);
		buffer_u32(buffer, (uint32_t)segment->prefixes);
		for (size_t i = 0; i < segment->prefixes; i++) {
			buffer_address(buffer, segment->prefix[i].network);
			buffer_u8(buffer, segment->prefix[i].length);
		}
	}
	put_word(buffer, open->fleet.node);
	if (!open->fleet.node)
		return;
	buffer_u32(buffer, open->fleet.poll_ms);
	buffer_append(buffer, open->fleet.share, open->segments);
}

static void encode_change(struct buffer *buffer, const struct packet_change *change)
{
	const char *origin = NULL;

	buffer_u64(buffer, change->task);
	buffer_u8(buffer, change->wait);
	put_kind(buffer, change->kind);
	put_word(buffer, change->context.interface);
	put_word(buffer, change->context.trigger);
	put_word(buffer, change->context.author);
	put_word(buffer, change->context.message);
	buffer_u32(buffer, change->segment);
	buffer_address(buffer, change->address);
	buffer_u8(buffer, change->after != NULL);
	if (change->after)
		buffer_entry(buffer, change->after, &origin);
}

static void encode_revert(struct buffer *buffer, const struct history_revert *revert)
{
	put_word(buffer, revert->name);
	put_word(buffer, revert->author);
	put_word(buffer, revert->message);
	buffer_u32(buffer, revert->confirmed);
	buffer_u8(buffer, revert->retire);
	buffer_u32(buffer, (uint32_t)revert->commits);
	for (size_t i = 0; i < revert->commits; i++)
		put_text(buffer, revert->commit[i], COMMIT_TEXT - 1);
}

static void encode_results(struct buffer *buffer, const struct packet_results *results)
{
	const char *origin = NULL;

	buffer_u32(buffer, (uint32_t)results->count);
	for (size_t i = 0; i < results->count; i++) {
		const struct packet_result *result = &results->result[i];

		buffer_u8(buffer, (uint8_t)result->how);
		buffer_u8(buffer, (uint8_t)result->choice);
		if (result->how == RESULT_ENTRY)
			buffer_entry(buffer, result->entry, &origin);
	}
}

static void encode_alert(struct buffer *buffer, const struct history_alert *alert)
{
	buffer_u64(buffer, (uint64_t)alert->time);
	put_word(buffer, alert->kind);
	put_word(buffer, alert->words);
	put_word(buffer, alert->segment);
	put_word(buffer, alert->interface);
	put_word(buffer, alert->vlan);
	put_word(buffer, alert->address);
	put_word(buffer, alert->mac);
	put_word(buffer, alert->other);
}

static void encode_loading(struct buffer *buffer, const struct packet_loading *loading)
{
	buffer_u64(buffer, loading->about);
	buffer_text(buffer, loading->applied);
	buffer_text(buffer, loading->tip);
	buffer_u32(buffer, (uint32_t)loading->count);
	for (size_t i = 0; i < loading->count; i++)
		buffer_text(buffer, loading->adopted[i]);
}

/* An item's `theirs` and `base`: 1 and 2; 4: they are one. 8: foreign. */
static void encode_items(struct buffer *buffer, const struct packet_items *items)
{
	const char *origin = NULL;

	buffer_u32(buffer, (uint32_t)items->count);
	for (size_t i = 0; i < items->count; i++) {
		const struct history_item *item = &items->item[i];
		bool same = item->base && item->base == item->theirs;
		uint8_t has = same ? 1 | 4 : (item->theirs ? 1 : 0) | (item->base ? 2 : 0);

		buffer_u32(buffer, item->segment);
		buffer_address(buffer, item->address);
		buffer_u8(buffer, has | (item->foreign ? 8 : 0));
		if (item->theirs)
			buffer_entry(buffer, item->theirs, &origin);
		if (item->base && !same)
			buffer_entry(buffer, item->base, &origin);
	}
}

static void encode_progress(struct buffer *buffer, const struct history_progress *progress)
{
	buffer_u64(buffer, progress->taken);
	buffer_text(buffer, progress->before);
	buffer_text(buffer, progress->applied);
	buffer_u32(buffer, (uint32_t)progress->tasks);
	for (size_t i = 0; i < progress->tasks; i++) {
		buffer_u64(buffer, progress->task[i].token);
		buffer_u64(buffer, progress->task[i].committed);
		buffer_text(buffer, progress->task[i].tip);
	}
}

static void encode_outcome(struct buffer *buffer, const struct packet_outcome *packet)
{
	buffer_u64(buffer, packet->number);
	buffer_u32(buffer, (uint32_t)-packet->outcome.status);
	buffer_text(buffer, packet->outcome.commit);
	buffer_u64(buffer, packet->outcome.applied);
	buffer_u64(buffer, packet->outcome.chosen);
	buffer_text(buffer, packet->outcome.text);
}

static void encode_status(struct buffer *buffer, const struct history_status *status)
{
	buffer_text(buffer, status->path);
	buffer_text(buffer, status->tip);
	buffer_text(buffer, status->applied);
	buffer_u64(buffer, status->commits);
	buffer_u64(buffer, status->queued);
	buffer_u64(buffer, (uint64_t)status->kept_since);
	buffer_u64(buffer, status->dropped);
	buffer_text(buffer, status->trouble);
	buffer_u64(buffer, status->alerts);
	buffer_u64(buffer, status->alerts_waiting);
	buffer_u64(buffer, status->alerts_dropped);
	buffer_u64(buffer, status->fleet.nodes);
	buffer_u64(buffer, status->fleet.claims);
	buffer_u64(buffer, status->fleet.waiting);
	buffer_u64(buffer, status->fleet.overruled);
	buffer_u64(buffer, status->fleet.published);
	buffer_u8(buffer, status->all_inside);
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
		buffer->failed |= packet->task.token == 0;
		buffer_u64(buffer, packet->task.token);
		put_kind(buffer, packet->task.kind);
		buffer_u8(buffer, packet->task.wait);
		break;
	case PACKET_MERGE:
		put_path(buffer, packet->merge.branch);
		buffer_u32(buffer, packet->merge.confirmed);
		break;
	case PACKET_REVERT:
		encode_revert(buffer, &packet->revert);
		break;
	case PACKET_RESULTS:
		encode_results(buffer, &packet->results);
		break;
	case PACKET_ANSWER:
		buffer_u32(buffer, packet->answer.merged);
		buffer_u8(buffer, packet->answer.cancelled);
		break;
	case PACKET_RAISED:
	case PACKET_ALERT:
		encode_alert(buffer, &packet->alert);
		break;
	case PACKET_CLOSE:
		buffer_u32(buffer, packet->close.timeout_ms);
		buffer_u8(buffer, packet->close.remove);
		break;
	case PACKET_PING:
	case PACKET_PONG:
	case PACKET_TAKEN:
		buffer_u64(buffer, packet->number);
		break;
	case PACKET_HELLO:
		buffer_u32(buffer, packet->version);
		break;
	case PACKET_FAILED:
	case PACKET_CLOSED:
		buffer_u32(buffer, (uint32_t)-packet->failed.error);
		buffer_text(buffer, packet->failed.text);
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
		buffer_u64(buffer, packet->done.number);
		buffer_u32(buffer, (uint32_t)-packet->done.status);
		buffer_text(buffer, packet->done.commit);
		break;
	case PACKET_OUTCOME:
		encode_outcome(buffer, &packet->outcome);
		break;
	case PACKET_PROPOSE:
		buffer_u32(buffer, packet->propose.items);
		buffer_u8(buffer, packet->propose.undo);
		buffer_text(buffer, packet->propose.source);
		break;
	case PACKET_LOST:
	case PACKET_WARNING:
	case PACKET_NOTICE:
		buffer_text(buffer, packet->notice);
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

	buffer_u32(buffer, 0);
	buffer_u32(buffer, (uint32_t)packet->kind);
	encode_values(buffer, packet);
	if (!buffer->failed && buffer->length - start - PACKET_HEAD <= PACKET_MAX) {
		buffer_u32_at(buffer, start, (uint32_t)(buffer->length - start - PACKET_HEAD));
		return 0;
	}
	if (!buffer->failed)
		error = -EMSGSIZE;
	buffer->length = start;
	buffer->failed = false;
	return error;
}

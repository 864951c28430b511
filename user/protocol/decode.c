/* SPDX-License-Identifier: MIT */
/* One function for each kind of message; encode.c has their counterparts, in the same order. */
#include "protocol/decode.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/cursor.h"

#define ITEM_BYTES   10 /* the least that an item takes */
#define RESULT_BYTES 2
#define PREFIX_BYTES 6

struct decoder {
	struct cursor cursor;
	const struct packet_source *source;
	struct packet *packet;
	bool no_memory;
};

/* Zeroed, freed with the packet; one for each packet. NULL: none wanted, or none left. */
static void *room_for(struct decoder *decoder, size_t count, size_t size)
{
	if (decoder->cursor.bad || count == 0)
		return NULL;
	decoder->packet->memory = calloc(count, size);
	decoder->no_memory = !decoder->packet->memory;
	decoder->cursor.bad |= decoder->no_memory;
	return decoder->packet->memory;
}

static void decode_place(struct decoder *decoder, unsigned *segment, struct address *address)
{
	const struct packet_source *source = decoder->source;

	*segment = get_u32(&decoder->cursor);
	*address = get_address(&decoder->cursor);
	if (*segment < source->segments && segment_has_host(&source->segment[*segment], *address))
		return;
	decoder->cursor.bad = true;
	*segment = 0;
	*address = (struct address){0};
}

/* Behind the segments. */
static void decode_fleet(struct decoder *decoder, struct packet_open *open)
{
	struct cursor *cursor = &decoder->cursor;
	uint8_t *share;

	open->fleet.node = get_text(cursor, NODE_NAME_MAX);
	if (!open->fleet.node)
		return;
	open->fleet.poll_ms = get_u32(cursor);
	cursor->bad |= !node_name_is_valid(open->fleet.node) || open->fleet.poll_ms == 0;
	share = room_for(decoder, open->segments, 1);
	open->fleet.share = share;
	for (size_t s = 0; share && s < open->segments; s++) {
		share[s] = get_u8(cursor);
		cursor->bad |= share[s] > SHARE_OFF;
	}
}

static void decode_open(struct decoder *decoder, struct packet_open *open)
{
	struct cursor *cursor = &decoder->cursor;
	struct segment *list;
	size_t segments;

	open->version = get_u32(cursor);
	open->path = get_needed(cursor, PACKET_PATH);
	open->instance = get_needed(cursor, PACKET_WORD);
	open->control = get_needed(cursor, PACKET_PATH);
	open->program = get_text(cursor, PACKET_PATH);
	open->pull = get_text(cursor, PACKET_PATH);
	open->archive = get_text(cursor, PACKET_PATH);
	open->node = get_text(cursor, NODE_NAME_MAX);
	cursor->bad |= open->node && !node_name_is_valid(open->node);
	open->interval_ms = get_u32(cursor);
	open->keep = get_u32(cursor);
	open->guard = get_u32(cursor);
	open->log_level = get_u8(cursor);
	open->resumed = get_bool(cursor);
	cursor->bad |= open->log_level > LOG_LEVEL_DEBUG;
	segments = get_count(cursor, 8);
	list = cursor->bad ? NULL : calloc(segments + 1, sizeof(*list));
	if (!list) {
		decoder->no_memory = !cursor->bad;
		cursor->bad = true;
		return;
	}
	open->segment = list;
	for (open->segments = 0; open->segments < segments && !cursor->bad;) {
		struct segment *segment = &list[open->segments++];
		const char *name = get_needed(cursor, SEGMENT_NAME_MAX);
		size_t prefixes = get_count(cursor, PREFIX_BYTES);

		cursor->bad |= !name || !segment_name_is_valid(name);
		segment->name = cursor->bad ? NULL : strdup(name);
		for (size_t i = 0; i < prefixes && !cursor->bad; i++) {
			struct prefix prefix = {.network = get_address(cursor)};

			prefix.length = get_u8(cursor);
			if (!prefix_is_valid(prefix) || segment_add_prefix(segment, prefix) < 0)
				cursor->bad = true;
		}
	}
	decode_fleet(decoder, open);
}

static void decode_change(struct decoder *decoder, struct packet_change *change)
{
	struct cursor *cursor = &decoder->cursor;
	char *origin = NULL;

	change->task = get_u64(cursor);
	change->wait = get_bool(cursor);
	change->kind = get_kind(cursor);
	change->context.interface = get_text(cursor, PACKET_WORD);
	change->context.trigger = get_text(cursor, PACKET_WORD);
	change->context.author = get_text(cursor, PACKET_WORD);
	change->context.message = get_text(cursor, PACKET_WORD);
	decode_place(decoder, &change->segment, &change->address);
	/* A change of no task is one of its own, of some kind. */
	cursor->bad |= decoder->packet->kind == PACKET_CHANGE && !change->kind && !change->task;
	if (!get_bool(cursor))
		return;
	change->after = room_for(decoder, 1, sizeof(*change->after));
	if (change->after)
		get_entry(cursor, change->after, &origin);
}

static void decode_revert(struct decoder *decoder, struct history_revert *revert)
{
	struct cursor *cursor = &decoder->cursor;
	const char **commit;

	revert->name = get_needed(cursor, PACKET_WORD);
	revert->author = get_text(cursor, PACKET_WORD);
	revert->message = get_text(cursor, PACKET_WORD);
	revert->confirmed = get_u32(cursor);
	revert->retire = get_bool(cursor);
	revert->commits = get_count(cursor, 3);
	commit = room_for(decoder, revert->commits, sizeof(*commit));
	revert->commit = commit;
	for (size_t i = 0; i < revert->commits && !cursor->bad; i++)
		commit[i] = get_needed(cursor, COMMIT_TEXT - 1);
}

static void decode_results(struct decoder *decoder, struct packet_results *results)
{
	const size_t size = sizeof(struct packet_result) + sizeof(struct entry);
	struct cursor *cursor = &decoder->cursor;
	char *origin = NULL;
	struct entry *entry;

	results->count = get_count(cursor, RESULT_BYTES);
	cursor->bad |= results->count > PACKET_ITEMS;
	results->result = room_for(decoder, results->count, size);
	if (!results->result)
		return;
	entry = (struct entry *)(results->result + results->count);
	for (size_t i = 0; i < results->count && !cursor->bad; i++) {
		struct packet_result *result = &results->result[i];
		uint8_t how = get_u8(cursor), choice = get_u8(cursor);

		if (how > RESULT_ENTRY || choice > MERGE_REFUSED) {
			cursor->bad = true;
			return;
		}
		result->how = how;
		result->choice = (enum merge_choice)choice;
		if (how == RESULT_ENTRY) {
			result->entry = &entry[i];
			get_entry(cursor, result->entry, &origin);
		}
	}
}

static void decode_alert(struct decoder *decoder, struct history_alert *alert)
{
	struct cursor *cursor = &decoder->cursor;

	alert->time = (int64_t)get_u64(cursor);
	alert->kind = get_needed(cursor, PACKET_WORD);
	alert->words = get_needed(cursor, PACKET_WORD);
	alert->segment = get_text(cursor, PACKET_WORD);
	alert->interface = get_text(cursor, PACKET_WORD);
	alert->vlan = get_text(cursor, PACKET_WORD);
	alert->address = get_text(cursor, PACKET_WORD);
	alert->mac = get_text(cursor, PACKET_WORD);
	alert->other = get_text(cursor, PACKET_WORD);
}

static void decode_raised(struct decoder *decoder, struct history_alert *alert)
{
	struct cursor *cursor = &decoder->cursor;

	alert->time = (int64_t)(get_u64(cursor) & UINT32_MAX);
	alert->kind = get_kind(cursor);
	alert->words = get_line(cursor, PACKET_WORD);
	alert->segment = get_line(cursor, PACKET_WORD);
	alert->interface = get_line(cursor, PACKET_WORD);
	alert->vlan = get_line(cursor, PACKET_WORD);
	alert->address = get_line(cursor, PACKET_WORD);
	alert->mac = get_line(cursor, PACKET_WORD);
	alert->other = get_line(cursor, PACKET_WORD);
	cursor->bad |= !alert->kind || !alert->words;
}

static void decode_loading(struct decoder *decoder, struct packet_loading *loading)
{
	struct cursor *cursor = &decoder->cursor;

	loading->about = get_u64(cursor);
	get_commit(cursor, loading->applied);
	get_commit(cursor, loading->tip);
	loading->count = get_count(cursor, 3);
	cursor->bad |= loading->count > PACKET_TASKS;
	loading->adopted = room_for(decoder, loading->count, sizeof(*loading->adopted));
	for (size_t i = 0; i < loading->count && !cursor->bad; i++)
		get_commit(cursor, loading->adopted[i]);
}

/* The items, and behind them two entries for each. */
static void decode_items(struct decoder *decoder, struct packet_items *items)
{
	const size_t size = sizeof(struct history_item) + 2 * sizeof(struct entry);
	struct cursor *cursor = &decoder->cursor;
	struct entry *entry;
	char *origin = NULL;

	items->count = get_count(cursor, ITEM_BYTES);
	cursor->bad |= items->count > PACKET_ITEMS;
	items->item = room_for(decoder, items->count, size);
	if (!items->item)
		return;
	entry = (struct entry *)(items->item + items->count);
	for (size_t i = 0; i < items->count && !cursor->bad; i++) {
		struct history_item *item = &items->item[i];
		uint8_t has;

		decode_place(decoder, &item->segment, &item->address);
		has = get_u8(cursor);
		item->foreign = has & 8;
		cursor->bad |= has > 15 || (has & 7) > 5 || (has & 7) == 4;
		if (has & 1) {
			item->theirs = entry++;
			get_entry(cursor, item->theirs, &origin);
		}
		if (has & 2) {
			item->base = entry++;
			get_entry(cursor, item->base, &origin);
		} else if (has & 4) {
			item->base = item->theirs;
		}
	}
}

static void decode_progress(struct decoder *decoder, struct history_progress *progress)
{
	struct cursor *cursor = &decoder->cursor;

	progress->taken = get_u64(cursor);
	get_commit(cursor, progress->before);
	get_commit(cursor, progress->applied);
	progress->tasks = get_count(cursor, 19);
	cursor->bad |= progress->tasks > PACKET_TASKS;
	progress->task = room_for(decoder, progress->tasks, sizeof(*progress->task));
	for (size_t i = 0; i < progress->tasks && !cursor->bad; i++) {
		progress->task[i].token = get_u64(cursor);
		progress->task[i].committed = get_u64(cursor);
		get_commit(cursor, progress->task[i].tip);
	}
}

static void decode_outcome(struct decoder *decoder, struct packet_outcome *packet)
{
	struct cursor *cursor = &decoder->cursor;

	packet->number = get_u64(cursor);
	packet->outcome.status = get_error(cursor);
	get_commit(cursor, packet->outcome.commit);
	packet->outcome.applied = get_u64(cursor) & INT32_MAX;
	packet->outcome.chosen = get_u64(cursor) & INT32_MAX;
	get_said(cursor, packet->outcome.text, sizeof(packet->outcome.text));
}

static void decode_status(struct decoder *decoder, struct history_status *status)
{
	struct cursor *cursor = &decoder->cursor;

	get_said(cursor, status->path, sizeof(status->path));
	get_commit(cursor, status->tip);
	get_commit(cursor, status->applied);
	status->commits = get_u64(cursor) & INT64_MAX;
	status->queued = get_u64(cursor) & INT64_MAX;
	status->kept_since = (int64_t)(get_u64(cursor) & UINT32_MAX);
	status->dropped = get_u64(cursor) & INT64_MAX;
	get_said(cursor, status->trouble, sizeof(status->trouble));
	status->alerts = get_u64(cursor) & INT64_MAX;
	status->alerts_waiting = get_u64(cursor) & INT64_MAX;
	status->alerts_dropped = get_u64(cursor) & INT64_MAX;
	status->fleet.nodes = get_u64(cursor) & INT64_MAX;
	status->fleet.claims = get_u64(cursor) & INT64_MAX;
	status->fleet.waiting = get_u64(cursor) & INT64_MAX;
	status->fleet.overruled = get_u64(cursor) & INT64_MAX;
	status->fleet.published = get_u64(cursor) & INT64_MAX;
	status->all_inside = get_bool(cursor);
}

static void decode_keeper(struct decoder *decoder, struct packet *packet)
{
	struct cursor *cursor = &decoder->cursor;

	switch (packet->kind) {
	case PACKET_OPEN:
		decode_open(decoder, &packet->open);
		break;
	case PACKET_KEEP:
	case PACKET_CHANGE:
		decode_change(decoder, &packet->change);
		break;
	case PACKET_BEGIN:
	case PACKET_END:
		packet->task.token = get_u64(cursor);
		packet->task.kind = get_kind(cursor);
		packet->task.wait = get_bool(cursor);
		/* 0 stands for no task: changes of none would become changes of that one. */
		cursor->bad |= packet->task.token == 0 ||
		               (packet->kind == PACKET_BEGIN && !packet->task.kind);
		break;
	case PACKET_MERGE:
		packet->merge.branch = get_text(cursor, PACKET_PATH);
		packet->merge.confirmed = get_u32(cursor);
		break;
	case PACKET_REVERT:
		decode_revert(decoder, &packet->revert);
		break;
	case PACKET_RESULTS:
		decode_results(decoder, &packet->results);
		break;
	case PACKET_ANSWER:
		packet->answer.merged = get_u32(cursor);
		packet->answer.cancelled = get_bool(cursor);
		break;
	case PACKET_ALERT:
		decode_alert(decoder, &packet->alert);
		break;
	case PACKET_CLOSE:
		packet->close.timeout_ms = get_u32(cursor);
		packet->close.remove = get_bool(cursor);
		break;
	case PACKET_PING:
		packet->number = get_u64(cursor);
		break;
	case PACKET_LOADED:
	case PACKET_MARK:
		break;
	default:
		cursor->bad = true;
	}
}

static void decode_recorder(struct decoder *decoder, struct packet *packet)
{
	struct cursor *cursor = &decoder->cursor;

	switch (packet->kind) {
	case PACKET_HELLO:
		packet->version = get_u32(cursor);
		break;
	case PACKET_FAILED:
	case PACKET_CLOSED:
		packet->failed.error = get_error(cursor);
		get_said(cursor, packet->failed.text, sizeof(packet->failed.text));
		break;
	case PACKET_LOADING:
		decode_loading(decoder, &packet->loading);
		break;
	case PACKET_CHUNK:
	case PACKET_ITEMS_OF:
		decode_items(decoder, &packet->items);
		break;
	case PACKET_PREPARED:
	case PACKET_DURABLE:
		decode_progress(decoder, &packet->progress);
		break;
	case PACKET_TAKEN:
	case PACKET_PONG:
		packet->number = get_u64(cursor);
		break;
	case PACKET_DONE:
		packet->done.number = get_u64(cursor);
		packet->done.status = get_error(cursor);
		get_commit(cursor, packet->done.commit);
		break;
	case PACKET_OUTCOME:
		decode_outcome(decoder, &packet->outcome);
		break;
	case PACKET_PROPOSE:
		packet->propose.items = get_u32(cursor);
		packet->propose.undo = get_bool(cursor);
		get_said(cursor, packet->propose.source, sizeof(packet->propose.source));
		break;
	case PACKET_LOST:
	case PACKET_WARNING:
	case PACKET_NOTICE:
		get_said(cursor, packet->notice, sizeof(packet->notice));
		cursor->bad |= !packet->notice[0];
		break;
	case PACKET_RAISED:
		decode_raised(decoder, &packet->alert);
		break;
	case PACKET_STATUS:
		decode_status(decoder, &packet->status);
		break;
	case PACKET_READ:
		break;
	default:
		cursor->bad = true;
	}
}

static uint32_t u32_at(const char *bytes)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return le32toh(value);
}

int packet_length(const char *bytes, size_t available)
{
	uint32_t values;

	if (available < PACKET_HEAD)
		return 0;
	values = u32_at(bytes);
	if (values > PACKET_MAX)
		return -EPROTO;
	return available - PACKET_HEAD < values ? 0 : (int)(PACKET_HEAD + values);
}

int packet_decode(struct packet *packet, const struct packet_source *source, char *bytes,
                  size_t length)
{
	struct decoder decoder = {.source = source, .packet = packet};

	memset(packet, 0, sizeof(*packet));
	if (length < PACKET_HEAD || u32_at(bytes) != length - PACKET_HEAD)
		return -EPROTO;
	packet->kind = (enum packet_kind)u32_at(bytes + 4);
	decoder.cursor = (struct cursor){.at = bytes + PACKET_HEAD, .end = bytes + length};
	if (source->recorder)
		decode_recorder(&decoder, packet);
	else
		decode_keeper(&decoder, packet);
	if (!decoder.cursor.bad && decoder.cursor.at == decoder.cursor.end)
		return 0;
	packet_clear(packet);
	return decoder.no_memory ? -ENOMEM : -EPROTO;
}

void packet_clear(struct packet *packet)
{
	if (packet->kind == PACKET_OPEN)
		segments_free(packet->open.segment, packet->open.segments);
	free(packet->memory);
	memset(packet, 0, sizeof(*packet));
}

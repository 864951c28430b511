/* SPDX-License-Identifier: MIT */
/* One function for each kind of message. What is not possible at this moment ends the recorder. */
#include "ledger/receive.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int receive_found(struct ledger *ledger, unsigned segment, struct address address,
                  struct entry *result)
{
	const struct packet packet = {
	        .kind = PACKET_KEEP,
	        .change = {.segment = segment, .address = address, .after = result}};

	return pipe_put(&ledger->pipe, &packet);
}

/* The host has the address itself. */
static int tell_own(struct ledger *ledger, const struct history_item *item)
{
	const struct packet packet = {.kind = PACKET_KEEP,
	                              .change = {.segment = item->segment,
	                                         .address = item->address,
	                                         .context = {.trigger = PACKET_OWN}}};

	return pipe_put(&ledger->pipe, &packet);
}

int receive_keep(struct ledger *ledger, struct history_item *item)
{
	struct entry *result = item->result;
	int error = 0;

	if (item->choice == MERGE_REFUSED)
		error = tell_own(ledger, item);
	else if (result != item->theirs && !entry_equal(result, item->theirs))
		error = receive_found(ledger, item->segment, item->address, result);
	if (result != item->theirs && result != item->base)
		entry_free(result);
	item->result = NULL;
	return error;
}

static int on_loading(struct ledger *ledger, const struct packet_loading *loading)
{
	int error;

	if (ledger->stage != LEDGER_OPENING || !ledger->greeted)
		return -EPROTO;
	ledger->stage = LEDGER_LOADING;
	ledger->about = loading->about;
	ledger->read = false;
	ledger->losing = (struct fault){""};
	memcpy(ledger->status.tip, loading->tip, sizeof(ledger->status.tip));
	if (!ledger->loaded)
		return 0;
	posts_resume(&ledger->posts, loading);
	alertqueue_resume(&ledger->alerts);
	addresses_clear(&ledger->pending);
	error = posts_addresses(&ledger->posts, &ledger->pending);
	return error;
}

/* The first start's chunks go to the owner, which asks for them; `packet` is left to it. */
static int on_chunk(struct ledger *ledger, struct packet *packet)
{
	int error = 0;

	if (ledger->stage != LEDGER_LOADING || ledger->read)
		return -EPROTO;
	if (!ledger->loaded) {
		ledger->chunk = *packet;
		packet->kind = PACKET_READ;
		packet->memory = NULL;
		return 0;
	}
	for (size_t i = 0; i < packet->items.count && !error; i++) {
		struct history_item *item = &packet->items.item[i];

		ledger->options.reload(
		        ledger->options.context, item,
		        addresses_have(&ledger->pending, item->segment, item->address));
		error = receive_keep(ledger, item);
	}
	return error;
}

void receive_tell_lost(const struct ledger *ledger)
{
	if (ledger->lost.text[0])
		ledger->options.lost(ledger->options.context, ledger->lost.text);
}

static int on_lost(struct ledger *ledger, const char *words)
{
	if (ledger->stage != LEDGER_LOADING || ledger->read)
		return -EPROTO;
	fault_set(&ledger->losing, -EIO, "%.*s", FAULT_TEXT - 1, words);
	return 0;
}

static int on_read(struct ledger *ledger)
{
	const struct packet loaded = {.kind = PACKET_LOADED};

	if (ledger->stage != LEDGER_LOADING || ledger->read)
		return -EPROTO;
	ledger->read = true;
	if (ledger->loaded)
		ledger->options.reloaded(ledger->options.context);
	ledger->lost = ledger->losing;
	if (!ledger->loaded)
		return 0;
	receive_tell_lost(ledger);
	addresses_clear(&ledger->pending);
	ledger->stage = LEDGER_RUNNING;
	ledger->told = false;
	return pipe_put(&ledger->pipe, &loaded);
}

static int on_durable(struct ledger *ledger, const struct history_progress *progress)
{
	uint64_t before = ledger->posts.settled;
	int error;

	/* It makes headway: the next one may start as soon as the first did. */
	if (progress->taken > 0)
		ledger->delay_ms = 0;
	error = posts_durable(&ledger->posts, progress);
	if (!error && ledger->behind_ns && ledger->posts.settled > before) {
		uint64_t now = uv_hrtime();

		histogram_add(&ledger->flushes, now - ledger->behind_ns);
		ledger->behind_ns = ledger->posts.changes > ledger->posts.durable ? now : 0;
	}
	return error;
}

static int on_done(struct ledger *ledger, const struct packet_done *done)
{
	struct post *post = posts_answered(&ledger->posts, done->number, PACKET_DONE);

	if (!post)
		return -EPROTO;
	/* A recorder that closes gives up what it cannot write. */
	post->done(post->argument, done->status, done->commit);
	free(post);
	return 0;
}

static int on_outcome(struct ledger *ledger, const struct packet_outcome *packet)
{
	struct post *post = posts_answered(&ledger->posts, packet->number, PACKET_OUTCOME);

	if (!post)
		return -EPROTO;
	post->outcome(post->argument, &packet->outcome);
	free(post);
	return 0;
}

static int on_items(struct ledger *ledger, const char *frame, size_t length)
{
	int complete = offer_add(&ledger->offer, frame, length, &ledger->source);

	if (complete > 0 && ledger->closing)
		return offer_answer(&ledger->offer, &ledger->posts, true);
	if (complete > 0)
		ledger->options.propose(ledger->options.context, &ledger->offer.proposal);
	return complete < 0 ? complete : 0;
}

static int on_status(struct ledger *ledger, const struct history_status *status)
{
	ledger->status = *status;
	alertqueue_recorded(&ledger->alerts, status->alerts + status->alerts_dropped);
	return 0;
}

static int on_packet(struct ledger *ledger, struct packet *packet)
{
	bool running = ledger->stage == LEDGER_RUNNING;

	/* It greets once, and first. */
	if (ledger->greeted == (packet->kind == PACKET_HELLO))
		return -EPROTO;
	switch (packet->kind) {
	case PACKET_HELLO:
		ledger->greeted = true;
		return packet->version == PROTOCOL_VERSION ? 0 : -EPROTO;
	case PACKET_FAILED:
		ledger->failure = (struct fault){""};
		fault_set(&ledger->failure, -EIO, "%s", packet->failed.text);
		ledger->closed = packet->failed.error ? packet->failed.error : -EIO;
		return -EIO;
	case PACKET_LOADING:
		return on_loading(ledger, &packet->loading);
	case PACKET_CHUNK:
		return on_chunk(ledger, packet);
	case PACKET_LOST:
		return on_lost(ledger, packet->notice);
	case PACKET_READ:
		return on_read(ledger);
	case PACKET_PREPARED:
		return posts_prepared(&ledger->posts, &packet->progress);
	case PACKET_DURABLE:
		return on_durable(ledger, &packet->progress);
	case PACKET_TAKEN:
		return posts_taken(&ledger->posts, packet->number);
	case PACKET_DONE:
		return on_done(ledger, &packet->done);
	case PACKET_OUTCOME:
		return on_outcome(ledger, &packet->outcome);
	case PACKET_PROPOSE:
		return running ? offer_begin(&ledger->offer, &packet->propose, ledger->addresses)
		               : -EPROTO;
	case PACKET_WARNING:
		ledger->options.warned(ledger->options.context, packet->notice);
		return 0;
	case PACKET_RAISED:
		ledger->options.raised(ledger->options.context, &packet->alert);
		return 0;
	case PACKET_NOTICE:
		ledger->options.notice(ledger->options.context, packet->notice);
		return 0;
	case PACKET_STATUS:
		return on_status(ledger, &packet->status);
	case PACKET_PONG:
		ledger->pinged_ms = 0;
		return 0;
	case PACKET_CLOSED:
		if (!running)
			return -EPROTO;
		ledger->stage = LEDGER_CLOSED;
		ledger->closed = packet->failed.error;
		/* All that it was sent, or it says itself what is left. */
		if (!packet->failed.error)
			alertqueue_recorded(&ledger->alerts, ledger->alerts.number);
		return 0;
	default:
		return -EPROTO;
	}
}

static bool is_items(const char *frame)
{
	return (unsigned char)frame[4] == PACKET_ITEMS_OF && !frame[5] && !frame[6] && !frame[7];
}

int receive_all(struct ledger *ledger)
{
	int error = 0;

	while (!error && !ledger->chunk.memory) {
		struct packet packet;
		size_t length;
		char *frame;

		error = inbox_next(&ledger->pipe.in, &frame, &length);
		if (error || !frame)
			break;
		/* A proposal outlives the message. */
		if (is_items(frame)) {
			error = on_items(ledger, frame, length);
			continue;
		}
		error = packet_decode(&packet, &ledger->source, frame, length);
		if (!error)
			error = on_packet(ledger, &packet);
		packet_clear(&packet);
	}
	return error;
}

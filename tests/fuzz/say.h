/* SPDX-License-Identifier: MIT */
/*
 * What a recorder says, from bytes that the fuzzer chooses: any message, well-formed, with values
 * that are few, so that they meet; or any bytes.
 */
#ifndef TESTS_FUZZ_SAY_H
#define TESTS_FUZZ_SAY_H

#include <sys/socket.h>

#include "fuzz.h"
#include "protocol/protocol.h"

#define SAY_RAW  0x80
#define SAY_IPV6 UINT64_C(0x20010db800000007) /* a network of segment 1 */

static inline void say_bytes(int socket, const void *bytes, size_t length)
{
	/* The keeper may have closed its end. */
	if (socket >= 0)
		(void)!send(socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static inline void say(int socket, const struct packet *packet)
{
	struct buffer buffer = {0};

	MUST(packet_encode(&buffer, packet) == 0);
	say_bytes(socket, buffer.bytes, buffer.length);
	buffer_clear(&buffer);
}

/* One of a few, so that they meet; mostly 40 digits. */
static inline void choose_commit(char commit[COMMIT_TEXT], struct input *input)
{
	uint8_t which = input_u8(input);

	memset(commit, '0' + which % 4, COMMIT_TEXT - 1);
	commit[which >= 0xf0 ? 0 : COMMIT_TEXT - 1] = '\0';
}

static inline struct entry choose_entry(struct input *input)
{
	uint8_t which = input_u8(input);
	struct entry entry = {.mac = {{2, 0, 0, 0, 0, which % 4}},
	                      .state = which & 4 ? ENTRY_STATIC : ENTRY_DYNAMIC,
	                      .since = 1700000000 + which % 8};

	entry.origin = which & 8 ? (char *)"host/eth0" : NULL;
	entry.note = which & 16 ? (char *)"a note" : NULL;
	entry.extra = which & 32 ? (char *)"x-a b\n" : NULL;
	entry.router = which & 64 && entry.state == ENTRY_STATIC;
	return entry;
}

static inline void choose_items(struct packet *packet, struct input *input)
{
	static struct history_item item[24];
	static struct entry entry[48];
	uint32_t address = 0;

	packet->items.count = input_u8(input) % 24;
	packet->items.item = item;
	for (size_t i = 0; i < packet->items.count; i++) {
		uint8_t has = input_u8(input);

		address = has & 0x40 ? input_u8(input) : address + 1;
		entry[2 * i] = choose_entry(input);
		entry[2 * i + 1] = choose_entry(input);
		item[i] = (struct history_item){.segment = has >> 7};
		item[i].address = address_v4((has >> 7 ? 0xc0a80000 : 0x0a000000) + address % 16);
		if (has >> 7 && has & 0x20)
			item[i].address = (struct address){SAY_IPV6, address};
		item[i].theirs = has & 1 ? &entry[2 * i] : NULL;
		item[i].base = has & 2 ? has & 4 ? item[i].theirs : &entry[2 * i + 1] : NULL;
		item[i].foreign = has & 8;
	}
}

static inline void choose_progress(struct history_progress *progress, struct input *input)
{
	static struct history_open_task task[4];

	progress->taken = input_u8(input);
	choose_commit(progress->before, input);
	choose_commit(progress->applied, input);
	progress->tasks = input_u8(input) % 4;
	progress->task = task;
	for (size_t i = 0; i < progress->tasks; i++) {
		task[i].token = input_u8(input) % 8;
		task[i].committed = input_u8(input);
		choose_commit(task[i].tip, input);
	}
}

static inline void choose_loading(struct packet_loading *loading, struct input *input)
{
	static char adopted[4][COMMIT_TEXT];

	loading->about = input_u32(input);
	choose_commit(loading->applied, input);
	choose_commit(loading->tip, input);
	loading->count = input_u8(input) % 4;
	loading->adopted = adopted;
	for (size_t i = 0; i < loading->count; i++)
		choose_commit(adopted[i], input);
}

/* Any message, well-formed. */
static inline void say_any(int socket, struct input *input)
{
	struct packet packet = {.kind = PACKET_HELLO + input_u8(input) % 19u};

	switch (packet.kind) {
	case PACKET_HELLO:
		packet.version = PROTOCOL_VERSION + (input_u8(input) == 0xff);
		break;
	case PACKET_FAILED:
	case PACKET_CLOSED:
		packet.failed.error = -(int)input_u8(input);
		strcpy(packet.failed.text, "a disk");
		break;
	case PACKET_LOADING:
		choose_loading(&packet.loading, input);
		break;
	case PACKET_CHUNK:
	case PACKET_ITEMS_OF:
		choose_items(&packet, input);
		break;
	case PACKET_PREPARED:
	case PACKET_DURABLE:
		choose_progress(&packet.progress, input);
		break;
	case PACKET_TAKEN:
	case PACKET_PONG:
		packet.number = input_u8(input);
		break;
	case PACKET_DONE:
		packet.done.number = input_u8(input);
		choose_commit(packet.done.commit, input);
		break;
	case PACKET_OUTCOME:
		packet.outcome.number = input_u8(input);
		choose_commit(packet.outcome.outcome.commit, input);
		break;
	case PACKET_PROPOSE:
		packet.propose.items = input_u8(input);
		packet.propose.undo = input_u8(input) & 1;
		strcpy(packet.propose.source, "main");
		break;
	case PACKET_STATUS:
		packet.status.alerts = input_u8(input);
		packet.status.alerts_dropped = input_u32(input);
		break;
	case PACKET_RAISED:
		packet.alert = (struct history_alert){.kind = "clock", .words = "leaf2 is ahead"};
		break;
	default:
		break;
	}
	if (packet.kind <= PACKET_RAISED)
		say(socket, &packet);
}

/* Any bytes, mostly with the right length before them. */
static inline void say_raw(int socket, struct input *input)
{
	uint32_t head[2] = {input_u8(input), PACKET_HELLO + input_u8(input)};
	size_t length;
	const uint8_t *bytes = input_bytes(input, head[0], &length);

	head[0] = head[0] == 0xff ? input_u32(input) : (uint32_t)length;
	say_bytes(socket, head, sizeof(head));
	say_bytes(socket, bytes, length);
}

/* As `how` has SAY_RAW. */
static inline void say_something(int socket, struct input *input, uint8_t how)
{
	if (how & SAY_RAW)
		say_raw(socket, input);
	else
		say_any(socket, input);
}

#endif

// SPDX-License-Identifier: MIT
/*
 * Messages between keeper and recorder, in both directions. The first byte says who sends. Either
 * the rest is frames, as they come from a socket: what is decoded is within its bounds, and comes
 * back when it is encoded again. Or it is what the keeper's clients chose: what is encoded must be
 * decoded by the other side, or no recorder ever gets behind that message.
 */
#include "fuzz.h"

#include <errno.h>

#include "protocol/protocol.h"

#define FROM_RECORDER 1
#define CHOSEN        2

static const struct prefix lan[] = {{ADDRESS_V4(0x0a000000), 24}, {ADDRESS_V4(0xc0a80000), 16}};
static const struct prefix dmz[] = {{ADDRESS_V4(0x0a000000), 30},
                                    {{UINT64_C(0x20010db800000007), 0}, 64},
                                    {{UINT64_C(0xfe80000000000000), 0}, 64}};
static const struct segment segment[] = {{"lan", lan, 2}, {"dmz", dmz, 3}};
static const struct packet_source recorder = {true, segment, 2}, keeper = {false, segment, 2};

/* --- what was decoded ------------------------------------------------------------------------ */

static void check_entry(const struct entry *entry)
{
	char *text = entry_print(entry);
	struct entry read;

	MUST(text && entry_parse(&read, text, strlen(text), NULL) == 0);
	MUST(entry_equal(entry, &read));
	entry_clear(&read);
	free(text);
}

static void check_place(unsigned number, struct address address)
{
	bool inside = false;

	MUST(number < 2);
	for (size_t i = 0; i < segment[number].prefixes; i++)
		inside |= prefix_is_host(segment[number].prefix[i], address);
	MUST(inside);
}

static void check_items(const struct packet_items *items)
{
	MUST(items->count <= PACKET_ITEMS);
	for (size_t i = 0; i < items->count; i++) {
		const struct history_item *item = &items->item[i];

		check_place(item->segment, item->address);
		if (item->theirs)
			check_entry(item->theirs);
		if (item->base)
			check_entry(item->base);
		MUST(!item->result);
	}
}

static void check_results(const struct packet_results *results)
{
	MUST(results->count <= PACKET_ITEMS);
	for (size_t i = 0; i < results->count; i++) {
		MUST(results->result[i].how <= RESULT_ENTRY);
		MUST((results->result[i].how == RESULT_ENTRY) == !!results->result[i].entry);
		if (results->result[i].entry)
			check_entry(results->result[i].entry);
	}
}

static void check_open(const struct packet_open *open)
{
	MUST(open->path && open->instance && open->control);
	MUST(!open->node || node_name_is_valid(open->node));
	MUST(open->log_level <= LOG_LEVEL_DEBUG);
	MUST(!open->fleet.node || (node_name_is_valid(open->fleet.node) && open->fleet.poll_ms));
	for (size_t s = 0; s < open->segments; s++) {
		MUST(!open->fleet.node || open->fleet.share[s] <= SHARE_OFF);
		MUST(segment_name_is_valid(open->segment[s].name));
		for (size_t i = 0; i < open->segment[s].prefixes; i++)
			MUST(prefix_is_valid(open->segment[s].prefix[i]));
	}
}

static void check_bounds(const struct packet *packet)
{
	switch (packet->kind) {
	case PACKET_OPEN:
		check_open(&packet->open);
		break;
	case PACKET_KEEP:
	case PACKET_CHANGE:
		check_place(packet->change.segment, packet->change.address);
		if (packet->change.after)
			check_entry(packet->change.after);
		break;
	case PACKET_CHUNK:
	case PACKET_ITEMS_OF:
		check_items(&packet->items);
		break;
	case PACKET_RESULTS:
		check_results(&packet->results);
		break;
	case PACKET_WARNING:
	case PACKET_NOTICE:
		MUST(memchr(packet->notice, '\0', sizeof(packet->notice)));
		break;
	case PACKET_RAISED:
		MUST(task_kind_is_valid(packet->alert.kind));
		MUST(!text_reason(packet->alert.words, strlen(packet->alert.words)));
		break;
	case PACKET_DONE:
		MUST(packet->done.status <= 0 && strlen(packet->done.commit) < COMMIT_TEXT);
		break;
	default:
		break;
	}
}

/* --- frames ---------------------------------------------------------------------------------- */

/* A copy of just that size, so that the sanitizer sees each byte beyond. NULL: it is refused. */
static char *decode(struct packet *packet, const struct packet_source *source, const void *bytes,
                    size_t length)
{
	char *frame = malloc(length);
	int error;

	MUST(frame);
	memcpy(frame, bytes, length);
	error = packet_decode(packet, source, frame, length);
	if (!error)
		return frame;
	MUST(error == -EPROTO && !packet->memory);
	free(frame);
	return NULL;
}

static void check_again(const struct packet *packet, const struct packet_source *source)
{
	struct buffer first = {0}, second = {0};
	struct packet again;
	char *frame;

	MUST(packet_encode(&first, packet) == 0);
	MUST(packet_length((char *)first.bytes, first.length) == (int)first.length);
	frame = decode(&again, source, first.bytes, first.length);
	MUST(frame);
	MUST(packet_encode(&second, &again) == 0);
	MUST(first.length == second.length && !memcmp(first.bytes, second.bytes, first.length));
	packet_clear(&again);
	free(frame);
	buffer_clear(&first);
	buffer_clear(&second);
}

static void take_frames(const struct packet_source *source, struct input *input)
{
	int length;

	while ((length = packet_length((const char *)input->at, input_left(input))) > 0) {
		struct packet packet;
		char *frame = decode(&packet, source, input->at, (size_t)length);

		MUST((size_t)length <= input_left(input));
		input->at += length;
		if (!frame)
			return;
		check_bounds(&packet);
		check_again(&packet, source);
		packet_clear(&packet);
		free(frame);
	}
}

/* --- what clients chose ---------------------------------------------------------------------- */

/* Any text, up to 9,000 bytes: a few that repeat. NULL: none. */
static char *choose_text(struct input *input)
{
	size_t length = input_u8(input) * (size_t)36, have;
	const uint8_t *bytes = input_bytes(input, 8, &have);
	char *text = length && have ? malloc(length + 1) : NULL;

	for (size_t i = 0; text && i < length; i++)
		text[i] = (char)(bytes[i % have] ? bytes[i % have] : 'n');
	if (text)
		text[length] = '\0';
	return text;
}

static void choose(struct input *input)
{
	char *text[6];
	const char *const commit[] = {text[0] = choose_text(input), text[1] = choose_text(input)};
	struct packet packet = {.kind = PACKET_MERGE};
	struct buffer buffer = {0};
	int error;

	for (unsigned i = 2; i < 6; i++)
		text[i] = choose_text(input);
	switch (input_u8(input) % 5) {
	case 0:
		packet.merge.branch = text[2];
		break;
	case 1:
		packet.kind = PACKET_REVERT;
		packet.revert = (struct history_revert){.name = text[2] ? text[2] : "x",
		                                        .author = text[3],
		                                        .message = text[4],
		                                        .commit = commit};
		packet.revert.commits = text[0] && text[1] ? 2 : text[0] ? 1 : 0;
		break;
	case 2:
		packet.kind = PACKET_CHANGE;
		packet.change = (struct packet_change){.kind = "operator",
		                                       .context = {.interface = text[2],
		                                                   .trigger = text[3],
		                                                   .author = text[4],
		                                                   .message = text[5]},
		                                       .address = ADDRESS_V4(0x0a000001)};
		break;
	case 3:
		packet.kind = PACKET_ALERT;
		packet.alert = (struct history_alert){
		        .kind = "conflict", .words = text[2] ? text[2] : "x", .interface = text[3]};
		break;
	default:
		packet.kind = PACKET_BEGIN;
		packet.task = (struct packet_task){.token = 1, .kind = text[2] ? text[2] : "x"};
	}
	error = packet_encode(&buffer, &packet);
	if (!error) {
		char *frame = decode(&packet, &keeper, buffer.bytes, buffer.length);

		MUST(frame);
		packet_clear(&packet);
		free(frame);
	}
	buffer_clear(&buffer);
	for (unsigned i = 0; i < 6; i++)
		free(text[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	uint8_t how = input_u8(&input);

	if (how & CHOSEN)
		choose(&input);
	else
		take_frames(how & FROM_RECORDER ? &recorder : &keeper, &input);
	return 0;
}

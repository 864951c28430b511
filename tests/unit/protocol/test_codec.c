/* SPDX-License-Identifier: MIT */
/* The messages between keeper and recorder: each comes out as it went in, and whatever else comes
 * in, nothing out of bounds comes out. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/protocol.h"

#define COMMIT    "0123456789abcdef0123456789abcdef01234567"
#define OTHER     "89abcdef0123456789abcdef0123456789abcdef"
#define MUTATIONS 50000 /* fuzz_packets makes many more */

#define V6(low)                                                                                    \
	{                                                                                          \
		UINT64_C(0x20010db800000007), low                                                  \
	}

static const struct prefix prefixes[] = {
        {ADDRESS_V4(0x0a000000), 24}, {ADDRESS_V4(0x0a000200), 23}, {V6(0), 64}};
static const struct segment segments[] = {{"lan", prefixes, 2}, {"guests", prefixes + 1, 2}};

static const char *const commits[] = {COMMIT, OTHER};
static struct entry plain = {
        .mac = {{2, 0, 0, 0, 0, 1}}, .state = ENTRY_STATIC, .since = 1700000000};
static struct entry router = {.mac = {{2, 0, 0, 0, 0, 3}},
                              .state = ENTRY_STATIC,
                              .router = true,
                              .since = 1700000002,
                              .note = (char *)"uplink"};
static struct entry rich = {.mac = {{2, 0, 0, 0, 0, 2}},
                            .since = 1700000001,
                            .after = 1700000001,
                            .origin = (char *)"host1/eth0",
                            .note = (char *)"R\xc3\xa4"
                                            "ck 3",
                            .extra = (char *)"x-room 12\nx-owner ada\n"};
static struct history_item items[] = {
        {.segment = 0, .address = ADDRESS_V4(0x0a000005), .theirs = &rich, .base = &rich},
        {.segment = 0, .address = ADDRESS_V4(0x0a000006), .theirs = &rich},
        {.segment = 1, .address = ADDRESS_V4(0x0a000307), .base = &plain},
        {.segment = 1, .address = ADDRESS_V4(0x0a000308), .theirs = &rich, .base = &plain},
        {.segment = 1, .address = ADDRESS_V4(0x0a000309)},
        {.segment = 1,
         .address = ADDRESS_V4(0x0a00030a),
         .theirs = &rich,
         .base = &rich,
         .foreign = true},
        {.segment = 1, .address = ADDRESS_V4(0x0a00030b), .theirs = &plain, .foreign = true},
        {.segment = 1,
         .address = ADDRESS_V4(0x0a00030c),
         .theirs = &plain,
         .base = &rich,
         .foreign = true},
        {.segment = 1, .address = ADDRESS_V4(0x0a00030d), .base = &rich, .foreign = true},
        {.segment = 1, .address = V6(0x11f), .theirs = &router, .base = &router},
        {.segment = 1, .address = V6(UINT64_MAX), .theirs = &router, .base = &plain},
};
static struct packet_result results[] = {{RESULT_THEIRS, MERGE_TRIVIAL, NULL},
                                         {RESULT_ENTRY, MERGE_TOOK_OURS, &rich},
                                         {RESULT_ABSENT, MERGE_TOOK_THEIRS, NULL}};
static struct history_open_task tasks[] = {{7, 12, COMMIT}, {9, 0, ""}};
static char adopted[][COMMIT_TEXT] = {COMMIT, OTHER};

#define ITEMS (sizeof(items) / sizeof(items[0]))
static const uint8_t share[] = {SHARE_STATIC, SHARE_OFF};

static const struct packet samples[] = {
        {.kind = PACKET_OPEN,
         .open = {.version = 1,
                  .path = "/var/lib/arpkeeper/history.git",
                  .instance = "default",
                  .control = "/run/arpkeeper/default.sock",
                  .program = "/usr/bin/arpkeeper",
                  .node = "leaf1.example.net",
                  .pull = "ssh://leaf2/history.git",
                  .archive = "/srv/archive.git",
                  .interval_ms = 200,
                  .keep = 86400,
                  .guard = 2500,
                  .log_level = 3,
                  .resumed = true,
                  .segment = (struct segment *)segments,
                  .segments = 2,
                  .fleet = {"leaf1", 10000, share}}},
        {.kind = PACKET_OPEN,
         .open = {.version = 1,
                  .path = "x",
                  .instance = "default",
                  .control = "y",
                  .segment = (struct segment *)segments,
                  .segments = 2}},
        {.kind = PACKET_KEEP,
         .change = {.segment = 1, .address = ADDRESS_V4(0x0a000201), .after = &rich}},
        {.kind = PACKET_KEEP, .change = {.segment = 1, .address = V6(1), .after = &router}},
        {.kind = PACKET_LOADED},
        {.kind = PACKET_CHANGE,
         .change = {.wait = true,
                    .kind = "operator",
                    .context = {.interface = "eth0", .author = "ada", .message = "moved"},
                    .address = ADDRESS_V4(0x0a000011),
                    .after = &plain}},
        {.kind = PACKET_CHANGE, .change = {.task = 5, .address = ADDRESS_V4(0x0a000012)}},
        {.kind = PACKET_BEGIN, .task = {.token = 5, .kind = "import"}},
        {.kind = PACKET_END, .task = {.token = 5, .wait = true}},
        {.kind = PACKET_MARK},
        {.kind = PACKET_MERGE, .merge = {"refs/heads/merge/x", 10111}},
        {.kind = PACKET_MERGE},
        {.kind = PACKET_REVERT,
         .revert = {"operator/1", "ada", NULL, commits, 2, 4000000000, false}},
        {.kind = PACKET_REVERT, .revert = {"leaf7", "ada", "gone", NULL, 0, 0, true}},
        {.kind = PACKET_RESULTS, .results = {results, 3}},
        {.kind = PACKET_ANSWER, .answer = {3, true}},
        {.kind = PACKET_ALERT,
         .alert = {.time = 1700000000, .kind = "conflict", .words = "10.0.0.5 at two", .mac = "x"}},
        {.kind = PACKET_PING, .number = 77},
        {.kind = PACKET_CLOSE, .close = {10000, true}},
        {.kind = PACKET_HELLO, .version = 1},
        {.kind = PACKET_FAILED, .failed = {-28, "no space left"}},
        {.kind = PACKET_LOADING, .loading = {1000000, COMMIT, OTHER, adopted, 2}},
        {.kind = PACKET_CHUNK, .items = {items, ITEMS}},
        {.kind = PACKET_READ},
        {.kind = PACKET_LOST, .notice = "3 files cannot be read"},
        {.kind = PACKET_PREPARED, .progress = {40, tasks, 2, COMMIT, OTHER}},
        {.kind = PACKET_DURABLE, .progress = {.taken = 40}},
        {.kind = PACKET_TAKEN, .number = 4096},
        {.kind = PACKET_DONE, .done = {40, -5, ""}},
        {.kind = PACKET_OUTCOME,
         .outcome = {41, {0, COMMIT, 3, 1, "merged\n10.0.0.5: later since"}}},
        {.kind = PACKET_PROPOSE, .propose = {100000, true, "revert operator/1"}},
        {.kind = PACKET_ITEMS_OF, .items = {items, ITEMS}},
        {.kind = PACKET_NOTICE, .notice = "main was moved back"},
        {.kind = PACKET_WARNING, .notice = "history.archive is full"},
        {.kind = PACKET_RAISED,
         .alert = {.time = 1700000000,
                   .kind = "branch-rewound",
                   .words = "leaf2 went back",
                   .segment = "lan"}},
        {.kind = PACKET_STATUS,
         .status = {.path = "/x",
                    .tip = COMMIT,
                    .applied = "",
                    .commits = 3,
                    .queued = 4,
                    .dropped = 5,
                    .fleet = {6, 7, 8, 9, 10},
                    .all_inside = true}},
        {.kind = PACKET_PONG, .number = 77},
        {.kind = PACKET_CLOSED, .failed = {-110, ""}},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static const struct packet_source *source_of(const struct packet *packet)
{
	static const struct packet_source keeper = {false, segments, 2},
	                                  recorder = {true, segments, 2};

	return packet->kind >= PACKET_HELLO ? &recorder : &keeper;
}

/* Equal messages are equal bytes. */
static void each_message_comes_out_as_it_went_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct buffer first = {0}, second = {0};
		struct packet packet;
		char *copy;

		assert_int_equal(packet_encode(&first, &samples[i]), 0);
		assert_int_equal(packet_length((char *)first.bytes, first.length), first.length);
		copy = malloc(first.length);
		memcpy(copy, first.bytes, first.length);
		assert_int_equal(packet_decode(&packet, source_of(&samples[i]), copy, first.length),
		                 0);
		assert_int_equal(packet.kind, samples[i].kind);
		assert_int_equal(packet_encode(&second, &packet), 0);
		assert_int_equal(first.length, second.length);
		assert_memory_equal(first.bytes, second.bytes, first.length);
		packet_clear(&packet);
		free(copy);
		buffer_clear(&first);
		buffer_clear(&second);
	}
}

/* The same on each processor. */
static void numbers_are_little_endian(void **state)
{
	static const struct packet keep = {
	        .kind = PACKET_KEEP,
	        .change = {.segment = 1, .address = ADDRESS_V4(0x0a000201), .after = &plain}};
	/* Length and kind; the place; MAC, state, time (and behind it a byte). */
	static const char head[] = "\x2d\0\0\0\x02\0\0", place[] = "\x01\0\0\0\x04\x0a\0\x02\x01",
	                  entry[] = "\x02\0\0\0\0\x01\x01\0\xf1\x53\x65\0\0\0\0";
	struct buffer buffer = {0};
	const char *end;

	(void)state;
	assert_int_equal(packet_encode(&buffer, &keep), 0);
	end = (const char *)buffer.bytes + buffer.length;
	assert_memory_equal(buffer.bytes, head, sizeof(head));
	assert_memory_equal(end - sizeof(entry), entry, sizeof(entry) - 1);
	assert_memory_equal(end - sizeof(entry) - sizeof(place), place, sizeof(place) - 1);
	buffer_clear(&buffer);
}

static char *encode_and_decode(struct packet *packet, const struct packet *sent)
{
	struct buffer buffer = {0};

	assert_int_equal(packet_encode(&buffer, sent), 0);
	assert_int_equal(
	        packet_decode(packet, source_of(sent), (char *)buffer.bytes, buffer.length), 0);
	return (char *)buffer.bytes;
}

static void an_ipv6_address_and_a_role_come_out(void **state)
{
	static const struct packet keep = {
	        .kind = PACKET_KEEP,
	        .change = {.segment = 1, .address = V6(0x11f), .after = &router}};
	static const char place[] = "\x01\0\0\0\x10\x20\x01\x0d\xb8\0\0\0\x07\0\0\0\0\0\0\x01\x1f";
	struct packet packet;
	char *bytes = encode_and_decode(&packet, &keep);

	(void)state;
	assert_non_null(memmem(bytes, PACKET_HEAD + 64, place, sizeof(place) - 1));
	assert_true(address_equal(packet.change.address, keep.change.address));
	assert_true(packet.change.after->router);
	assert_true(entry_equal(packet.change.after, &router));
	packet_clear(&packet);
	free(bytes);
}

static void what_the_fleet_adds_comes_out(void **state)
{
	char *bytes;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		const struct packet *sent = &samples[i];
		struct packet packet;

		bytes = encode_and_decode(&packet, sent);
		if (sent->kind == PACKET_OPEN && sent->open.fleet.node) {
			assert_string_equal(packet.open.fleet.node, "leaf1");
			assert_int_equal(packet.open.fleet.poll_ms, 10000);
			assert_memory_equal(packet.open.fleet.share, share, sizeof(share));
		} else if (sent->kind == PACKET_OPEN) {
			assert_null(packet.open.fleet.node);
		} else if (sent->kind == PACKET_CHUNK) {
			for (size_t n = 0; n < ITEMS; n++)
				assert_int_equal(packet.items.item[n].foreign, items[n].foreign);
		} else if (sent->kind == PACKET_STATUS) {
			assert_memory_equal(&packet.status.fleet, &sent->status.fleet,
			                    sizeof(packet.status.fleet));
		}
		packet_clear(&packet);
		free(bytes);
	}
}

static void check_entry(const struct entry *entry)
{
	struct fault fault = {""};
	struct entry parsed;
	char *text;

	if (!entry)
		return;
	/* The parser of entries accepts it, and reads the same. */
	text = entry_print(entry);
	assert_int_equal(entry_parse(&parsed, text, strlen(text), &fault), 0);
	assert_true(entry_equal(&parsed, entry));
	entry_clear(&parsed);
	free(text);
}

static void check_place(unsigned segment, struct address address)
{
	bool inside = false;

	assert_true(segment < 2);
	for (size_t i = 0; i < segments[segment].prefixes; i++)
		inside |= prefix_is_host(segments[segment].prefix[i], address);
	assert_true(inside);
}

static void check_commit(const char *text)
{
	assert_true(!*text || (strlen(text) == 40 && strspn(text, "0123456789abcdef") == 40));
}

static void check_line(const char *text)
{
	assert_true(!text || !text_reason(text, strlen(text)));
}

/* What a sender said is within its bounds. */
static void check(const struct packet *packet)
{
	switch (packet->kind) {
	case PACKET_KEEP:
	case PACKET_CHANGE:
		check_place(packet->change.segment, packet->change.address);
		check_entry(packet->change.after);
		break;
	case PACKET_RESULTS:
		for (size_t i = 0; i < packet->results.count; i++) {
			assert_true(packet->results.result[i].how <= RESULT_ENTRY);
			assert_true(packet->results.result[i].choice <= MERGE_REFUSED);
			check_entry(packet->results.result[i].entry);
		}
		break;
	case PACKET_CHUNK:
	case PACKET_ITEMS_OF:
		assert_true(packet->items.count <= PACKET_ITEMS);
		for (size_t i = 0; i < packet->items.count; i++) {
			check_place(packet->items.item[i].segment, packet->items.item[i].address);
			check_entry(packet->items.item[i].theirs);
			check_entry(packet->items.item[i].base);
		}
		break;
	case PACKET_PREPARED:
	case PACKET_DURABLE:
		check_commit(packet->progress.before);
		check_commit(packet->progress.applied);
		for (size_t i = 0; i < packet->progress.tasks; i++)
			check_commit(packet->progress.task[i].tip);
		break;
	case PACKET_DONE:
		assert_true(packet->done.status <= 0 && packet->done.status >= -4095);
		check_commit(packet->done.commit);
		break;
	case PACKET_OUTCOME:
		check_commit(packet->outcome.outcome.commit);
		assert_true(strlen(packet->outcome.outcome.text) <
		            sizeof(packet->outcome.outcome.text));
		break;
	case PACKET_WARNING:
	case PACKET_NOTICE:
		for (const char *at = packet->notice; *at;) {
			size_t length = strcspn(at, "\n");

			assert_null(text_reason(at, length));
			at += length + (at[length] == '\n');
		}
		break;
	case PACKET_RAISED:
		assert_true(task_kind_is_valid(packet->alert.kind));
		check_line(packet->alert.words);
		check_line(packet->alert.segment);
		check_line(packet->alert.other);
		break;
	case PACKET_STATUS:
		check_commit(packet->status.tip);
		check_commit(packet->status.applied);
		break;
	default:
		break;
	}
}

/* In memory of its own size, so that a sanitizer sees every byte too far. */
static int decode_copy(const uint8_t *bytes, size_t length, const struct packet_source *source)
{
	struct packet packet;
	char *copy = malloc(length + 1);
	char *exact = realloc(copy, length ? length : 1);
	int error;

	memcpy(exact, bytes, length);
	error = packet_decode(&packet, source, exact, length);
	if (!error)
		check(&packet);
	packet_clear(&packet);
	free(exact);
	return error;
}

/* The address of a KEEP begins with its length, and the entry's kind of texts ends it. */
static void an_address_of_no_family_and_a_role_of_a_host_are_refused(void **state)
{
	static const struct packet_source keeper = {false, segments, 2};
	const struct packet keep = {
	        .kind = PACKET_KEEP,
	        .change = {.segment = 1, .address = V6(0x11f), .after = &plain}};
	const struct packet mapped = {
	        .kind = PACKET_KEEP,
	        .change = {.segment = 1, .address = ADDRESS_V4(0x0a000201), .after = &plain}};
	static const uint8_t lengths[] = {0, 1, 4, 5, 15, 17, 32, 255};
	struct buffer buffer = {0};
	size_t at;

	(void)state;
	assert_int_equal(packet_encode(&buffer, &keep), 0);
	at = buffer.length - 16 - 1 - 16 - 1;
	assert_int_equal(buffer.bytes[at], 16);
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), 0);
	for (size_t i = 0; i < sizeof(lengths); i++) {
		buffer.bytes[at] = lengths[i];
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	}
	/* An IPv4 address in 16 bytes. */
	buffer.bytes[at] = 16;
	address_store(buffer.bytes + at + 1, mapped.change.address);
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	buffer.length = 0;
	assert_int_equal(packet_encode(&buffer, &mapped), 0);
	buffer.bytes[buffer.length - 1] = WIRE_ROUTER;
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), 0);
	buffer.bytes[buffer.length - 1 - 9] = ENTRY_DYNAMIC;
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	buffer_clear(&buffer);
}

/* An item's byte of flags follows its place; a fleet is the end of OPEN. */
static void a_fleet_that_cannot_be_is_refused(void **state)
{
	static const struct packet_source keeper = {false, segments, 2};
	static const uint8_t refused[] = {4, 6, 7, 12, 14, 15, 16, 128};
	struct history_item none = {.segment = 1, .address = ADDRESS_V4(0x0a00030a)};
	const struct packet sent = {.kind = PACKET_CHUNK, .items = {&none, 1}};
	struct packet open = samples[0];
	struct buffer buffer = {0};

	(void)state;
	assert_int_equal(packet_encode(&buffer, &sent), 0);
	for (size_t i = 0; i < sizeof(refused); i++) {
		buffer.bytes[buffer.length - 1] = refused[i];
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&sent)),
		                 -EPROTO);
	}
	buffer.length = 0;
	assert_int_equal(packet_encode(&buffer, &open), 0);
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), 0);
	buffer.bytes[buffer.length - 1] = SHARE_OFF + 1;
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	open.open.fleet.poll_ms = 0;
	buffer.length = 0;
	assert_int_equal(packet_encode(&buffer, &open), 0);
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	open.open.fleet = (struct fleet_options){"a/b", 1, share};
	buffer.length = 0;
	assert_int_equal(packet_encode(&buffer, &open), 0);
	assert_int_equal(decode_copy(buffer.bytes, buffer.length, &keeper), -EPROTO);
	buffer_clear(&buffer);
}

static void a_truncated_message_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct buffer buffer = {0};

		packet_encode(&buffer, &samples[i]);
		for (size_t length = 0; length < buffer.length; length++) {
			assert_true(packet_length((char *)buffer.bytes, length) <= 0);
			assert_int_not_equal(
			        decode_copy(buffer.bytes, length, source_of(&samples[i])), 0);
			/* Also when its head says so. */
			if (length >= PACKET_HEAD) {
				uint32_t whole = (uint32_t)(buffer.length - PACKET_HEAD);

				buffer_u32_at(&buffer, 0, (uint32_t)(length - PACKET_HEAD));
				assert_int_not_equal(
				        decode_copy(buffer.bytes, length, source_of(&samples[i])),
				        0);
				buffer_u32_at(&buffer, 0, whole);
			}
		}
		buffer_clear(&buffer);
	}
}

static void no_mutation_gives_a_value_out_of_bounds(void **state)
{
	unsigned seed = 20261127;

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct buffer buffer = {0};
		uint8_t *bytes;

		packet_encode(&buffer, &samples[i]);
		bytes = malloc(buffer.length);
		for (unsigned n = 0; n < MUTATIONS; n++) {
			unsigned changes = 1 + (unsigned)rand_r(&seed) % 4;

			memcpy(bytes, buffer.bytes, buffer.length);
			/* The head stays: a wrong length or kind is refused at once. */
			for (unsigned c = 0; c < changes && buffer.length > PACKET_HEAD; c++) {
				size_t at = PACKET_HEAD +
				            (size_t)rand_r(&seed) % (buffer.length - PACKET_HEAD);

				bytes[at] =
				        rand_r(&seed) % 2
				                ? (uint8_t)rand_r(&seed)
				                : bytes[at] ^ (uint8_t)(1u << (rand_r(&seed) % 8));
			}
			(void)decode_copy(bytes, buffer.length, source_of(&samples[i]));
		}
		free(bytes);
		buffer_clear(&buffer);
	}
}

static void each_side_sends_its_own_kinds_only(void **state)
{
	static const struct packet_source sides[] = {{false, segments, 2}, {true, segments, 2}};

	(void)state;
	for (size_t i = 0; i < SAMPLES; i++) {
		struct buffer buffer = {0};
		bool recorder = samples[i].kind >= PACKET_HELLO;

		packet_encode(&buffer, &samples[i]);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, &sides[recorder]), 0);
		assert_int_not_equal(decode_copy(buffer.bytes, buffer.length, &sides[!recorder]),
		                     0);
		for (uint32_t kind = 0; kind < 256; kind++) {
			buffer_u32_at(&buffer, 4, kind);
			(void)decode_copy(buffer.bytes, buffer.length, &sides[0]);
			(void)decode_copy(buffer.bytes, buffer.length, &sides[1]);
		}
		buffer_clear(&buffer);
	}
}

static void a_frame_that_is_too_long_is_refused_at_its_head(void **state)
{
	char head[PACKET_HEAD] = {0};

	(void)state;
	memset(head, 0xff, 4);
	assert_true(packet_length(head, sizeof(head)) < 0);
}

/* What a client chose, in each place where it can. */
static void choose(struct packet *packet, const char *text)
{
	const struct packet empty = {.kind = packet->kind};
	static const char *commit[1];

	*packet = empty;
	commit[0] = text;
	switch (packet->kind) {
	case PACKET_MERGE:
		packet->merge.branch = text;
		break;
	case PACKET_REVERT:
		packet->revert = (struct history_revert){text, text, text, commit, 1, 0, false};
		break;
	default:
		packet->change = (struct packet_change){.kind = "operator",
		                                        .context = {.message = text},
		                                        .address = ADDRESS_V4(0x0a000011)};
	}
}

/* Every recorder would refuse it, and nothing behind it would be recorded. */
static void what_the_other_side_refuses_is_not_sent(void **state)
{
	static const struct {
		enum packet_kind kind;
		size_t most;
	} sent[] = {{PACKET_MERGE, PACKET_PATH}, {PACKET_REVERT, 40}, {PACKET_CHANGE, PACKET_WORD}};
	static char text[PACKET_PATH + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
		struct packet packet = {.kind = sent[i].kind};
		struct buffer buffer = {0};

		memset(text, 'a', sent[i].most);
		text[sent[i].most] = '\0';
		choose(&packet, text);
		assert_int_equal(packet_encode(&buffer, &packet), 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)), 0);
		buffer.length = 0;
		strcat(text, "a");
		assert_int_not_equal(packet_encode(&buffer, &packet), 0);
		assert_int_equal(buffer.length, 0);
		buffer_clear(&buffer);
	}
}

/* It becomes a part of references, and of the file that lists them. */
static void a_kind_that_cannot_name_a_branch_is_refused(void **state)
{
	static const char *const kinds[] = {
	        "",           "..",     "a/b", "two words",
	        "line\nfeed", "a.lock", "A",   "abcdefghijklmnopqrstuvwxyzabcdef"};
	const struct packet sound[] = {
	        {.kind = PACKET_CHANGE,
	         .change = {.kind = "x-y", .address = ADDRESS_V4(0x0a000011)}},
	        {.kind = PACKET_BEGIN, .task = {.token = 1, .kind = "x-y"}}};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buffer buffer = {0};
		struct packet packet = sound[i];
		uint8_t *kind;

		assert_int_equal(packet_encode(&buffer, &sound[i]), 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)), 0);
		kind = memmem(buffer.bytes, buffer.length, "x-y", 3);
		assert_non_null(kind);
		kind[1] = '/';
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)),
		                 -EPROTO);
		for (size_t j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++) {
			if (i == 0)
				packet.change.kind = kinds[j];
			else
				packet.task.kind = kinds[j];
			buffer.length = 0;
			assert_int_not_equal(packet_encode(&buffer, &packet), 0);
		}
		buffer_clear(&buffer);
	}
}

/* 0 stands for no task. */
static void a_task_that_begins_or_ends_has_a_number(void **state)
{
	static const enum packet_kind kinds[] = {PACKET_BEGIN, PACKET_END};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct packet packet = {.kind = kinds[i], .task = {.token = 1, .kind = "learn"}};
		struct buffer buffer = {0};

		assert_int_equal(packet_encode(&buffer, &packet), 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)), 0);
		buffer_u32_at(&buffer, PACKET_HEAD, 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)),
		                 -EPROTO);
		packet.task.token = 0;
		assert_int_not_equal(packet_encode(&buffer, &packet), 0);
		buffer_clear(&buffer);
	}
}

static void texts_for_people_lose_what_is_not_text(void **state)
{
	const struct packet sent = {.kind = PACKET_NOTICE,
	                            .notice = "a\x1b[31m \xff line\nR\xc3\xa4"
	                                      "ck"};
	struct buffer buffer = {0};
	struct packet packet;

	(void)state;
	packet_encode(&buffer, &sent);
	assert_int_equal(
	        packet_decode(&packet, source_of(&sent), (char *)buffer.bytes, buffer.length), 0);
	assert_string_equal(packet.notice, "a?[31m ? line\nR\xc3\xa4"
	                                   "ck");
	packet_clear(&packet);
	buffer_clear(&buffer);
}

static void a_message_for_people_has_words(void **state)
{
	static const enum packet_kind kinds[] = {PACKET_LOST, PACKET_WARNING, PACKET_NOTICE};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct packet packet = {.kind = kinds[i], .notice = "x"};
		struct buffer buffer = {0};

		assert_int_equal(packet_encode(&buffer, &packet), 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)), 0);
		packet.notice[0] = '\0';
		buffer.length = 0;
		assert_int_equal(packet_encode(&buffer, &packet), 0);
		assert_int_equal(decode_copy(buffer.bytes, buffer.length, source_of(&packet)),
		                 -EPROTO);
		buffer_clear(&buffer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_message_comes_out_as_it_went_in),
	        cmocka_unit_test(numbers_are_little_endian),
	        cmocka_unit_test(an_ipv6_address_and_a_role_come_out),
	        cmocka_unit_test(an_address_of_no_family_and_a_role_of_a_host_are_refused),
	        cmocka_unit_test(what_the_fleet_adds_comes_out),
	        cmocka_unit_test(a_fleet_that_cannot_be_is_refused),
	        cmocka_unit_test(a_truncated_message_is_refused),
	        cmocka_unit_test(no_mutation_gives_a_value_out_of_bounds),
	        cmocka_unit_test(each_side_sends_its_own_kinds_only),
	        cmocka_unit_test(a_frame_that_is_too_long_is_refused_at_its_head),
	        cmocka_unit_test(what_the_other_side_refuses_is_not_sent),
	        cmocka_unit_test(a_kind_that_cannot_name_a_branch_is_refused),
	        cmocka_unit_test(a_task_that_begins_or_ends_has_a_number),
	        cmocka_unit_test(texts_for_people_lose_what_is_not_text),
	        cmocka_unit_test(a_message_for_people_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

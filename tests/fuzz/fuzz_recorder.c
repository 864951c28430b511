// SPDX-License-Identifier: MIT
/*
 * The recorder's side of the border: a real history in memory, and a keeper that says anything, in
 * any order, that is well-formed by itself (fuzz_packets.c has the rest). Whatever it says, what
 * the recorder answers can be read, each post is answered once, everything is written at the end,
 * and the repository opens again with what was recorded last.
 */
#include "fuzz.h"

#include <errno.h>
#include <git2.h>
#include <sys/socket.h>

#include "recorder/take.h"
#include "recorder/tell.h"

#define STEPS_MAX   40
#define ANSWERS_MAX 256
#define CLOSE_MS    10000
#define IPV6        UINT64_C(0x20010db800000007)
#define TASKS       4                      /* tokens */
#define LAST        address_v4(0xc0a80001) /* the address of the change that comes last */

static const struct prefix lan[] = {{ADDRESS_V4(0x0a000000), 28}, {{IPV6, 0}, 64}},
                           dmz[] = {{ADDRESS_V4(0xc0a80000), 30}};
static const struct segment segment[] = {{"lan", lan, 2}, {"dmz", dmz, 1}};
static const struct packet_source recorder_says = {true, segment, 2};

/* libgit2 1.5 leaks for a segment's second prefix, as user/main.c says. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2";
}

struct world {
	struct recorder recorder;
	struct inbox inbox; /* the keeper's */
	int keeper;         /* its end of the socket */
	char folder[256], path[300];
	uint8_t answered[ANSWERS_MAX]; /* by the number of the post */
	uint64_t durable;              /* posts up to this number are */
	bool found;                    /* the last change, when the repository was opened again */
};

static struct world world;

/* --- the keeper listens ----------------------------------------------------------------------- */

static void hear(const struct packet *packet)
{
	uint64_t number = packet->kind == PACKET_DONE      ? packet->done.number
	                  : packet->kind == PACKET_OUTCOME ? packet->outcome.number
	                                                   : 0;

	if (packet->kind == PACKET_DONE || packet->kind == PACKET_OUTCOME) {
		MUST(number > 0 && number <= world.recorder.number && number < ANSWERS_MAX);
		MUST(!world.answered[number]);
		world.answered[number] = 1;
	}
	if (packet->kind == PACKET_PREPARED || packet->kind == PACKET_DURABLE)
		MUST(packet->progress.taken <= world.recorder.number);
	if (packet->kind == PACKET_DURABLE)
		world.durable = packet->progress.taken;
	if (packet->kind != PACKET_CHUNK)
		return;
	for (size_t i = 0; i < packet->items.count; i++)
		world.found |= address_equal(packet->items.item[i].address, LAST) &&
		               packet->items.item[i].theirs;
}

static void listen_to_recorder(void)
{
	while (inbox_receive(&world.inbox, world.keeper, SIZE_MAX, MSG_DONTWAIT) > 0) {
		struct packet packet;
		size_t length;
		char *frame;

		while (inbox_next(&world.inbox, &frame, &length) == 0 && frame) {
			MUST(packet_decode(&packet, &recorder_says, frame, length) == 0);
			hear(&packet);
			packet_clear(&packet);
		}
	}
}

/* --- a recorder, as recorder/run.c opens and ends it ------------------------------------------ */

static void on_news(uv_async_t *news)
{
	tell_status(news->data);
}

static void recorder_open(void)
{
	struct recorder *recorder = &world.recorder;
	const struct history_options options = {.path = world.path,
	                                        .instance = "fuzz",
	                                        .control = "/control",
	                                        .program = "/bin/true",
	                                        .segment = segment,
	                                        .segments = 2,
	                                        .interval_ms = 1,
	                                        .loop = &recorder->loop,
	                                        .propose = tell_proposal,
	                                        .progress = tell_progress,
	                                        .notice = tell_notice,
	                                        .context = recorder};
	struct history_proposal *chunk;
	struct fault fault = {""};
	uint64_t about;
	int ends[2], error;

	*recorder = (struct recorder){.keeper = {false, segment, 2}};
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	world.keeper = ends[0];
	world.inbox.begin = world.inbox.end = 0;
	MUST(link_init(&recorder->link, ends[1]) == 0);
	MUST(uv_loop_init(&recorder->loop) == 0);
	MUST(uv_async_init(&recorder->loop, &recorder->news, on_news) == 0);
	recorder->news.data = recorder;
	error = history_open(&recorder->history, &options, &fault);
	if (!error)
		error = history_load(recorder->history, &about, &fault);
	while (!error && (error = history_load_next(recorder->history, &chunk, &fault)) > 0) {
		for (size_t i = 0; i < chunk->items; i++)
			chunk->item[i].result = chunk->item[i].theirs;
		error = tell_items(recorder, PACKET_CHUNK, chunk->item, chunk->items);
		listen_to_recorder();
	}
	if (error)
		fprintf(stderr, "%s\n", fault.text);
	MUST(error == 0);
}

static void close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* Everything that was taken is written. */
static void recorder_close(void)
{
	struct recorder *recorder = &world.recorder;
	struct history *history = recorder->history;

	recorder->history = NULL;
	MUST(history_close(history, CLOSE_MS) == 0);
	listen_to_recorder();
	uv_walk(&recorder->loop, close_handle, NULL);
	uv_run(&recorder->loop, UV_RUN_DEFAULT);
	MUST(uv_loop_close(&recorder->loop) == 0);
	link_clear(&recorder->link);
	close(world.keeper);
}

/* --- what the keeper says --------------------------------------------------------------------- */

static const char *choose_word(struct input *input)
{
	static const char *const words[] = {
	        "learn",         "merge/x", "refs/heads/main",    "a.lock",     "..",   "two words",
	        "line\nTask: x", "",        "refs/heads/merge/x", "z\xc3\xa4h", "\xff", NULL};

	return words[input_u8(input) % (sizeof(words) / sizeof(words[0]))];
}

static struct entry *choose_entry(struct entry *entry, struct input *input)
{
	uint8_t which = input_u8(input);

	*entry = (struct entry){.mac = {{2, 0, 0, 0, 0, which % 8}},
	                        .state = which & 8 ? ENTRY_STATIC : ENTRY_DYNAMIC,
	                        .router = (which & 12) == 12,
	                        .since = which & 16 ? 1700000000 : 0,
	                        .origin = which & 32 ? (char *)"host/eth0" : NULL,
	                        .note = which & 64 ? (char *)"a note" : NULL};
	return which & 128 ? NULL : entry;
}

static void choose_change(struct packet_change *change, struct input *input)
{
	static struct entry after;
	static const char *const kinds[] = {"learn", "move", "external"};
	uint8_t how = input_u8(input);
	const char *kind = kinds[input_u8(input) % 3];

	*change = (struct packet_change){.task = how % (TASKS + 1),
	                                 .wait = how & 4,
	                                 .kind = kind,
	                                 .address = address_v4(0x0a000001 + how / 16 % 14)};
	if (how / 16 == 15)
		change->address = (struct address){IPV6, 1 + how % 4};
	change->context.interface = how & 8 ? choose_word(input) : NULL;
	change->context.message = how & 8 ? choose_word(input) : NULL;
	change->after = choose_entry(&after, input);
}

static void choose_packet(struct packet *packet, struct input *input)
{
	static const char *commit[2];
	static struct entry entry;
	static struct packet_result result[4];

	*packet = (struct packet){.kind = PACKET_KEEP + input_u8(input) % 12u};
	switch (packet->kind) {
	case PACKET_KEEP:
	case PACKET_CHANGE:
		choose_change(&packet->change, input);
		break;
	case PACKET_BEGIN:
		packet->task.kind = "import";
		/* fall through */
	case PACKET_END:
		packet->task.token = 1 + input_u8(input) % TASKS;
		packet->task.wait = input_u8(input) & 1;
		break;
	case PACKET_MERGE:
		packet->merge.branch = choose_word(input);
		break;
	case PACKET_REVERT:
		commit[0] = input_u8(input) & 1 ? "0123456789abcdef0123456789abcdef01234567" : "x";
		commit[1] = "";
		packet->revert =
		        (struct history_revert){"x",    choose_word(input),  choose_word(input),
		                                commit, input_u8(input) % 4, 0,
		                                false};
		if (packet->revert.commits == 3) {
			packet->revert.retire = true;
			packet->revert.commits = 0;
		}
		break;
	case PACKET_RESULTS:
		(void)choose_entry(&entry, input);
		packet->results = (struct packet_results){result, input_u8(input) % 4};
		for (size_t i = 0; i < packet->results.count; i++)
			result[i] = (struct packet_result){.how = RESULT_ENTRY, .entry = &entry};
		break;
	case PACKET_ANSWER:
		packet->answer = (struct packet_answer){input_u8(input) % 4, input_u8(input) & 1};
		break;
	case PACKET_ALERT:
		packet->alert = (struct history_alert){.time = input_u32(input),
		                                       .kind = "conflict",
		                                       .words = "words",
		                                       .segment = choose_word(input),
		                                       .mac = choose_word(input)};
		break;
	case PACKET_PING:
		packet->number = input_u8(input);
		break;
	default:
		break;
	}
}

/* On the way through bytes, as from a socket. 0, or an error after which the recorder ends. */
static int take(const struct packet *sent)
{
	struct buffer buffer = {0};
	struct packet packet;
	int error;

	MUST(packet_encode(&buffer, sent) == 0);
	error = packet_decode(&packet, &world.recorder.keeper, (char *)buffer.bytes, buffer.length);
	if (!error) {
		error = take_packet(&world.recorder, &packet);
		packet_clear(&packet);
	}
	buffer_clear(&buffer);
	uv_run(&world.recorder.loop, UV_RUN_NOWAIT);
	listen_to_recorder();
	return error;
}

/* An honest keeper's last words, to a recorder that has taken all before. */
static void end_honestly(bool loaded)
{
	struct entry after = {.mac = {{2, 0, 0, 0, 0, 1}}, .since = 1700000000};
	const struct packet change = {.kind = PACKET_CHANGE,
	                              .change = {.wait = true,
	                                         .kind = "learn",
	                                         .segment = 1,
	                                         .address = LAST,
	                                         .after = &after}};
	const struct packet done = {.kind = PACKET_LOADED};

	if (!loaded)
		MUST(take(&done) == 0);
	MUST(take(&change) == 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_folder(world.folder);
	snprintf(world.path, sizeof(world.path), "%s/history.git", world.folder);
	log_set_level(LOG_LEVEL_ERROR);
	git_libgit2_init();
	return inbox_init(&world.inbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	struct packet packet;
	int error = 0;

	memset(world.answered, 0, sizeof(world.answered));
	recorder_open();
	for (unsigned i = 0; i < STEPS_MAX && input_left(&input) > 0 && !error; i++) {
		choose_packet(&packet, &input);
		error = take(&packet);
	}
	/* One that ends writes what it has taken. Else what comes now is recorded, too. */
	if (!error)
		end_honestly(world.recorder.loaded);
	recorder_close();
	if (!error) {
		MUST(world.durable == world.recorder.number);
		world.found = false;
		recorder_open();
		MUST(world.found);
		recorder_close();
	}
	MUST(folder_empty(world.folder) == 0);
	return 0;
}

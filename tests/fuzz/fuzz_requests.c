// SPDX-License-Identifier: MIT
/*
 * The agent's commands, as a client of the control socket sends them: root, whom nothing is refused
 * for want of a right. The agent is whole but for what is outside: it has no ports, its table is in
 * memory, and a recorder here answers each post at once. Every request has one answer, and what the
 * agent posts is what a recorder can read. Not asked: `stats` and `stop`, which need a program in
 * the kernel.
 */
#include "fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/commands.h"
#include "agent/correct.h"
#include "agent/events.h"
#include "agent/importer.h"
#include "agent/reconciler.h"
#include "agent/state.h"

#define TURNS_MAX 20000
#define SEGMENTS  3
#define COMMIT    "0123456789abcdef0123456789abcdef01234567"

/* A address may be in two segments, and in none. */
static const struct {
	const char *name;
	struct prefix prefix;
} part[SEGMENTS] = {{"lan", {ADDRESS_V4(0x0a000000), 25}},
                    {"guests", {ADDRESS_V4(0x0a000000), 28}},
                    {"dmz", {ADDRESS_V4(0xc0a80000), 30}}};

struct world {
	struct agent *agent;
	char path[300];
	struct neigh_slot *slots;
	struct segment segment[SEGMENTS];
	struct packet_source keeper;
	int recorder;
	struct inbox inbox;
	uint64_t posts;
	unsigned requests;
};

static struct world world;

/* --- the recorder ---------------------------------------------------------------------------- */

static void say(const struct packet *packet)
{
	struct buffer buffer = {0};

	MUST(packet_encode(&buffer, packet) == 0);
	MUST(send(world.recorder, buffer.bytes, buffer.length, MSG_NOSIGNAL) ==
	     (ssize_t)buffer.length);
	buffer_clear(&buffer);
}

static int start(void *context, int socket, pid_t *pid, struct fault *fault)
{
	static const struct packet said[] = {{.kind = PACKET_HELLO, .version = PROTOCOL_VERSION},
	                                     {.kind = PACKET_LOADING},
	                                     {.kind = PACKET_READ}};

	(void)context;
	(void)fault;
	world.recorder = dup(socket);
	MUST(world.recorder >= 0);
	*pid = 1000;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		say(&said[i]);
	return 0;
}

static void answer(const struct packet *packet)
{
	struct packet done = {.kind = PACKET_DONE, .done = {.number = ++world.posts}};
	struct packet outcome = {.kind = PACKET_OUTCOME, .outcome = {.number = world.posts}};

	strcpy(done.done.commit, COMMIT);
	strcpy(outcome.outcome.outcome.commit, COMMIT);
	strcpy(outcome.outcome.outcome.text, "merged");
	if (packet->kind == PACKET_MERGE || packet->kind == PACKET_REVERT)
		say(&outcome);
	else if (packet->kind == PACKET_MARK ||
	         (packet->kind == PACKET_CHANGE && packet->change.wait) ||
	         (packet->kind == PACKET_END && packet->task.wait))
		say(&done);
}

/* Everything posted so far is durable. */
static void make_durable(void)
{
	struct packet packet = {.kind = PACKET_TAKEN, .number = world.posts};

	say(&packet);
	packet = (struct packet){.kind = PACKET_PREPARED, .progress = {.taken = world.posts}};
	strcpy(packet.progress.applied, COMMIT);
	say(&packet);
	packet.kind = PACKET_DURABLE;
	say(&packet);
}

/* Takes what the keeper has said, which must be readable. */
static void record(void)
{
	uint64_t before = world.posts;

	while (inbox_receive(&world.inbox, world.recorder, SIZE_MAX, MSG_DONTWAIT) > 0) {
		struct packet packet;
		size_t length;
		char *frame;

		while (inbox_next(&world.inbox, &frame, &length) == 0 && frame) {
			MUST(packet_decode(&packet, &world.keeper, frame, length) == 0);
			if (packet.kind >= PACKET_CHANGE && packet.kind <= PACKET_REVERT)
				answer(&packet);
			packet_clear(&packet);
		}
	}
	if (world.posts > before)
		make_durable();
}

static void nothing_more(void *context, pid_t pid)
{
	(void)context;
	(void)pid;
}

static void ended(void *context, const char *words)
{
	(void)context;
	fprintf(stderr, "%s\n", words);
	MUST(!"the recorder said nothing wrong");
}

static void raised(void *context, const struct history_alert *alert)
{
	ended(context, alert->words);
}

static void unasked(void *context, struct history_proposal *proposal)
{
	(void)context;
	(void)proposal;
	MUST(!"nothing was proposed");
}

static void notice(void *context, const char *line)
{
	(void)context;
	MUST(line && *line);
}

static void open_ledger(struct agent *agent)
{
	const struct ledger_options options = {.path = "/history.git",
	                                       .instance = "fuzz",
	                                       .control = world.path,
	                                       .segment = world.segment,
	                                       .segments = SEGMENTS,
	                                       .loop = &agent->loop,
	                                       .context = agent,
	                                       .start = start,
	                                       .kill = nothing_more,
	                                       .ended = ended,
	                                       .lost = ended,
	                                       .warned = ended,
	                                       .raised = raised,
	                                       .propose = unasked,
	                                       .notice = notice};
	struct history_proposal *chunk;
	struct fault fault = {""};
	uint64_t about;

	world.posts = 0;
	world.inbox.begin = world.inbox.end = 0;
	world.keeper = (struct packet_source){false, world.segment, SEGMENTS};
	MUST(ledger_open(&agent->ledger, &options, &about, &fault) == 0);
	MUST(ledger_load_next(agent->ledger, &chunk, &fault) == 0);
	ledger_loaded(agent->ledger);
}

/* --- the agent ------------------------------------------------------------------------------- */

static void handle(void *context, const struct control_request *request)
{
	const char *command = control_text(request, "command");

	world.requests++;
	if (!strcmp(command, "stats") || !strcmp(command, "stop"))
		control_fail(world.agent->control, request->client, "not here");
	else
		commands_handle(context, request);
}

static void make_segments(struct agent *agent)
{
	struct fault fault = {""};

	MUST(config_init(&agent->config) == 0);
	for (unsigned s = 0; s < SEGMENTS; s++) {
		struct config_segment *segment =
		        config_add_segment(&agent->config, part[s].name, &fault);

		MUST(segment && config_segment_add_prefix(segment, part[s].prefix) == 0);
		MUST(layout_add(&agent->layout, s, part[s].prefix, &fault) == 0);
		layout_name(&agent->layout, s, part[s].name);
		world.segment[s] = (struct segment){part[s].name, &part[s].prefix, 1};
	}
}

static void make_table(struct agent *agent)
{
	struct neighbour_policy policy[SEGMENTS] = {
	        {.timeout = 300}, {.timeout = 300}, {.timeout = 300}};

	world.slots = calloc(agent->layout.slots, sizeof(*world.slots));
	MUST(world.slots);
	MUST(neighbour_new(&agent->neighbour, world.slots, &agent->layout, policy, SEGMENTS,
	                   &events_of_table, agent, 1) == 0);
}

static void agent_open(void)
{
	struct agent *agent = world.agent = calloc(1, sizeof(*agent));
	struct fault fault = {""};

	MUST(agent && uv_loop_init(&agent->loop) == 0);
	MUST((agent->ports = calloc(1, sizeof(*agent->ports))) != NULL);
	agent->lock = agent->ports->socket = -1;
	agent->operators = (gid_t)-1;
	agent->ports->config = &agent->config;
	make_segments(agent);
	make_table(agent);
	MUST(announce_init(&agent->announcer, &agent->loop, agent->ports, &events_announced, agent,
	                   &fault) == 0);
	uv_timer_init(&agent->loop, &agent->tick);
	correct_init(agent);
	uv_idle_init(&agent->loop, &agent->importer.idle);
	uv_idle_init(&agent->loop, &agent->proposals.idle);
	agent->tick.data = agent->importer.idle.data = agent->proposals.idle.data = agent;
	MUST(control_open(&agent->control, &agent->loop, world.path, handle, agent, &fault) == 0);
	control_on_gone(agent->control, importer_gone);
	open_ledger(agent);
	agent->ready = true;
}

static void close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* As the agent's own end. */
static void agent_close(void)
{
	struct agent *agent = world.agent;

	agent->stopping = true;
	close(world.recorder);
	(void)ledger_close(agent->ledger, 0, false);
	control_close(agent->control, NULL);
	uv_walk(&agent->loop, close_handle, NULL);
	uv_run(&agent->loop, UV_RUN_DEFAULT);
	MUST(uv_loop_close(&agent->loop) == 0);
	reconciler_clear(agent);
	announce_clear(&agent->announcer);
	free(agent->corrector.item);
	neighbour_free(agent->neighbour);
	layout_clear(&agent->layout);
	config_clear(&agent->config);
	MUST(!agent->waiting && !agent->importer.import);
	free(agent->ports);
	free(agent);
	free(world.slots);
}

/* --- a client -------------------------------------------------------------------------------- */

struct answers {
	char *text;
	size_t length, room, looked; /* at whole lines before this */
	unsigned count;
};

static int client_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	MUST(client >= 0 && strlen(world.path) < sizeof(address.sun_path));
	strcpy(address.sun_path, world.path);
	MUST(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	return client;
}

/* Each line is JSON; those with "ok" answer a request. */
static void count_answers(struct answers *answers)
{
	char *line = answers->text + answers->looked, *end;

	while ((end = memchr(line, '\n', answers->length - answers->looked))) {
		json_t *body = json_loadb(line, (size_t)(end - line), 0, NULL);

		MUST(json_is_object(body));
		answers->count += json_object_get(body, "ok") != NULL;
		json_decref(body);
		answers->looked += (size_t)(end - line) + 1;
		line = end + 1;
	}
}

static void turn(struct answers *answers, int client)
{
	ssize_t got;

	uv_run(&world.agent->loop, UV_RUN_NOWAIT);
	record();
	do {
		MUST(array_reserve(&answers->text, &answers->room, answers->length + 65536) == 0);
		got = recv(client, answers->text + answers->length, 65536, 0);
		answers->length += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	MUST(got < 0 && errno == EAGAIN); /* the agent hangs up on nobody */
	count_answers(answers);
}

/* Whole lines that are not empty. */
static unsigned count_requests(const char *text, size_t length)
{
	unsigned lines = 0;

	for (const char *end; length > 0 && (end = memchr(text, '\n', length));) {
		lines += end > text;
		length -= (size_t)(end - text) + 1;
		text = end + 1;
	}
	return lines;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char folder[256];

	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	snprintf(world.path, sizeof(world.path), "%s/control", folder);
	log_set_level(LOG_LEVEL_ERROR);
	return inbox_init(&world.inbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned requests = count_requests((const char *)data, size), turns = 0;
	struct answers answers = {.text = NULL};
	int client;

	agent_open();
	client = client_connect();
	MUST(size == 0 || send(client, data, size, MSG_NOSIGNAL) == (ssize_t)size);
	do {
		turn(&answers, client);
		MUST(turns++ < TURNS_MAX);
	} while (answers.count < requests);
	turn(&answers, client);
	MUST(answers.count == requests);
	close(client);
	uv_run(&world.agent->loop, UV_RUN_NOWAIT);
	record();
	agent_close();
	free(answers.text);
	return 0;
}

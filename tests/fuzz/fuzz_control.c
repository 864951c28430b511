// SPDX-License-Identifier: MIT
/*
 * The control socket: what a client sends, in pieces of any size, to a server on a real socket. The
 * first byte is the size of the pieces. Each whole line has one answer, which is a JSON object;
 * nothing is left open. The commands here are those of a server that answers in all ways.
 */
#include "fuzz.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "control/control.h"
#include "control/lines.h"

#define TURNS_MAX   100000
#define ANSWERS_MAX ((size_t)32 << 20)
#define SHORT_LINE  24

struct server {
	uv_loop_t loop;
	struct control *control;
	char path[300];
	unsigned requests, streams; /* so far in this run; under way */
	bool watched;
};

static struct server server;

/* --- a server -------------------------------------------------------------------------------- */

struct pieces {
	unsigned left;
};

static char *next_piece(void *context, size_t *length)
{
	struct pieces *pieces = context;
	char *text;

	if (pieces->left == 0)
		return NULL;
	text = strdup(--pieces->left ? "{\"ok\":true" : "}\n");
	MUST(text);
	*length = strlen(text);
	return text;
}

static void pieces_done(void *context)
{
	server.streams--;
	free(context);
}

static void stream(const struct control_request *request)
{
	struct pieces *pieces = calloc(1, sizeof(*pieces));
	const struct control_source source = {next_piece, pieces_done, pieces};

	MUST(pieces);
	pieces->left = 2;
	server.streams++;
	control_stream(server.control, request->client, &source);
}

static void handle(void *context, const struct control_request *request)
{
	const char *command = control_text(request, "command");

	(void)context;
	MUST(command && request->uid == geteuid() && request->may_change);
	server.requests++;
	if (!strcmp(command, "echo")) {
		control_reply(server.control, request->client, json_deep_copy(request->body));
	} else if (!strcmp(command, "stream")) {
		stream(request);
	} else if (!strcmp(command, "watch")) {
		server.watched = true;
		control_subscribe(server.control, request->client);
	} else {
		control_publish(server.control, json_pack("{s:s}", "type", "notice"));
		control_fail(server.control, request->client, "unknown command '%s'", command);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct fault fault;
	char folder[256];

	(void)argc;
	(void)argv;
	fuzz_folder(folder);
	log_set_level(LOG_LEVEL_ERROR);
	snprintf(server.path, sizeof(server.path), "%s/control", folder);
	MUST(uv_loop_init(&server.loop) == 0);
	MUST(control_open(&server.control, &server.loop, server.path, handle, NULL, &fault) == 0);
	return 0;
}

/* --- a client -------------------------------------------------------------------------------- */

/* What was answered. */
struct answers {
	char *text;
	size_t length, room;
	bool ended;
};

static int client_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	MUST(client >= 0 && strlen(server.path) < sizeof(address.sun_path));
	strcpy(address.sun_path, server.path);
	MUST(connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	return client;
}

static void turn(struct answers *answers, int client)
{
	ssize_t got;

	uv_run(&server.loop, UV_RUN_NOWAIT);
	do {
		MUST(array_reserve(&answers->text, &answers->room, answers->length + 65536) == 0);
		got = recv(client, answers->text + answers->length, 65536, 0);
		answers->length += got > 0 ? (size_t)got : 0;
		MUST(answers->length < ANSWERS_MAX);
	} while (got > 0);
	answers->ended = got == 0 || errno == ECONNRESET;
}

/* Whole lines that are not empty. */
static unsigned count_lines(const char *text, size_t length, bool answers)
{
	unsigned lines = 0;

	for (const char *end; length > 0 && (end = memchr(text, '\n', length));) {
		size_t line = (size_t)(end - text);

		if (answers) {
			json_t *answer = json_loadb(text, line, 0, NULL);

			MUST(json_is_object(answer));
			MUST(json_object_get(answer, "ok") || json_object_get(answer, "type"));
			json_decref(answer);
		}
		lines += line > 0;
		text += line + 1;
		length -= line + 1;
	}
	MUST(!answers || length == 0);
	return lines;
}

static void talk(const char *text, size_t length, size_t piece)
{
	struct answers answers = {.text = NULL};
	int client = client_connect();
	unsigned turns = 0;

	server.requests = 0;
	server.watched = false;
	for (size_t sent = 0; sent < length && !answers.ended;) {
		size_t part = length - sent < piece ? length - sent : piece;
		ssize_t went = send(client, text + sent, part, MSG_NOSIGNAL);

		sent += went > 0 ? (size_t)went : 0;
		turn(&answers, client);
		MUST(turns++ < TURNS_MAX);
	}
	(void)shutdown(client, SHUT_WR);
	while (!answers.ended) {
		turn(&answers, client);
		MUST(turns++ < TURNS_MAX);
	}
	MUST(server.streams == 0);
	if (!server.watched)
		MUST(count_lines(answers.text, answers.length, true) ==
		     count_lines(text, length, false));
	MUST(!control_has_subscribers(server.control));
	free(answers.text);
	close(client);
}

/* --- lines alone, with a short limit --------------------------------------------------------- */

static void split(const char *text, size_t length, size_t piece)
{
	struct lines lines = {.text = NULL};
	const char *expected = text, *end = text + length, *line;
	size_t found, room;
	char *place;

	while (text < end && (place = lines_room(&lines, SHORT_LINE, &room))) {
		size_t part = (size_t)(end - text) < piece ? (size_t)(end - text) : piece;

		MUST(room > 0);
		part = part < room ? part : room;
		memcpy(place, text, part);
		lines_add(&lines, part);
		text += part;
		while ((line = lines_next(&lines, &found))) {
			MUST(found <= SHORT_LINE && !memcmp(line, expected, found));
			MUST(expected[found] == '\n');
			expected += found + 1;
		}
		MUST(lines_overflow(&lines, SHORT_LINE) == (text - expected > SHORT_LINE));
	}
	MUST(text == end || text - expected > SHORT_LINE);
	lines_clear(&lines);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	size_t piece = input_u8(&input), length;
	const char *text = (const char *)input_bytes(&input, size, &length);

	piece = piece ? piece : size + 1;
	split(text, length, piece);
	talk(text, length, piece);
	return 0;
}

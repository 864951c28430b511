/* SPDX-License-Identifier: MIT */
/* A server with a few commands, on a loop in a thread, and a peer of it here. */
#ifndef TESTS_CONTROL_SERVER_H
#define TESTS_CONTROL_SERVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/base.h"
#include "control/control.h"

#define HELD_MAX 4096

struct server {
	char directory[64];
	char path[128];
	uv_loop_t loop;
	uv_async_t stop;
	struct control *control;
	pthread_t thread;
	bool closed;
	uid_t uid;
	bool may_change;
	atomic_uint pieces, ended, gone; /* of streams; clients that left */
	uint64_t held[HELD_MAX];         /* clients whose request "hold" has no answer yet */
	atomic_uint holds;
};

/* An answer of many pieces: ["piece", "piece", ...] on one line. */
struct pieces {
	struct server *server;
	unsigned left;
};

#define PIECE_LENGTH 65536

static inline char *next_piece(void *context, size_t *length)
{
	struct pieces *pieces = context;
	char *text;

	if (pieces->left == 0)
		return NULL;
	text = malloc(PIECE_LENGTH);
	assert_non_null(text);
	memset(text, ' ', PIECE_LENGTH);
	if (pieces->server->pieces == 0)
		memcpy(text, "{\"ok\":true}", strlen("{\"ok\":true}"));
	if (--pieces->left == 0)
		text[PIECE_LENGTH - 1] = '\n';
	pieces->server->pieces++;
	*length = PIECE_LENGTH;
	return text;
}

static inline void pieces_done(void *context)
{
	((struct pieces *)context)->server->ended++;
	free(context);
}

static inline void gone(void *context, uint64_t client)
{
	(void)client;
	((struct server *)context)->gone++;
}

static inline void serve(void *context, const struct control_request *request)
{
	struct server *server = context;
	const char *command = json_string_value(json_object_get(request->body, "command"));

	server->uid = request->uid;
	server->may_change = request->may_change;
	if (strcmp(command, "echo") == 0) {
		control_reply(server->control, request->client, json_deep_copy(request->body));
	} else if (strcmp(command, "large") == 0) {
		char *text = malloc(12 << 20);

		memset(text, 'x', 12 << 20);
		control_reply(server->control, request->client,
		              json_pack("{s:s%}", "text", text, (size_t)12 << 20));
		free(text);
	} else if (strcmp(command, "pieces") == 0) {
		struct control_source source = {next_piece, pieces_done, NULL};
		struct pieces *pieces = calloc(1, sizeof(*pieces));

		assert_non_null(pieces);
		pieces->server = server;
		pieces->left = 100; /* 6 MiB: more than a socket takes */
		source.context = pieces;
		server->pieces = 0;
		control_stream(server->control, request->client, &source);
	} else if (strcmp(command, "hold") == 0) {
		assert_true(server->holds < HELD_MAX);
		server->held[server->holds++] = request->client;
	} else if (strcmp(command, "release") == 0) {
		unsigned holds = server->holds;

		server->holds = 0;
		for (unsigned i = 0; i < holds; i++)
			control_reply(server->control, server->held[i], json_object());
		control_reply(server->control, request->client, json_object());
	} else if (strcmp(command, "watch") == 0) {
		control_subscribe(server->control, request->client);
	} else if (strcmp(command, "publish") == 0) {
		control_publish(server->control, json_pack("{s:s}", "type", "notice"));
		control_reply(server->control, request->client, json_object());
	} else if (strcmp(command, "flood") == 0) {
		char *text = malloc(1 << 20);
		unsigned i;

		memset(text, 'y', 1 << 20);
		for (i = 0; i < 64; i++)
			control_publish(server->control,
			                json_pack("{s:s%}", "text", text, (size_t)1 << 20));
		free(text);
		control_reply(server->control, request->client,
		              json_pack("{s:b}", "subscribers",
		                        control_has_subscribers(server->control)));
	} else {
		control_fail(server->control, request->client, "unknown command %s", command);
	}
}

static inline void closed(void *context)
{
	((struct server *)context)->closed = true;
}

static inline void close_control(uv_async_t *async)
{
	struct server *server = async->data;

	control_close(server->control, closed);
	uv_close((uv_handle_t *)async, NULL);
}

static inline void *run(void *argument)
{
	uv_run(argument, UV_RUN_DEFAULT);
	return NULL;
}

static inline int set_up(void **state)
{
	struct server *server = calloc(1, sizeof(*server));
	struct fault fault;

	log_set_level(LOG_LEVEL_ERROR);
	strcpy(server->directory, "/tmp/arpkeeper-control-XXXXXX");
	assert_non_null(mkdtemp(server->directory));
	snprintf(server->path, sizeof(server->path), "%s/run/control.sock", server->directory);
	uv_loop_init(&server->loop);
	uv_async_init(&server->loop, &server->stop, close_control);
	server->stop.data = server;
	assert_int_equal(
	        control_open(&server->control, &server->loop, server->path, serve, server, &fault),
	        0);
	pthread_create(&server->thread, NULL, run, &server->loop);
	*state = server;
	return 0;
}

static inline int tear_down(void **state)
{
	struct server *server = *state;
	char path[256];

	uv_async_send(&server->stop);
	pthread_join(server->thread, NULL);
	assert_true(server->closed);
	assert_int_equal(uv_loop_close(&server->loop), 0);
	assert_int_equal(access(server->path, F_OK), -1); /* removed on close */
	snprintf(path, sizeof(path), "%s/run", server->directory);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(server->directory), 0);
	free(server);
	return 0;
}

/* A peer. */

static inline int peer_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval patience = {.tv_sec = 60};

	strcpy(address.sun_path, path);
	assert_int_equal(TEMP_FAILURE_RETRY(
	                         connect(descriptor, (struct sockaddr *)&address, sizeof(address))),
	                 0);
	setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return descriptor;
}

/* Returns how much was sent when all is, or the agent has closed. io_uring, which libuv uses,
 * interrupts the thread, which then has sent a part. */
static inline size_t peer_offer(int descriptor, const char *text)
{
	size_t length = strlen(text), sent = 0;

	while (sent < length) {
		ssize_t part = TEMP_FAILURE_RETRY(
		        send(descriptor, text + sent, length - sent, MSG_NOSIGNAL));

		if (part < 0)
			break;
		sent += (size_t)part;
	}
	return sent;
}

static inline void peer_send(int descriptor, const char *text)
{
	assert_int_equal(peer_offer(descriptor, text), strlen(text));
}

/* Nor is a socket with a timeout read again by itself. */
static inline ssize_t peer_receive(int descriptor, void *buffer, size_t size, int flags)
{
	return TEMP_FAILURE_RETRY(recv(descriptor, buffer, size, flags));
}

/* The next line; NULL at the end of the stream. */
static inline json_t *peer_next(int descriptor)
{
	size_t size = 16 << 20, length = 0;
	char *line = malloc(size);
	json_t *object = NULL;

	while (peer_receive(descriptor, line + length, 1, MSG_PEEK) == 1) {
		ssize_t part = peer_receive(descriptor, line + length, size - length, MSG_PEEK);
		char *end = memchr(line + length, '\n', (size_t)part);

		if (end)
			part = end - (line + length) + 1;
		assert_int_equal(peer_receive(descriptor, line + length, (size_t)part, 0), part);
		length += (size_t)part;
		if (end) {
			object = json_loadb(line, length, 0, NULL);
			assert_non_null(object);
			break;
		}
	}
	free(line);
	return object;
}

static inline bool is_ok(json_t *response)
{
	bool ok = json_is_true(json_object_get(response, "ok"));

	assert_non_null(response);
	json_decref(response);
	return ok;
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif

/* SPDX-License-Identifier: MIT */
/*
 * One connection: splits lines, checks that each is a JSON object with a command, and writes
 * answers. It knows no command.
 */
#include "control/peer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"

#define REQUEST_MAX (1u << 20) /* bytes of one line */
#define QUEUE_MAX   (8u << 20) /* bytes that may wait before a further message drops the peer */
#define PEERS_MAX   256        /* any local user may connect, and must not use up the descriptors */

struct peer {
	uv_pipe_t pipe;
	struct peers *all;
	struct peer *next;
	uint64_t id;
	uid_t uid;
	bool may_change;
	bool subscribed;
	bool half_closed; /* it sends no more, but waits for answers */
	bool closing;
	unsigned unanswered;
	struct control_source source; /* of the answer under way; next NULL: none is */
	char *line; /* the next request so far; while an answer is under way, several */
	size_t length, capacity;
};

/* The end of a connection. */

static void on_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct peers *all = peer->all;

	free(peer->line);
	free(peer);
	all->closing--;
	all->let_go(all->owner);
}

static void source_end(struct peer *peer)
{
	struct control_source source = peer->source;

	peer->source = (struct control_source){0};
	if (source.next)
		source.done(source.context);
}

static void peer_drop(struct peer *peer)
{
	struct peers *all = peer->all;
	struct peer **link = &all->first;

	if (peer->closing)
		return;
	peer->closing = true;
	source_end(peer);
	while (*link && *link != peer)
		link = &(*link)->next;
	if (*link) {
		*link = peer->next;
		all->count--;
		if (all->gone)
			all->gone(all->context, peer->id);
	}
	all->closing++;
	uv_close((uv_handle_t *)&peer->pipe, on_closed);
}

void peer_drop_all(struct peers *peers)
{
	while (peers->first)
		peer_drop(peers->first);
}

static size_t unwritten(const struct peer *peer)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&peer->pipe);
}

static void peer_drop_when_served(struct peer *peer)
{
	if (peer->half_closed && peer->unanswered == 0 && !peer->source.next &&
	    unwritten(peer) == 0)
		peer_drop(peer);
}

/* Lines out. */

/* Takes over `body`. A line, malloc'ed; NULL: out of memory. */
static char *line_of(json_t *body, size_t *length)
{
	size_t size = json_dumpb(body, NULL, 0, JSON_COMPACT);
	char *line = size ? malloc(size + 1) : NULL;

	if (line) {
		json_dumpb(body, line, size, JSON_COMPACT);
		line[size] = '\n';
		*length = size + 1;
	}
	json_decref(body);
	return line;
}

static void peer_continue(struct peer *peer);
static void peer_resume(struct peer *peer);

static void on_written(uv_write_t *request, int status)
{
	struct peer *peer = request->handle->data;

	free(request->data);
	free(request);
	if (status < 0)
		peer_drop(peer);
	else if (peer->source.next)
		peer_continue(peer);
	else
		peer_drop_when_served(peer);
}

/* Takes over `text`; NULL: out of memory, which drops the peer. One message of any size is always
 * accepted. What is refused is another one on top of a queue that the peer does not empty. */
static void peer_send(struct peer *peer, char *text, size_t length)
{
	size_t waiting = unwritten(peer);
	uv_buf_t buffer = uv_buf_init(text, (unsigned)length);
	uv_write_t *request = NULL;

	if (peer->closing)
		goto free;
	if (waiting > QUEUE_MAX || length > UINT32_MAX)
		log_warning("control socket: a client of user %u does not read (%zu bytes wait): "
		            "dropped",
		            (unsigned)peer->uid, waiting);
	else if (text)
		request = malloc(sizeof(*request));
	if (request) {
		request->data = text;
		if (uv_write(request, (uv_stream_t *)&peer->pipe, &buffer, 1, on_written) == 0)
			return;
		free(request);
	}
	peer_drop(peer);
free:
	free(text);
}

/* Sends the next piece of the answer. False: that was all. */
static bool peer_send_piece(struct peer *peer)
{
	size_t length;
	char *text = peer->source.next(peer->source.context, &length);

	if (text)
		peer_send(peer, text, length);
	return text != NULL;
}

/* Called whenever a piece is written. */
static void peer_continue(struct peer *peer)
{
	if (unwritten(peer) > 0 || peer_send_piece(peer))
		return;
	source_end(peer);
	peer_resume(peer);
}

void peer_answer(struct peer *peer, json_t *body)
{
	size_t length = 0;
	char *line = line_of(body, &length);

	if (peer->unanswered > 0)
		peer->unanswered--;
	peer_send(peer, line, length);
}

void peer_refuse(struct peer *peer, const char *format, va_list arguments)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, arguments);
	peer_answer(peer, json_pack("{s:b, s:s%, s:i}", "ok", 0, "error", text,
	                            strnlen(text, sizeof(text)), "status", 1));
}

__attribute__((format(printf, 2, 3))) static void peer_fail(struct peer *peer, const char *format,
                                                            ...)
{
	va_list arguments;

	va_start(arguments, format);
	peer_refuse(peer, format, arguments);
	va_end(arguments);
}

void peer_stream(struct peer *peer, const struct control_source *source)
{
	if (peer->subscribed || peer->source.next) {
		source->done(source->context);
		peer_fail(peer, "this connection is in use: open another one");
		return;
	}
	uv_read_stop((uv_stream_t *)&peer->pipe);
	peer->source = *source;
	if (!peer_send_piece(peer))
		peer_drop(peer);
}

void peer_subscribe(struct peer *peer)
{
	peer->subscribed = true;
	if (peer->half_closed)
		peer_drop(peer);
}

bool peer_is_subscribed(const struct peers *peers)
{
	const struct peer *peer = peers->first;

	while (peer && !peer->subscribed)
		peer = peer->next;
	return peer != NULL;
}

void peer_publish(struct peers *peers, json_t *event)
{
	struct peer *peer, *next;
	size_t length = 0;
	char *line;

	if (!peer_is_subscribed(peers)) {
		json_decref(event);
		return;
	}
	line = line_of(event, &length);
	for (peer = peers->first; line && peer; peer = next) {
		next = peer->next; /* sending may drop it */
		if (peer->subscribed)
			peer_send(peer, strndup(line, length), length);
	}
	free(line);
}

/* Lines in. */

static void peer_request(struct peer *peer)
{
	json_error_t error;
	json_t *body = json_loadb(peer->line, peer->length, JSON_REJECT_DUPLICATES, &error);
	struct control_request request = {
	        .client = peer->id,
	        .body = body,
	        .uid = peer->uid,
	        .may_change = peer->may_change,
	};

	peer->unanswered++;
	if (!body)
		peer_fail(peer, "the request is not JSON: %s", error.text);
	else if (!json_is_object(body) || !json_is_string(json_object_get(body, "command")))
		peer_fail(peer, "a request is an object with a \"command\"");
	else
		peer->all->handle(peer->all->context, &request);
	json_decref(body);
}

/* False: out of memory, and the peer is dropped. */
static bool peer_keep(struct peer *peer, const char *data, size_t length)
{
	if (array_reserve(&peer->line, &peer->capacity, peer->length + length)) {
		peer_drop(peer);
		return false;
	}
	if (length > 0)
		memcpy(peer->line + peer->length, data, length);
	peer->length += length;
	return true;
}

static void peer_input(struct peer *peer, const char *data, size_t length)
{
	while (length > 0 && !peer->closing) {
		/* Requests wait for the end of an answer; no more is read until then. */
		if (peer->source.next) {
			peer_keep(peer, data, length);
			return;
		}

		const char *end = memchr(data, '\n', length);
		size_t part = end ? (size_t)(end - data) : length;

		if (peer->length + part > REQUEST_MAX) {
			peer_fail(peer, "a request may not be longer than %u bytes", REQUEST_MAX);
			peer_drop(peer);
			return;
		}
		if (!peer_keep(peer, data, part) || !end)
			return;
		if (peer->length > 0)
			peer_request(peer);
		peer->length = 0;
		data += part + 1;
		length -= part + 1;
	}
}

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(peer->all->input, sizeof(peer->all->input));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct peer *peer = stream->data;

	if (length > 0) {
		peer_input(peer, buffer->base, (size_t)length);
	} else if (length == UV_EOF && !peer->subscribed) {
		/* `printf ... | socat` closes its half and still wants the answer. */
		uv_read_stop(stream);
		peer->half_closed = true;
		peer_drop_when_served(peer);
	} else if (length < 0) {
		peer_drop(peer);
	}
}

/* The answer is complete: handles the requests that came meanwhile. */
static void peer_resume(struct peer *peer)
{
	char *line = peer->line;
	size_t length = peer->length;

	peer->line = NULL;
	peer->length = peer->capacity = 0;
	peer->unanswered--;
	peer_input(peer, line, length);
	free(line);
	if (peer->closing || peer->source.next)
		return;
	if (peer->half_closed)
		peer_drop_when_served(peer);
	else if (uv_read_start((uv_stream_t *)&peer->pipe, on_allocate, on_read) < 0)
		peer_drop(peer);
}

/* Connections. */

static int peer_credentials(struct peer *peer)
{
	struct ucred credentials = {.uid = (uid_t)-1};
	socklen_t length = sizeof(credentials);
	uv_os_fd_t descriptor;
	int error = uv_fileno((uv_handle_t *)&peer->pipe, &descriptor);

	if (error < 0)
		return error;
	if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) < 0)
		return -errno;
	peer->uid = credentials.uid;
	peer->may_change = credentials.uid == 0 || credentials.uid == geteuid();
	return 0;
}

struct peer *peer_find(const struct peers *peers, uint64_t id)
{
	struct peer *peer = peers->first;

	while (peer && peer->id != id)
		peer = peer->next;
	return peer;
}

void peer_accept(struct peers *peers, uv_stream_t *listener)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer || uv_pipe_init(listener->loop, &peer->pipe, 0) < 0) {
		free(peer);
		return;
	}
	peer->all = peers;
	peer->pipe.data = peer;
	peer->id = ++peers->last_id;
	if (uv_accept(listener, (uv_stream_t *)&peer->pipe) < 0 || peer_credentials(peer) < 0) {
		peer_drop(peer);
		return;
	}
	if (peers->count >= PEERS_MAX) {
		peer_fail(peer, "%u connections are open already: close one", PEERS_MAX);
		peer_drop(peer);
		return;
	}
	peer->next = peers->first;
	peers->first = peer;
	peers->count++;
	if (uv_read_start((uv_stream_t *)&peer->pipe, on_allocate, on_read) < 0)
		peer_drop(peer);
}

/* SPDX-License-Identifier: MIT */
/*
 * The control socket and its connections: splits lines, checks that each is a JSON object with a
 * command, and writes answers. An answer that the peer does not read waits in libuv's queue.
 */
#include "control/control.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/listener.h"

#define REQUEST_MAX (1u << 20) /* bytes of one line */
#define QUEUE_MAX   (8u << 20) /* bytes that may wait before a further message drops the peer */
#define PEERS_MAX   256        /* any local user may connect, and must not use up the descriptors */

struct control {
	uv_pipe_t pipe;
	struct listener listener;
	struct peer *first; /* open ones */
	size_t count;
	uint64_t last_id;
	control_handler *handle;
	void *context;                                /* of `handle`, `gone` and `closed` */
	void (*gone)(void *context, uint64_t client); /* or NULL */
	void (*closed)(void *context);                /* or NULL */
	size_t handles; /* that libuv has not closed yet: the listener, and each peer */
	bool closing;
	char input[64 * 1024]; /* of one read; shared */
};

struct peer {
	uv_pipe_t pipe;
	struct control *all;
	struct peer *next;
	uint64_t id;
	uid_t uid;
	bool subscribed;
	bool half_closed; /* it sends no more, but waits for answers */
	bool closing;
	unsigned unanswered;
	struct control_source source; /* of the answer under way; next NULL: none is */
	char *line; /* the next request so far; while an answer is under way, several */
	size_t length, capacity;
};

/* The end of a connection. */

/* Frees the socket when libuv has closed it and the last client. */
static void let_go(struct control *control)
{
	if (--control->handles > 0)
		return;
	if (control->closed)
		control->closed(control->context);
	free(control);
}

static void on_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct control *all = peer->all;

	free(peer->line);
	free(peer);
	let_go(all);
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
	struct control *all = peer->all;
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
	uv_close((uv_handle_t *)&peer->pipe, on_closed);
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

static void peer_answer(struct peer *peer, json_t *body)
{
	size_t length = 0;
	char *line = line_of(body, &length);

	if (peer->unanswered > 0)
		peer->unanswered--;
	peer_send(peer, line, length);
}

static struct peer *peer_find(const struct control *control, uint64_t id)
{
	struct peer *peer = control->first;

	while (peer && peer->id != id)
		peer = peer->next;
	return peer;
}

void control_fail(struct control *control, uint64_t id, const char *format, ...)
{
	struct peer *peer = peer_find(control, id);
	char text[1024];
	va_list arguments;

	if (!peer)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	peer_answer(peer, json_pack("{s:b, s:s%, s:i}", "ok", 0, "error", text,
	                            strnlen(text, sizeof(text)), "status", 1));
}

/* Lines in. */

static void peer_request(struct peer *peer)
{
	json_error_t error;
	json_t *body = json_loadb(peer->line, peer->length, JSON_REJECT_DUPLICATES, &error);
	const struct control_request request = {peer->id, body, peer->uid,
	                                        peer->uid == 0 || peer->uid == geteuid()};

	peer->unanswered++;
	if (!body)
		control_fail(peer->all, peer->id, "the request is not JSON: %s", error.text);
	else if (!json_is_object(body) || !json_is_string(json_object_get(body, "command")))
		control_fail(peer->all, peer->id, "a request is an object with a \"command\"");
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
			control_fail(peer->all, peer->id,
			             "a request may not be longer than %u bytes", REQUEST_MAX);
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

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	struct peer *peer = NULL;
	uv_os_fd_t descriptor;

	if (status < 0)
		log_warning("control socket %s: cannot accept: %s", control->listener.path,
		            uv_strerror(status));
	else
		peer = calloc(1, sizeof(*peer));
	if (!peer)
		return;
	uv_pipe_init(listener->loop, &peer->pipe, 0); /* cannot fail on Unix */
	peer->all = control;
	control->handles++;
	peer->pipe.data = peer;
	peer->id = ++control->last_id;
	if (uv_accept(listener, (uv_stream_t *)&peer->pipe) < 0 ||
	    uv_fileno((uv_handle_t *)&peer->pipe, &descriptor) < 0 ||
	    listener_peer(descriptor, &peer->uid) < 0) {
		peer_drop(peer);
		return;
	}
	peer->next = control->first;
	control->first = peer;
	control->count++;
	if (control->count > PEERS_MAX) {
		control_fail(control, peer->id, "%u connections are open already: close one",
		             PEERS_MAX);
		peer_drop(peer);
		return;
	}
	if (uv_read_start((uv_stream_t *)&peer->pipe, on_allocate, on_read) < 0)
		peer_drop(peer);
}

int control_open(struct control **out, uv_loop_t *loop, const char *path, control_handler *handle,
                 void *context, struct fault *fault)
{
	struct control *control = calloc(1, sizeof(*control));
	int error;

	*out = NULL;
	if (!control)
		return fault_set(fault, -ENOMEM, "control socket %s: out of memory", path);
	error = listener_open(&control->listener, path, fault);
	if (error < 0) {
		free(control);
		return error;
	}
	control->handle = handle;
	control->context = context;
	control->handles = 1;
	/* libuv writes with write(2): a client that left must not end the process. */
	signal(SIGPIPE, SIG_IGN);
	uv_pipe_init(loop, &control->pipe, 0);
	control->pipe.data = control;
	error = uv_pipe_open(&control->pipe, control->listener.descriptor);
	if (!error)
		error = uv_listen((uv_stream_t *)&control->pipe, LISTENER_BACKLOG, on_connection);
	if (error < 0) {
		fault_set(fault, error, "cannot listen on control socket %s: %s", path,
		          uv_strerror(error));
		control_close(control, NULL);
		return error;
	}
	*out = control;
	return 0;
}

void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client))
{
	control->gone = gone;
}

const char *control_text(const struct control_request *request, const char *key)
{
	return json_string_value(json_object_get(request->body, key));
}

void control_reply(struct control *control, uint64_t id, json_t *body)
{
	struct peer *peer = peer_find(control, id);

	if (!peer) {
		json_decref(body);
		return;
	}
	if (body && !json_object_get(body, "ok"))
		json_object_set_new(body, "ok", json_true());
	peer_answer(peer, body);
}

void control_stream(struct control *control, uint64_t id, const struct control_source *source)
{
	struct peer *peer = peer_find(control, id);

	if (!peer || peer->subscribed || peer->source.next) {
		source->done(source->context);
		control_fail(control, id, "this connection is in use: open another one");
		return;
	}
	uv_read_stop((uv_stream_t *)&peer->pipe);
	peer->source = *source;
	if (!peer_send_piece(peer))
		peer_drop(peer);
}

void control_subscribe(struct control *control, uint64_t id)
{
	struct peer *peer = peer_find(control, id);

	if (!peer)
		return;
	peer->subscribed = true;
	if (peer->half_closed)
		peer_drop(peer);
}

bool control_has_subscribers(const struct control *control)
{
	const struct peer *peer = control->first;

	while (peer && !peer->subscribed)
		peer = peer->next;
	return peer != NULL;
}

void control_publish(struct control *control, json_t *event)
{
	struct peer *peer, *next;
	size_t length = 0;
	char *line;

	if (!control_has_subscribers(control)) {
		json_decref(event);
		return;
	}
	line = line_of(event, &length);
	for (peer = control->first; line && peer; peer = next) {
		next = peer->next; /* sending may drop it */
		if (peer->subscribed)
			peer_send(peer, strndup(line, length), length);
	}
	free(line);
}

static void on_listener_closed(uv_handle_t *handle)
{
	let_go(handle->data);
}

void control_close(struct control *control, void (*closed)(void *context))
{
	if (control->closing)
		return;
	control->closing = true;
	control->closed = closed;
	listener_remove(&control->listener);
	while (control->first)
		peer_drop(control->first);
	uv_close((uv_handle_t *)&control->pipe, on_listener_closed);
}

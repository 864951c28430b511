/* SPDX-License-Identifier: MIT */
/*
 * The listening end of the control socket: accepts, splits lines, checks that each is a JSON
 * object with a command, says who asks, and writes answers. It knows no command, and never
 * blocks: an answer that the peer does not read waits in libuv's queue, and a peer that lets
 * the queue grow beyond bounds is dropped.
 */
#include "control/control.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "control/listener.h"

#define REQUEST_MAX (1u << 20) /* octets of one line */
#define QUEUE_MAX   (8u << 20) /* octets that may wait before a further message drops the peer */
#define CLIENTS_MAX 256 /* any local user may connect: descriptors are not theirs to use up */

/* A line to be written; shared by all who get it. */
struct message {
	unsigned references;
	size_t length;
	char text[];
};

struct control_client {
	uv_pipe_t pipe;
	struct control *control;
	struct control_client *next;
	uint64_t id;
	uid_t uid;
	bool may_change;
	bool subscribed;
	bool half_closed; /* sends no more, but waits for answers */
	bool closing;
	unsigned unanswered;
	struct control_source source; /* of the answer under way; next NULL: there is none */
	char *line; /* what has come of the next request, or, while that is so, of several */
	size_t length, capacity;
};

struct control {
	uv_pipe_t pipe;
	struct listener listener;
	struct control_client *client; /* open ones */
	size_t clients;
	size_t handles; /* not yet closed by libuv */
	uint64_t next_id;
	control_handler *handle;
	void *context;
	void (*closed)(void *context);
	void (*gone)(void *context, uint64_t client); /* NULL: nobody asks */
	bool closing;
	char input[64 * 1024];
};

struct write {
	uv_write_t request;
	struct message *message;
};

/* Lines out. */

static struct message *message_new(json_t *body)
{
	size_t length = json_dumpb(body, NULL, 0, JSON_COMPACT);
	struct message *message = length ? malloc(sizeof(*message) + length + 1) : NULL;

	if (!message)
		return NULL;
	json_dumpb(body, message->text, length, JSON_COMPACT);
	message->text[length] = '\n';
	message->length = length + 1;
	message->references = 1;
	return message;
}

static void message_release(struct message *message)
{
	if (--message->references == 0)
		free(message);
}

static void handle_closed(struct control *control)
{
	void (*closed)(void *) = control->closed;
	void *context = control->context;

	if (--control->handles > 0)
		return;
	free(control);
	if (closed)
		closed(context);
}

static void client_closed(uv_handle_t *handle)
{
	struct control_client *client = handle->data;
	struct control *control = client->control;

	free(client->line);
	free(client);
	handle_closed(control);
}

static void source_end(struct control_client *client)
{
	struct control_source source = client->source;

	client->source = (struct control_source){0};
	if (source.next)
		source.done(source.context);
}

static void client_drop(struct control_client *client)
{
	struct control_client **link = &client->control->client;

	if (client->closing)
		return;
	client->closing = true;
	source_end(client);
	while (*link && *link != client)
		link = &(*link)->next;
	if (*link) {
		*link = client->next;
		client->control->clients--;
		if (client->control->gone)
			client->control->gone(client->control->context, client->id);
	}
	uv_close((uv_handle_t *)&client->pipe, client_closed);
}

static void client_drop_when_served(struct control_client *client)
{
	if (client->half_closed && client->unanswered == 0 && !client->source.next &&
	    uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) == 0)
		client_drop(client);
}

static void client_continue(struct control_client *client);
static void client_resume(struct control_client *client);

static void written(uv_write_t *request, int status)
{
	struct write *write = (struct write *)request;
	struct control_client *client = request->handle->data;

	message_release(write->message);
	free(write);
	if (status < 0)
		client_drop(client);
	else if (client->source.next)
		client_continue(client);
	else
		client_drop_when_served(client);
}

/*
 * One message of any size is always accepted: `show` of a large table is larger than the
 * bound. What is refused is another one on top of a queue that nobody empties.
 */
static void client_send(struct control_client *client, struct message *message)
{
	size_t waiting = uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe);
	uv_buf_t buffer = uv_buf_init(message->text, (unsigned)message->length);
	struct write *write;

	if (client->closing)
		return;
	if (waiting > QUEUE_MAX || message->length > UINT32_MAX) {
		log_warning("control socket: a client of user %u does not read (%zu octets wait): "
		            "dropped",
		            (unsigned)client->uid, waiting);
		client_drop(client);
		return;
	}
	write = malloc(sizeof(*write));
	if (!write) {
		client_drop(client);
		return;
	}
	write->message = message;
	message->references++;
	if (uv_write(&write->request, (uv_stream_t *)&client->pipe, &buffer, 1, written) < 0) {
		message->references--;
		free(write);
		client_drop(client);
	}
}

/* Sends the next piece of the answer. False: that was all. */
static bool client_send_piece(struct control_client *client)
{
	size_t length;
	char *text = client->source.next(client->source.context, &length);
	struct message *message = text ? malloc(sizeof(*message) + length) : NULL;

	if (text && !message)
		client_drop(client);
	if (message) {
		memcpy(message->text, text, length);
		message->length = length;
		message->references = 1;
		client_send(client, message);
		message_release(message);
	}
	free(text);
	return text != NULL;
}

/* Called whenever a piece is written. */
static void client_continue(struct control_client *client)
{
	if (uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) > 0 ||
	    client_send_piece(client))
		return;
	source_end(client);
	client_resume(client);
}

static struct control_client *client_find(struct control *control, uint64_t id)
{
	struct control_client *client = control->client;

	while (client && client->id != id)
		client = client->next;
	return client;
}

/* Takes over `body`. */
static void client_answer(struct control_client *client, json_t *body)
{
	struct message *message = body ? message_new(body) : NULL;

	json_decref(body);
	if (client->unanswered > 0)
		client->unanswered--;
	if (!message) {
		client_drop(client);
		return;
	}
	client_send(client, message);
	message_release(message);
}

static void client_refuse(struct control_client *client, const char *format, va_list arguments)
{
	char text[1024];

	vsnprintf(text, sizeof(text), format, arguments);
	client_answer(client, json_pack("{s:b, s:s%, s:i}", "ok", 0, "error", text,
	                                strnlen(text, sizeof(text)), "status", 1));
}

static void client_fail(struct control_client *client, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void client_fail(struct control_client *client, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	client_refuse(client, format, arguments);
	va_end(arguments);
}

/* Lines in. */

static void client_request(struct control_client *client, const char *line, size_t length)
{
	json_error_t error;
	json_t *body = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	struct control_request request = {
	        .client = client->id,
	        .body = body,
	        .uid = client->uid,
	        .may_change = client->may_change,
	};

	client->unanswered++;
	if (!body)
		client_fail(client, "the request is not JSON: %s", error.text);
	else if (!json_is_object(body) || !json_is_string(json_object_get(body, "command")))
		client_fail(client, "a request is an object with a \"command\"");
	else
		client->control->handle(client->control->context, &request);
	json_decref(body);
}

static int client_keep(struct control_client *client, const char *data, size_t length)
{
	size_t needed = client->length + length;

	if (needed > client->capacity) {
		size_t capacity = needed < 4096 ? 4096 : needed * 2;
		char *line = realloc(client->line, capacity);

		if (!line)
			return -ENOMEM;
		client->line = line;
		client->capacity = capacity;
	}
	memcpy(client->line + client->length, data, length);
	client->length = needed;
	return 0;
}

static void client_input(struct control_client *client, const char *data, size_t length)
{
	while (length > 0 && !client->closing) {
		/* Requests wait for the end of an answer; no more is read until then. */
		if (client->source.next) {
			if (client_keep(client, data, length) < 0)
				client_drop(client);
			return;
		}

		const char *end = memchr(data, '\n', length);
		size_t part = end ? (size_t)(end - data) : length;

		if (client->length + part > REQUEST_MAX) {
			client_fail(client, "a request may not be longer than %u octets",
			            REQUEST_MAX);
			client_drop(client);
			return;
		}
		if (client_keep(client, data, part) < 0) {
			client_drop(client);
			return;
		}
		if (!end)
			return;
		if (client->length > 0)
			client_request(client, client->line, client->length);
		client->length = 0;
		data += part + 1;
		length -= part + 1;
	}
}

static void input_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer);
static void input_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer);

/* The answer is given: what came meanwhile has its turn. */
static void client_resume(struct control_client *client)
{
	char *line = client->line;
	size_t length = client->length;

	client->line = NULL;
	client->length = client->capacity = 0;
	client->unanswered--;
	client_input(client, line, length);
	free(line);
	if (client->closing || client->source.next)
		return;
	if (client->half_closed)
		client_drop_when_served(client);
	else if (uv_read_start((uv_stream_t *)&client->pipe, input_allocate, input_read) < 0)
		client_drop(client);
}

static void input_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct control_client *client = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(client->control->input, sizeof(client->control->input));
}

static void input_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct control_client *client = stream->data;

	if (length > 0) {
		client_input(client, buffer->base, (size_t)length);
	} else if (length == UV_EOF && !client->subscribed) {
		/* `printf ... | socat` closes its half and still wants the answer. */
		uv_read_stop(stream);
		client->half_closed = true;
		client_drop_when_served(client);
	} else if (length < 0) {
		client_drop(client);
	}
}

/* Connections. */

static int client_credentials(struct control_client *client)
{
	struct ucred peer = {.uid = (uid_t)-1};
	socklen_t length = sizeof(peer);
	uv_os_fd_t descriptor;
	int error = uv_fileno((uv_handle_t *)&client->pipe, &descriptor);

	if (error < 0)
		return error;
	if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return -errno;
	client->uid = peer.uid;
	client->may_change = peer.uid == 0 || peer.uid == geteuid();
	return 0;
}

static void connected(uv_stream_t *stream, int status)
{
	struct control *control = stream->data;
	struct control_client *client;

	if (status < 0) {
		log_warning("control socket %s: cannot accept: %s", control->listener.path,
		            uv_strerror(status));
		return;
	}
	client = calloc(1, sizeof(*client));
	if (!client || uv_pipe_init(stream->loop, &client->pipe, 0) < 0) {
		free(client);
		return;
	}
	client->control = control;
	client->pipe.data = client;
	client->id = control->next_id++;
	control->handles++;
	if (uv_accept(stream, (uv_stream_t *)&client->pipe) < 0 || client_credentials(client) < 0) {
		client_drop(client);
		return;
	}
	if (control->clients >= CLIENTS_MAX) {
		client_fail(client, "%u connections are open already: close one", CLIENTS_MAX);
		client_drop(client);
		return;
	}
	client->next = control->client;
	control->client = client;
	control->clients++;
	if (uv_read_start((uv_stream_t *)&client->pipe, input_allocate, input_read) < 0)
		client_drop(client);
}

/* Opening and serving. */

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
	control->next_id = 1;
	control->handle = handle;
	control->context = context;
	/* libuv writes with write(2): a client that left must not end the agent. */
	signal(SIGPIPE, SIG_IGN);
	uv_pipe_init(loop, &control->pipe, 0); /* cannot fail on Unix */
	control->pipe.data = control;
	control->handles = 1;
	error = uv_pipe_open(&control->pipe, control->listener.descriptor);
	if (error < 0)
		close(control->listener.descriptor);
	else
		error = uv_listen((uv_stream_t *)&control->pipe, LISTENER_BACKLOG, connected);
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

void control_reply(struct control *control, uint64_t id, json_t *body)
{
	struct control_client *client = client_find(control, id);

	if (!client) {
		json_decref(body);
		return;
	}
	if (body && !json_object_get(body, "ok"))
		json_object_set_new(body, "ok", json_true());
	client_answer(client, body);
}

void control_fail(struct control *control, uint64_t id, const char *format, ...)
{
	struct control_client *client = client_find(control, id);
	va_list arguments;

	if (!client)
		return;
	va_start(arguments, format);
	client_refuse(client, format, arguments);
	va_end(arguments);
}

void control_stream(struct control *control, uint64_t id, const struct control_source *source)
{
	struct control_client *client = client_find(control, id);

	if (!client || client->subscribed || client->source.next) {
		source->done(source->context);
		if (client)
			client_fail(client, "this connection is used for something else: open "
			                    "another");
		return;
	}
	uv_read_stop((uv_stream_t *)&client->pipe);
	client->source = *source;
	if (!client_send_piece(client))
		client_drop(client);
}

void control_subscribe(struct control *control, uint64_t id)
{
	struct control_client *client = client_find(control, id);

	if (!client)
		return;
	client->subscribed = true;
	if (client->half_closed)
		client_drop(client);
}

void control_publish(struct control *control, json_t *event)
{
	struct control_client *client, *next;
	struct message *message = NULL;

	if (control_has_subscribers(control))
		message = message_new(event);
	json_decref(event);
	if (!message)
		return;
	for (client = control->client; client; client = next) {
		next = client->next; /* sending may drop it */
		if (client->subscribed)
			client_send(client, message);
	}
	message_release(message);
}

bool control_has_subscribers(const struct control *control)
{
	const struct control_client *client = control->client;

	while (client && !client->subscribed)
		client = client->next;
	return client != NULL;
}

static void listener_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

void control_close(struct control *control, void (*closed)(void *context))
{
	if (control->closing)
		return;
	control->closing = true;
	control->closed = closed;
	listener_remove(&control->listener);
	while (control->client)
		client_drop(control->client);
	uv_close((uv_handle_t *)&control->pipe, listener_closed);
}

/* SPDX-License-Identifier: MIT */
/* The control socket: listens, and finds the client that an answer is for. */
#include "control/control.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/base.h"
#include "control/listener.h"
#include "control/peer.h"

struct control {
	uv_pipe_t pipe;
	struct listener listener;
	struct peers peers;
	void (*closed)(void *context);
	bool closing, listener_closed;
};

static void connected(uv_stream_t *stream, int status)
{
	struct control *control = stream->data;

	if (status < 0)
		log_warning("control socket %s: cannot accept: %s", control->listener.path,
		            uv_strerror(status));
	else
		peer_accept(&control->peers, stream);
}

/* Frees the socket when libuv has closed it and the last client. */
static void let_go(void *owner)
{
	struct control *control = owner;
	void (*closed)(void *) = control->closed;
	void *context = control->peers.context;

	if (!control->listener_closed || control->peers.closing > 0)
		return;
	free(control);
	if (closed)
		closed(context);
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
	control->peers.handle = handle;
	control->peers.context = context;
	control->peers.let_go = let_go;
	control->peers.owner = control;
	/* libuv writes with write(2): a client that left must not end the process. */
	signal(SIGPIPE, SIG_IGN);
	uv_pipe_init(loop, &control->pipe, 0); /* cannot fail on Unix */
	control->pipe.data = control;
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
	control->peers.gone = gone;
}

const char *control_text(const struct control_request *request, const char *key)
{
	return json_string_value(json_object_get(request->body, key));
}

void control_reply(struct control *control, uint64_t id, json_t *body)
{
	struct peer *peer = peer_find(&control->peers, id);

	if (!peer) {
		json_decref(body);
		return;
	}
	if (body && !json_object_get(body, "ok"))
		json_object_set_new(body, "ok", json_true());
	peer_answer(peer, body);
}

void control_fail(struct control *control, uint64_t id, const char *format, ...)
{
	struct peer *peer = peer_find(&control->peers, id);
	va_list arguments;

	if (!peer)
		return;
	va_start(arguments, format);
	peer_refuse(peer, format, arguments);
	va_end(arguments);
}

void control_stream(struct control *control, uint64_t id, const struct control_source *source)
{
	struct peer *peer = peer_find(&control->peers, id);

	if (peer)
		peer_stream(peer, source);
	else
		source->done(source->context);
}

void control_subscribe(struct control *control, uint64_t id)
{
	struct peer *peer = peer_find(&control->peers, id);

	if (peer)
		peer_subscribe(peer);
}

void control_publish(struct control *control, json_t *event)
{
	peer_publish(&control->peers, event);
}

bool control_has_subscribers(const struct control *control)
{
	return peer_is_subscribed(&control->peers);
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;

	control->listener_closed = true;
	let_go(control);
}

void control_close(struct control *control, void (*closed)(void *context))
{
	if (control->closing)
		return;
	control->closing = true;
	control->closed = closed;
	listener_remove(&control->listener);
	peer_drop_all(&control->peers);
	uv_close((uv_handle_t *)&control->pipe, on_listener_closed);
}

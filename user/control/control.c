/* SPDX-License-Identifier: MIT */
/*
 * The control socket: who may connect, and which connection an answer is for. What a connection
 * does is in peer.c.
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

#include "control/peer.h"

#define ACCEPTS     16   /* connections in one turn of the loop: each takes some 10 µs */
#define TICK_MS     1000 /* how often idle connections are looked for */
#define REPORT_MS   UINT64_C(60000) /* refused connections are logged once a minute */
#define OWN_HANDLES 3

/* Connections. */

static void log_refusal(struct control *control, const char *why)
{
	uint64_t now = uv_now(control->poll.loop);

	control->refused++;
	if (control->reported_ms && now - control->reported_ms < REPORT_MS)
		return;
	log_warning("control socket: connections refused since the last such line: %llu; now: %s",
	            (unsigned long long)control->refused, why);
	control->reported_ms = now;
	control->refused = 0;
}

/* Says why, as far as a new socket takes it. Closes the descriptor. */
static void refuse(struct control *control, int descriptor, const struct fault *fault)
{
	size_t length = 0;
	char *line = peer_line(peer_error(fault->text), &length);

	if (line)
		(void)!send(descriptor, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	free(line);
	close(descriptor);
	log_refusal(control, fault->text);
}

static void welcome(struct control *control, int descriptor)
{
	struct user *user = NULL;
	enum standing standing;
	struct fault fault;
	uid_t uid;
	int error = standing_read(&standing, &uid, descriptor, control->operators);

	if (error < 0)
		close(descriptor);
	else if (usage_connect(&control->usage, &user, uid, standing, &fault) < 0)
		refuse(control, descriptor, &fault);
	else
		(void)peer_new(control, descriptor, user);
}

/* libuv would accept for as long as clients connect. */
static void on_connections(uv_poll_t *poll, int status, int events)
{
	struct control *control = poll->data;

	(void)events;
	for (unsigned i = 0; status == 0 && i < ACCEPTS; i++) {
		int descriptor = accept4(control->listener.descriptor, NULL, NULL,
		                         SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (descriptor >= 0) {
			welcome(control, descriptor);
		} else if (errno != ECONNABORTED && errno != EINTR) {
			status = -errno;
		}
	}
	if (status == 0 || status == -EAGAIN)
		return;
	/* No descriptors, say: the next tick begins again. */
	log_refusal(control, strerror(-status));
	uv_poll_stop(poll);
}

static void on_tick(uv_timer_t *tick)
{
	struct control *control = tick->data;
	uint64_t now = uv_now(tick->loop);
	struct peer *peer, *next;

	uv_poll_start(&control->poll, UV_READABLE, on_connections);
	for (peer = control->first; peer; peer = next) {
		next = peer->next; /* it may be dropped */
		peer_tick(peer, now);
	}
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
	control->operators = NO_GROUP;
	control->handle = handle;
	control->context = context;
	/* libuv writes with write(2): a client that left must not end the process. */
	signal(SIGPIPE, SIG_IGN);
	error = uv_poll_init(loop, &control->poll, control->listener.descriptor);
	if (error < 0) {
		fault_set(fault, error, "cannot listen on control socket %s: %s", path,
		          uv_strerror(error));
		listener_remove(&control->listener);
		close(control->listener.descriptor);
		free(control);
		return error;
	}
	uv_timer_init(loop, &control->tick); /* these do not fail */
	turns_init(&control->turns, loop, peer_serve);
	control->handles = OWN_HANDLES;
	control->poll.data = control->tick.data = control->turns.idle.data = control;
	uv_poll_start(&control->poll, UV_READABLE, on_connections);
	uv_timer_start(&control->tick, on_tick, TICK_MS, TICK_MS);
	*out = control;
	return 0;
}

void control_set_operators(struct control *control, gid_t group)
{
	control->operators = group;
}

void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client))
{
	control->gone = gone;
}

static void on_closed(uv_handle_t *handle)
{
	peer_let_go(handle->data);
}

void control_close(struct control *control, void (*closed)(void *context))
{
	if (control->closing)
		return;
	control->closing = true;
	control->closed = closed;
	listener_remove(&control->listener);
	while (control->first)
		peer_finish(control->first);
	uv_close((uv_handle_t *)&control->poll, on_closed);
	uv_close((uv_handle_t *)&control->tick, on_closed);
	uv_close((uv_handle_t *)&control->turns.idle, on_closed);
	close(control->listener.descriptor);
}

/* Answers. */

static struct peer *find(const struct control *control, uint64_t id)
{
	struct peer *peer = control->first;

	while (peer && peer->id != id)
		peer = peer->next;
	return peer;
}

const char *control_text(const struct control_request *request, const char *key)
{
	return json_string_value(json_object_get(request->body, key));
}

void control_reply(struct control *control, uint64_t id, json_t *body)
{
	struct peer *peer = find(control, id);

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
	struct peer *peer = find(control, id);
	char text[1024];
	va_list arguments;

	if (!peer)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	peer_answer(peer, peer_error(text));
}

void control_stream(struct control *control, uint64_t id, const struct control_source *source)
{
	struct peer *peer = find(control, id);

	if (peer && peer_stream(peer, source) == 0)
		return;
	source->done(source->context);
	control_fail(control, id, "this connection is in use: open another one");
}

void control_subscribe(struct control *control, uint64_t id)
{
	struct peer *peer = find(control, id);
	struct fault fault;

	if (!peer)
		return;
	if (!peer->subscribed && usage_watch(&control->usage, peer->user, &fault) < 0) {
		control_fail(control, id, "%s", fault.text);
		return;
	}
	control->subscribers += !peer->subscribed;
	peer->subscribed = true;
	control_reply(control, id, json_object());
	if (peer->half_closed)
		peer_drop(peer);
}

bool control_has_subscribers(const struct control *control)
{
	return control->subscribers > 0;
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
	line = peer_line(event, &length);
	for (peer = control->first; line && peer; peer = next) {
		next = peer->next; /* sending may drop it */
		if (peer->subscribed)
			peer_publish(peer, line, length);
	}
	free(line);
}

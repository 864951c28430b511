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

#define ACCEPT_NS UINT64_C(300000) /* of a turn of the loop: some 30 connections */
#define TICK_MS   1000             /* how often idle connections are looked for */
#define REPORT_MS UINT64_C(60000)  /* refused connections are logged once a minute */

/* Connections. */

static void log_refusal(struct control *control, const char *why)
{
	uint64_t now = uv_now(control->tick.loop);

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
	struct door *door = poll->data;
	uint64_t until = uv_hrtime() + ACCEPT_NS;

	(void)events;
	while (status == 0 && uv_hrtime() < until) {
		int descriptor = accept4(door->listener.descriptor, NULL, NULL,
		                         SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (descriptor >= 0)
			welcome(door->all, descriptor);
		else if (errno != ECONNABORTED && errno != EINTR)
			status = -errno;
	}
	if (status == 0 || status == -EAGAIN)
		return;
	/* No descriptors, say: the next tick begins again. */
	log_refusal(door->all, strerror(-status));
	uv_poll_stop(poll);
}

static void on_tick(uv_timer_t *tick)
{
	struct control *control = tick->data;
	uint64_t now = uv_now(tick->loop);
	struct peer *peer, *next;

	for (unsigned i = 0; i < DOORS; i++)
		if (control->door[i].listener.descriptor >= 0)
			uv_poll_start(&control->door[i].poll, UV_READABLE, on_connections);
	for (peer = control->first; peer; peer = next) {
		next = peer->next; /* it may be dropped */
		peer_tick(peer, now);
	}
}

/* The socket itself. */

static void on_closed(uv_handle_t *handle)
{
	peer_let_go(handle->data);
}

static void on_door_closed(uv_handle_t *handle)
{
	peer_let_go(((struct door *)handle->data)->all);
}

static void stop_listening(struct door *door)
{
	if (door->listener.descriptor < 0)
		return;
	listener_remove(&door->listener);
	close(door->listener.descriptor);
}

static int listen_all(struct control *control, const char *path, struct fault *fault)
{
	struct listener *operators = &control->door[DOOR_OPERATORS].listener;
	char beside[sizeof(operators->path)];
	int error;

	operators->descriptor = -1;
	error = listener_open(&control->door[DOOR_ALL].listener, path, 0666, fault);
	if (error < 0)
		return error;
	if (strlen(path) + strlen(CONTROL_OPERATORS) >= sizeof(beside)) {
		log_warning("control socket %s: the path is too long for a second socket beside "
		            "it: users who connect without end can delay operators",
		            path);
		return 0;
	}
	snprintf(beside, sizeof(beside), "%s%s", path, CONTROL_OPERATORS);
	error = listener_open(operators, beside, 0600, fault);
	if (error < 0)
		stop_listening(&control->door[DOOR_ALL]);
	return error;
}

static void door_begin(struct control *control, struct door *door, uv_loop_t *loop)
{
	if (door->listener.descriptor < 0)
		return;
	door->all = control;
	uv_poll_init(loop, &door->poll, door->listener.descriptor);
	door->poll.data = door;
	uv_poll_start(&door->poll, UV_READABLE, on_connections);
	control->handles++;
}

int control_open(struct control **out, uv_loop_t *loop, const char *path, control_handler *handle,
                 void *context, struct fault *fault)
{
	struct control *control = calloc(1, sizeof(*control));
	int error;

	*out = NULL;
	if (!control)
		return fault_set(fault, -ENOMEM, "control socket %s: out of memory", path);
	error = listen_all(control, path, fault);
	if (error < 0) {
		free(control);
		return error;
	}
	control->operators = NO_GROUP;
	control->handle = handle;
	control->context = context;
	/* libuv writes with write(2): a client that left must not end the process. */
	signal(SIGPIPE, SIG_IGN);
	uv_timer_init(loop, &control->tick); /* none of these fails */
	turns_init(&control->turns, loop, peer_serve);
	control->tick.data = control->turns.idle.data = control;
	control->handles = 2;
	uv_timer_start(&control->tick, on_tick, TICK_MS, TICK_MS);
	for (unsigned i = 0; i < DOORS; i++)
		door_begin(control, &control->door[i], loop);
	*out = control;
	return 0;
}

void control_set_operators(struct control *control, gid_t group)
{
	const struct listener *listener = &control->door[DOOR_OPERATORS].listener;
	int error = 0;

	control->operators = group;
	if (listener->descriptor >= 0 && group != NO_GROUP)
		error = listener_admit(listener, group);
	if (error)
		log_warning("control socket %s: cannot give it the group %u: %s: operators use the "
		            "socket of all users",
		            listener->path, (unsigned)group, strerror(-error));
}

void control_hold(struct control *control, bool hold)
{
	turns_hold(&control->turns, hold);
}

void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client))
{
	control->gone = gone;
}

void control_close(struct control *control, void (*closed)(void *context))
{
	if (control->closing)
		return;
	control->closing = true;
	control->closed = closed;
	while (control->first)
		peer_finish(control->first);
	for (unsigned i = 0; i < DOORS; i++) {
		if (control->door[i].listener.descriptor >= 0)
			uv_close((uv_handle_t *)&control->door[i].poll, on_door_closed);
		stop_listening(&control->door[i]);
	}
	uv_close((uv_handle_t *)&control->tick, on_closed);
	uv_close((uv_handle_t *)&control->turns.idle, on_closed);
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

void control_publish_line(struct control *control, const char *line, size_t length)
{
	struct peer *next;

	for (struct peer *peer = control->first; length > 0 && peer; peer = next) {
		next = peer->next; /* sending may drop it */
		if (peer->subscribed)
			peer_publish(peer, line, length);
	}
}

void control_publish(struct control *control, json_t *event)
{
	size_t length = 0;
	char *line;

	if (!control_has_subscribers(control)) {
		json_decref(event);
		return;
	}
	line = peer_line(event, &length);
	control_publish_line(control, line, length);
	free(line);
}

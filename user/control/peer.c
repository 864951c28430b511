/* SPDX-License-Identifier: MIT */
/*
 * A connection: takes lines from it, checks that each is a JSON object with a command, and writes
 * answers. Beyond the limits of its user it is not read. It never waits.
 */
#include "control/peer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ERROR_TEXT 1024

/* The end of a connection. */

void peer_let_go(struct control *control)
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

	lines_clear(&peer->in);
	free(peer->out);
	free(peer);
	peer_let_go(all);
}

static void source_end(struct peer *peer)
{
	struct control_source source = peer->source;

	peer->source = (struct control_source){0};
	if (source.next)
		source.done(source.context);
}

/* Another request of the user has its answer, or will get none. */
static void unanswered_less(struct peer *peer, unsigned count)
{
	struct user *user = peer->user;

	peer->unanswered -= count;
	user->unanswered -= count;
	if (!user->held || count == 0)
		return;
	user->held = false;
	for (struct peer *other = peer->all->first; other; other = other->next)
		if (other->user == user && other->held)
			turns_queue(&peer->all->turns, &other->turn);
}

void peer_drop(struct peer *peer)
{
	struct control *all = peer->all;
	struct peer **link = &all->first;

	if (peer->closing)
		return;
	peer->closing = true;
	source_end(peer);
	turns_leave(&all->turns, &peer->turn);
	while (*link != peer)
		link = &(*link)->next;
	*link = peer->next;
	unanswered_less(peer, peer->unanswered);
	if (peer->subscribed) {
		usage_unwatch(&all->usage, peer->user);
		all->subscribers--;
	}
	usage_disconnect(&all->usage, peer->user);
	if (all->gone)
		all->gone(all->context, peer->id);
	uv_close((uv_handle_t *)&peer->pipe, on_closed);
}

/* What libuv still has, and what follows. */
static size_t unread(const struct peer *peer)
{
	return uv_stream_get_write_queue_size((const uv_stream_t *)&peer->pipe) + peer->out_length;
}

/* Lines out. */

char *peer_line(json_t *body, size_t *length)
{
	char *line = json_dumps(body, JSON_COMPACT);

	if (line) {
		*length = strlen(line);
		line[(*length)++] = '\n'; /* in place of the zero */
	}
	json_decref(body);
	return line;
}

json_t *peer_error(const char *text)
{
	char line[ERROR_TEXT];

	/* It quotes the request, and was cut to fit: JSON has whole characters. */
	snprintf(line, sizeof(line), "%s", text);
	text_mend(line);
	return json_pack("{s:b, s:s, s:i}", "ok", 0, "error", line, "status", 1);
}

static void on_written(uv_write_t *request, int status);

/* Takes over `text`, all of which libuv writes as the client reads. */
static void write_text(struct peer *peer, char *text, size_t length)
{
	uv_buf_t buffer = uv_buf_init(text, (unsigned)length);

	peer->writing = text;
	if (length <= UINT32_MAX &&
	    uv_write(&peer->write, (uv_stream_t *)&peer->pipe, &buffer, 1, on_written) == 0)
		return;
	peer->writing = NULL;
	free(text);
	peer_drop(peer);
}

static void on_written(uv_write_t *request, int status)
{
	struct peer *peer = request->handle->data;

	free(peer->writing);
	peer->writing = NULL;
	if (status < 0)
		peer_drop(peer);
	if (peer->closing)
		return;
	peer->active_ms = uv_now(request->handle->loop);
	if (peer->out_length > 0) {
		char *text = peer->out;
		size_t length = peer->out_length;

		peer->out = NULL;
		peer->out_length = peer->out_room = 0;
		write_text(peer, text, length);
	}
	/* It may read, go on with a long answer, or be done. */
	if (!peer->closing && !peer->reading)
		turns_queue(&peer->all->turns, &peer->turn);
}

/* Sends a copy. What follows a text that is being written joins it to one write. */
static void put(struct peer *peer, const char *text, size_t length)
{
	if (array_reserve(&peer->out, &peer->out_room, peer->out_length + length)) {
		peer_drop(peer);
		return;
	}
	memcpy(peer->out + peer->out_length, text, length);
	peer->out_length += length;
}

/* Takes over `text`; NULL: out of memory, which drops the peer. */
static void send_text(struct peer *peer, char *text, size_t length)
{
	if (!text) {
		peer_drop(peer);
	} else if (peer->closing) {
		free(text);
	} else if (peer->writing) {
		put(peer, text, length);
		free(text);
	} else {
		peer->active_ms = uv_now(peer->pipe.loop);
		write_text(peer, text, length);
	}
}

void peer_answer(struct peer *peer, json_t *body)
{
	size_t length = 0;
	char *line = peer_line(body, &length);

	send_text(peer, line, length);
	if (peer->closing)
		return;
	if (peer->unanswered > 0)
		unanswered_less(peer, 1);
	if (peer->held)
		turns_queue(&peer->all->turns, &peer->turn);
}

/* Says why the connection ends, which answers no request. */
static void send_last(struct peer *peer, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

static void send_last(struct peer *peer, const char *format, ...)
{
	char text[FAULT_TEXT], *line;
	size_t length = 0;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line = peer_line(peer_error(text), &length);
	send_text(peer, line, length);
}

void peer_publish(struct peer *peer, const char *line, size_t length)
{
	size_t waiting = unread(peer);

	if (peer->closing)
		return;
	if (waiting > peer->limits->watch_unread) {
		log_warning("control socket: a watcher of user %u does not read (%zu bytes wait): "
		            "dropped",
		            (unsigned)peer->user->uid, waiting);
		peer_drop(peer);
	} else if (peer->writing) {
		put(peer, line, length);
	} else {
		send_text(peer, strndup(line, length), length);
	}
}

int peer_stream(struct peer *peer, const struct control_source *source)
{
	if (peer->subscribed || peer->source.next)
		return -EBUSY;
	peer->source = *source;
	turns_queue(&peer->all->turns, &peer->turn);
	return 0;
}

/* Lines in. */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;
	size_t room = 0;
	char *place = lines_room(&peer->in, peer->limits->line, &room);

	(void)suggested;
	*buffer = uv_buf_init(place, place ? (unsigned)room : 0);
}

static void read_stop(struct peer *peer)
{
	uv_read_stop((uv_stream_t *)&peer->pipe);
	peer->reading = false;
}

/* It reads once, and then has its turn. */
static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct peer *peer = stream->data;

	(void)buffer;
	if (length == 0)
		return;
	if (length < 0 && (length != UV_EOF || peer->subscribed)) {
		peer_drop(peer);
		return;
	}
	read_stop(peer);
	if (length > 0)
		lines_add(&peer->in, (size_t)length);
	else
		peer->half_closed = true; /* `printf ... | socat` still wants the answer */
	turns_queue(&peer->all->turns, &peer->turn);
}

/* Takes no more requests, and ends when the answers are read. */
static void refuse_more(struct peer *peer)
{
	lines_clear(&peer->in);
	peer->half_closed = true;
}

static void request(struct peer *peer, const char *line, size_t length)
{
	char text[FAULT_TEXT];
	json_error_t error;
	json_t *body = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);
	const struct control_request request = {peer->id, body, peer->user->uid,
	                                        peer->user->standing != STANDING_USER};

	peer->active_ms = uv_now(peer->pipe.loop);
	peer->unanswered++;
	peer->user->unanswered++;
	if (!body) {
		snprintf(text, sizeof(text), "the request is not JSON: %s", error.text);
		peer_answer(peer, peer_error(text));
	} else if (!json_is_object(body) || !json_is_string(json_object_get(body, "command")))
		peer_answer(peer, peer_error("a request is an object with a \"command\""));
	else
		peer->all->handle(peer->all->context, &request);
	json_decref(body);
}

/* Whether the next request must wait until answers were made, or read. */
static bool is_held(struct peer *peer)
{
	if (peer->user->unanswered >= peer->limits->user_unanswered)
		peer->user->held = true;
	return peer->source.next || peer->user->held ||
	       peer->unanswered >= peer->limits->unanswered || unread(peer) > peer->limits->unread;
}

/* Sends the next piece of a long answer, if the client has read the one before. */
static void serve_source(struct peer *peer)
{
	size_t length;
	char *text;

	if (peer->writing)
		return;
	text = peer->source.next(peer->source.context, &length);
	if (text) {
		send_text(peer, text, length);
		return;
	}
	source_end(peer);
	unanswered_less(peer, 1);
}

bool peer_serve(struct turn *turn, uint64_t until)
{
	struct peer *peer = (struct peer *)turn;
	const char *line;
	size_t length;

	peer->held = false;
	if (peer->source.next)
		serve_source(peer);
	while (!peer->closing && !is_held(peer) && (line = lines_next(&peer->in, &length))) {
		if (length > 0)
			request(peer, line, length);
		if (uv_hrtime() >= until && !peer->closing && !is_held(peer))
			return true;
	}
	peer->held = !peer->closing && is_held(peer);
	if (peer->closing || peer->held)
		return false;
	if (lines_overflow(&peer->in, peer->limits->line)) {
		refuse_more(peer);
		send_last(peer,
		          "a request of this user may have at most %zu bytes: send a shorter one",
		          peer->limits->line);
	}
	if (peer->closing)
		return false;
	if (!peer->half_closed && !peer->reading) {
		peer->reading =
		        uv_read_start((uv_stream_t *)&peer->pipe, on_allocate, on_read) == 0;
		if (!peer->reading)
			peer_drop(peer);
	} else if (peer->half_closed && peer->unanswered == 0 && unread(peer) == 0 &&
	           !peer->writing) {
		peer_drop(peer);
	}
	return false;
}

/* Connections. */

/* The client has something to do: to read, or to send. */
static bool is_waited_for(struct peer *peer)
{
	if (unread(peer) > 0)
		return true;
	return !peer->subscribed && peer->unanswered == 0 && !lines_ready(&peer->in);
}

void peer_tick(struct peer *peer, uint64_t now_ms)
{
	uint64_t limit_ms = peer->limits->idle_s * UINT64_C(1000);

	if (limit_ms == 0 || now_ms - peer->active_ms < limit_ms || !is_waited_for(peer))
		return;
	if (unread(peer) == 0 && !peer->writing)
		send_last(peer, "no whole request came for %u s: connect again",
		          peer->limits->idle_s);
	peer_drop(peer);
}

int peer_new(struct control *control, int descriptor, struct user *user)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer) {
		usage_disconnect(&control->usage, user);
		close(descriptor);
		return -ENOMEM;
	}
	*peer = (struct peer){.all = control,
	                      .next = control->first,
	                      .id = ++control->last_id,
	                      .user = user,
	                      .limits = limits_of(user->standing),
	                      .active_ms = uv_now(control->tick.loop),
	                      .turn.standing = user->standing};
	uv_pipe_init(control->tick.loop, &peer->pipe, 0); /* cannot fail on Unix */
	peer->pipe.data = peer;
	control->first = peer;
	control->handles++;
	if (uv_pipe_open(&peer->pipe, descriptor) < 0) {
		close(descriptor);
		peer_drop(peer);
		return -EIO;
	}
	(void)peer_serve(&peer->turn, 0); /* reads */
	return 0;
}

void peer_finish(struct peer *peer)
{
	uv_os_fd_t descriptor;

	/* Else libuv still has some of what comes before, and the client does not read. */
	if (unread(peer) == peer->out_length && peer->out_length > 0 &&
	    uv_fileno((const uv_handle_t *)&peer->pipe, &descriptor) == 0)
		(void)!send(descriptor, peer->out, peer->out_length, MSG_DONTWAIT | MSG_NOSIGNAL);
	peer_drop(peer);
}

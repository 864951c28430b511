/* SPDX-License-Identifier: MIT */
/*
 * The control socket: one JSON object a line, each way, over a Unix stream socket.
 *
 *     request   {"command": "set", "address": "10.0.0.1", ...}
 *     response  {"ok": true, ...} or {"ok": false, "error": "one sentence", "status": 1}
 *
 * A server calls control_open() and runs its loop. For each request the handler gets the command,
 * and answers at once or later: with control_reply(), control_fail() or control_stream(). A client
 * of control_subscribe() gets every control_publish() until it leaves. control_close() ends it.
 *
 * This room knows framing, limits and the peer's credentials (SO_PEERCRED), and no command. It
 * never blocks, and runs on one thread.
 */
#ifndef USER_CONTROL_H
#define USER_CONTROL_H

#include <jansson.h>
#include <sys/types.h>
#include <uv.h>

#include "base/base.h"

struct control; /* the listening socket */

struct control_request {
	uint64_t client; /* the connection, by number: it may be gone when the answer is ready */
	json_t *body;    /* an object with a string "command"; borrowed */
	uid_t uid;
	bool may_change; /* root, or the user that the server runs as */
};

typedef void control_handler(void *context, const struct control_request *request);

/* An answer that is made while the client reads it: whatever its size, it neither fills memory nor
 * holds up the loop. The last piece must end a line. */
struct control_source {
	/* The next piece, malloc'ed, and its length; NULL: the end, or out of memory. There is
	 * always a first one. */
	char *(*next)(void *context, size_t *length);
	void (*done)(void *context); /* called once, also if the client leaves */
	void *context;
};

/* Replaces a stale socket. -EADDRINUSE: another process listens there. */
int control_open(struct control **control, uv_loop_t *loop, const char *path,
                 control_handler *handle, void *context, struct fault *fault);
/* A string of the request; NULL: none by that name. */
const char *control_text(const struct control_request *request, const char *key);
/* Answers a client, if it is still there. Takes over `body`. */
void control_reply(struct control *control, uint64_t client, json_t *body);
void control_fail(struct control *control, uint64_t client, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Takes over the source. Further requests of the client wait until it ends. */
void control_stream(struct control *control, uint64_t client, const struct control_source *source);
/* From now on the client gets every control_publish(). A client that does not read is dropped. */
void control_subscribe(struct control *control, uint64_t client);
void control_publish(struct control *control, json_t *event); /* takes over `event` */
bool control_has_subscribers(const struct control *control);
/* Calls `gone`, with the handler's context, when a connection has ended. */
void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client));
/* Closes and removes the socket; `closed` is called when libuv is done with it. */
void control_close(struct control *control, void (*closed)(void *context));

#endif

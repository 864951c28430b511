/* SPDX-License-Identifier: MIT */
/*
 * The control socket: one JSON object a line, each way, over a Unix stream socket.
 *
 *   request   {"command": "set", "address": "10.0.0.1", ...}
 *   response  {"ok": true, ...} or {"ok": false, "error": "one sentence", "status": 1}
 *
 * `watch` answers with {"ok": true} and then one object a line until the client leaves.
 * Reading commands are for everybody; those that change something need root, or the agent's
 * own user (SO_PEERCRED).
 */
#ifndef USER_CONTROL_H
#define USER_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>
#include <uv.h>

#include "base/base.h"

struct control;        /* the listening socket */
struct control_client; /* one connection; NULL-safe references are kept by id */

struct control_request {
	uint64_t client; /* to answer later */
	json_t *body;    /* borrowed */
	uid_t uid;
	bool may_change; /* root or the agent's own user */
};

typedef void control_handler(void *context, const struct control_request *request);

/* Refuses when somebody listens there already; replaces a socket nobody listens on. */
int control_open(struct control **control, uv_loop_t *loop, const char *path,
                 control_handler *handle, void *context, struct fault *fault);
/* Answers a client, if it is still there. Takes over `body`. */
void control_reply(struct control *control, uint64_t client, json_t *body);
void control_fail(struct control *control, uint64_t client, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* An answer that is made while the client reads it, so that one of any size neither fills memory
 * nor holds up the loop. What comes of the pieces must end in a line's end. */
struct control_source {
	/* The next piece, malloc'ed, and its length; NULL: the end, or out of memory. There is
	 * always a first one. */
	char *(*next)(void *context, size_t *length);
	void (*done)(void *context); /* called once, also if the client leaves */
	void *context;
};
/* Takes over the source. Requests that the client sends meanwhile wait until it ends. */
void control_stream(struct control *control, uint64_t client, const struct control_source *source);
/* From now on this client gets every control_publish(). A client that does not read is dropped. */
void control_subscribe(struct control *control, uint64_t client);
void control_publish(struct control *control, json_t *event); /* takes over `event` */
bool control_has_subscribers(const struct control *control);
/* `gone` is called, with the handler's context, when a client's connection has ended, for whatever
 * reason. */
void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client));
/* Closes and removes the socket; `closed` is called when libuv is done with it. */
void control_close(struct control *control, void (*closed)(void *context));

#endif

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
 * This room knows framing, limits and the peer's credentials, and no command. It never blocks, and
 * runs on one thread. No client is trusted: limits.c has what each may use, and turns.c gives each
 * a bounded part of every turn of the loop.
 */
#ifndef USER_CONTROL_H
#define USER_CONTROL_H

#include <jansson.h>
#include <sys/types.h>
#include <uv.h>

#include "base/base.h"
#include "control/types.h"

struct control; /* the listening socket */

/* Replaces a stale socket. -EADDRINUSE: another process listens there. */
int control_open(struct control **control, uv_loop_t *loop, const char *path,
                 control_handler *handle, void *context, struct fault *fault);
/* From now on, new clients that are members of this group may change, too. Only what the kernel
 * says of the client's process counts. Needs the right to give the group a file. */
void control_set_operators(struct control *control, gid_t group);
/* A string of the request; NULL: none by that name. */
const char *control_text(const struct control_request *request, const char *key);
/* Answers a client, if it is still there. Takes over `body`. */
void control_reply(struct control *control, uint64_t client, json_t *body);
void control_fail(struct control *control, uint64_t client, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* Takes over the source. Further requests of the client wait until it ends. */
void control_stream(struct control *control, uint64_t client, const struct control_source *source);
/* Answers the client; from now on it gets every control_publish(). A client that does not read is
 * dropped. */
void control_subscribe(struct control *control, uint64_t client);
void control_publish(struct control *control, json_t *event); /* takes over `event` */
/* The same, of an event that is written already, with the end of its line. */
void control_publish_line(struct control *control, const char *line, size_t length);
bool control_has_subscribers(const struct control *control);
/* Until it ends, no request is handled and no answer goes on: both wait. control_reply() and
 * control_publish() work. */
void control_hold(struct control *control, bool hold);
/* Calls `gone`, with the handler's context, when a connection has ended. */
void control_on_gone(struct control *control, void (*gone)(void *context, uint64_t client));
/* Closes and removes the socket; `closed` is called when libuv is done with it. */
void control_close(struct control *control, void (*closed)(void *context));

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A connection. It reads while it may send a further request; otherwise the client waits. What it
 * reads is served in its turn (turns.h).
 */
#ifndef USER_CONTROL_PEER_H
#define USER_CONTROL_PEER_H

#include "control/state.h"

/* Takes over the descriptor in any case. Frees `peer->all`, too, once it is closing and this is the
 * last handle. 0 or a negative errno. */
int peer_new(struct control *control, int descriptor, struct user *user);
/* Ends the connection, with what it waits for. */
void peer_drop(struct peer *peer);
/* Takes over `body`. */
void peer_answer(struct peer *peer, json_t *body);
/* Takes over the source. -EBUSY: the connection is in use. */
int peer_stream(struct peer *peer, const struct control_source *source);
/* Sends one event to a watcher. */
void peer_publish(struct peer *peer, const char *line, size_t length);
/* A turns_serve. */
bool peer_serve(struct turn *turn, uint64_t until);
/* Called now and then: ends a connection that has been idle for too long. */
void peer_tick(struct peer *peer, uint64_t now_ms);
/* Writes what the client takes at once, and ends the connection. */
void peer_finish(struct peer *peer);
/* One handle of the control socket is closed. The last one frees it. */
void peer_let_go(struct control *control);

/* Takes over `body`. A line, malloc'ed; NULL: out of memory. */
char *peer_line(json_t *body, size_t *length);
/* The body of an answer. */
json_t *peer_error(const char *text);

#endif

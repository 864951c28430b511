/* SPDX-License-Identifier: MIT */
/*
 * The connections of one control socket: requests in, answers out. An answer that the peer does not
 * read waits in libuv's queue; a peer whose queue grows beyond bounds is dropped.
 */
#ifndef USER_CONTROL_PEER_H
#define USER_CONTROL_PEER_H

#include <stdarg.h>
#include <uv.h>

#include "control/request.h"

struct peer;

/* Begins as zero, with the callbacks and their contexts filled in. */
struct peers {
	struct peer *first; /* open ones */
	size_t count;
	uint64_t last_id;
	control_handler *handle;
	void *context;                                /* of `handle` and `gone` */
	void (*gone)(void *context, uint64_t client); /* or NULL */
	size_t closing;                               /* dropped, and still in libuv's hands */
	void (*let_go)(void *owner);                  /* libuv has closed one of these */
	void *owner;
	char input[64 * 1024]; /* of one read; shared */
};

/* Accepts the connection that is due at `listener`. */
void peer_accept(struct peers *peers, uv_stream_t *listener);
struct peer *peer_find(const struct peers *peers, uint64_t id); /* NULL: it has left */
void peer_answer(struct peer *peer, json_t *body); /* takes over `body`; NULL: no memory */
void peer_refuse(struct peer *peer, const char *format, va_list arguments);
void peer_stream(struct peer *peer, const struct control_source *source);
void peer_subscribe(struct peer *peer);
void peer_publish(struct peers *peers, json_t *event); /* to all that subscribed */
bool peer_is_subscribed(const struct peers *peers);    /* any of them */
void peer_drop_all(struct peers *peers);

#endif

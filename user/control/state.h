/* SPDX-License-Identifier: MIT */
/* The control socket's state: types only. */
#ifndef USER_CONTROL_STATE_H
#define USER_CONTROL_STATE_H

#include <uv.h>

#include "control/limits.h"
#include "control/lines.h"
#include "control/listener.h"
#include "control/turns.h"
#include "control/types.h"

struct peer {
	struct turn turn; /* first, for the queue */
	uv_pipe_t pipe;
	struct control *all;
	struct peer *next;
	uint64_t id;
	struct user *user;
	const struct limits *limits;
	uint64_t active_ms; /* when it last sent a request, or took an answer */
	bool reading;       /* else it is in its turn, or that is to come */
	bool held;          /* its next request waits: for answers, or until they are read */
	bool subscribed;
	bool half_closed; /* it sends no more, but waits for answers */
	bool closing;
	unsigned unanswered;
	struct control_source source; /* of the answer under way; next NULL: none is */
	struct lines in;
	uv_write_t write;
	char *writing; /* owned; NULL: nothing is being written */
	char *out;     /* owned; what follows */
	size_t out_length, out_room;
};

enum door_kind { DOOR_ALL, DOOR_OPERATORS, DOORS };

/* A socket where clients connect. */
struct door {
	struct control *all;
	struct listener listener; /* descriptor -1: there is none */
	uv_poll_t poll;
};

struct control {
	struct door door[DOORS];
	uv_timer_t tick;
	struct turns turns;
	gid_t operators;
	struct usage usage;
	struct peer *first; /* open ones */
	size_t subscribers;
	uint64_t last_id;
	uint64_t refused, reported_ms; /* connections, since it was last logged */
	control_handler *handle;
	void *context;                                /* of `handle`, `gone` and `closed` */
	void (*gone)(void *context, uint64_t client); /* or NULL */
	void (*closed)(void *context);                /* or NULL */
	size_t handles; /* that libuv has not closed yet: its own, and of each peer */
	bool closing;
};

#endif

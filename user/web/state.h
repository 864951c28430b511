/* SPDX-License-Identifier: MIT */
/* The web process's one object: types only. */
#ifndef USER_WEB_STATE_H
#define USER_WEB_STATE_H

#include <jansson.h>

#include "web/copy.h"
#include "web/events.h"
#include "web/follow.h"
#include "web/gate.h"
#include "web/listen.h"

/* An agent's answer, kept for a moment: many pages ask for the same. */
struct web_answer {
	json_t *value; /* owned; NULL: none */
	int64_t at_ms;
};

struct web {
	const char *control;    /* path */
	const char *repository; /* likewise */
	/* Adds what a command knows beside the agent's answer to `stats`; or NULL. */
	void (*complete)(json_t *stats, const char *repository);
	struct listen listen;
	struct copy copy;
	struct events events;
	struct follow follow;
	struct gate present,
	        past;         /* of requests about the live table, and of those about history */
	pthread_mutex_t lock; /* of what follows */
	struct web_answer status, stats;
	uint64_t requests;
};

#endif

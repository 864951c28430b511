/* SPDX-License-Identifier: MIT */
/*
 * The live copy of the table: one thread follows the agent, and many look at it.
 *
 *     copy_begin(copy);  rows = copy_load(copy, entry)...;  copy_end(copy, true);    the whole
 * table copy_change(copy, event);                                         an event of `watch` rows
 * = copy_look(copy, &fault);  ...  copy_leave(copy);           a reader
 *
 * What changes while the whole table is loaded is kept, and applied to the new one at its end.
 */
#ifndef USER_WEB_COPY_H
#define USER_WEB_COPY_H

#include <jansson.h>
#include <pthread.h>

#include "base/base.h"
#include "web/rows.h"

#define COPY_CHANGES 200000 /* during a load; with more of them, it is begun again */
#define COPY_DOUBTS  64

/* An address of which an event has said less than `show` does. */
struct copy_doubt {
	char segment[64];
	struct address address;
};

struct copy {
	pthread_rwlock_t lock; /* of `now`, `synced` and `why` */
	struct rows now;
	bool synced;
	struct fault why;     /* not */
	int64_t loaded;       /* when the agent was last asked for all, in Unix seconds */
	pthread_mutex_t gate; /* of what follows */
	struct rows next;
	bool loading;
	json_t *changes; /* during a load: events */
	struct copy_doubt doubt[COPY_DOUBTS];
	size_t doubts; /* more are forgotten: the next load has them */
};

int copy_init(struct copy *copy);
void copy_clear(struct copy *copy);

void copy_begin(struct copy *copy);
/* An element of `entries`. 0, -EPROTO or -ENOMEM. */
int copy_load(struct copy *copy, const json_t *entry);
/* Puts the new table in place; not if it is not `whole`. False: it is to be loaded again. */
bool copy_end(struct copy *copy, bool whole);
void copy_change(struct copy *copy, json_t *event);
/* What `show` says of one address now; `entry` NULL: nothing. */
void copy_settle(struct copy *copy, const struct copy_doubt *doubt, const json_t *entry);
/* Takes all doubts, and gives `room` of them at most. How many it gives. */
size_t copy_doubts(struct copy *copy, struct copy_doubt *doubt, size_t room);
/* The agent is not followed, and why. */
void copy_lose(struct copy *copy, const struct fault *why);

/* For reading, until copy_leave(). NULL and a fault: the agent is not followed. */
const struct rows *copy_look(struct copy *copy, struct fault *fault);
void copy_leave(struct copy *copy);

#endif

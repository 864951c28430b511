/* SPDX-License-Identifier: MIT */
/*
 * Follows the agent. One thread watches: its events go to the readers of /events, and into the copy
 * of the table. Another asks for the table: all of it after a gap, when the agent is another one,
 * and, while people look, when it is old, because `watch` does not say that a host fell silent; and
 * for single addresses of which an event said too little.
 *
 *     follow_start(&follow, control, &copy, &events, &fault);
 *     follow_looked(&follow);     the table is looked at
 *     follow_stop(&follow);
 */
#ifndef USER_WEB_FOLLOW_H
#define USER_WEB_FOLLOW_H

#include <pthread.h>
#include <stdio.h>

#include "web/copy.h"
#include "web/events.h"

struct follow {
	const char *control; /* path */
	struct copy *copy;
	struct events *events;
	pthread_t watcher, loader;
	int ending;           /* an eventfd: readable when all of it ends */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t wake;  /* the loader */
	bool stopping, watching, due, changed;
	FILE *stream, *table; /* the connections, to be cut; NULL: none */
	int64_t looked_ms;    /* when the table was looked at */
	int64_t loaded_ms;    /* when the last load ended, and how long it took */
	int64_t took_ms;
	int64_t settled_ms; /* when single addresses were last asked for */
};

int follow_start(struct follow *follow, const char *control, struct copy *copy,
                 struct events *events, struct fault *fault);
void follow_looked(struct follow *follow);
bool follow_is_watching(struct follow *follow);
void follow_stop(struct follow *follow);

#endif

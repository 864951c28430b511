/* SPDX-License-Identifier: MIT */
/*
 * What happens, for readers of /events. All of them share one ring of the last events, so memory
 * does not grow with readers, nor with how slow they are. A reader that is overtaken is given
 * `event: dropped`, and its stream ends.
 */
#ifndef USER_WEB_EVENTS_H
#define USER_WEB_EVENTS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define EVENTS_MAX   16384     /* in the ring, */
#define EVENTS_BYTES (8 << 20) /* and their bytes */
#define EVENTS_LINE  8000      /* bytes of one */
#define EVENTS_ROOM  8192      /* a buffer of a reader has at least so much */

struct events {
	pthread_mutex_t lock;
	pthread_cond_t arrived, ended; /* ended: with `stopping` */
	char *text[EVENTS_MAX];        /* owned; as they are sent */
	uint64_t first, next;          /* numbers of the oldest one, and of the next */
	size_t bytes;
	unsigned readers;
	uint64_t dropped; /* readers, since the start */
	bool stopping;
};

struct events_reader {
	struct events *events;
	uint64_t next;
	int64_t given_ms; /* when it was last given something; 0: never */
	bool finished;
};

int events_init(struct events *events);
void events_clear(struct events *events);
/* `type`: "change"; `line`: JSON without line feeds. */
void events_publish(struct events *events, const char *type, const char *line);
/* Each stream ends. */
void events_stop(struct events *events);

/* From now on. False: so many read already. events_close(). */
bool events_open(struct events_reader *reader, struct events *events, unsigned most);
void events_close(struct events_reader *reader);
/* Waits for what comes next, and 15 s at most: then it is a comment. How many bytes; 0: the stream
 * has ended. */
size_t events_read(struct events_reader *reader, char *buffer, size_t room);
/* How many streams there are, and how many were dropped. */
void events_count(struct events *events, unsigned *readers, uint64_t *dropped);

#endif

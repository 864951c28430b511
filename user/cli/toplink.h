/* SPDX-License-Identifier: MIT */
/*
 * What `arpkeeper top` asks the agent, without ever waiting for an answer: one connection has the
 * stream `watch`, another the requests `show` and `stats`, one at a time.
 *
 *     toplink_open(&link, path, prefix, fault);
 *     poll() for toplink_descriptor(&link, TOPLINK_WATCH) and TOPLINK_ASK, then
 *     toplink_read(&link, which, take, context, fault);
 *     toplink_ask(&link, TOPLINK_STATS, fault);          if toplink_is_idle()
 *     toplink_close(&link);
 */
#ifndef USER_CLI_TOPLINK_H
#define USER_CLI_TOPLINK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/base.h"

enum toplink_which { TOPLINK_WATCH, TOPLINK_ASK };
enum toplink_request { TOPLINK_NOTHING, TOPLINK_TABLE, TOPLINK_STATS };

/* What comes. */
enum toplink_what {
	TOPLINK_EVENT,   /* of `watch` */
	TOPLINK_ENTRIES, /* {"entries"}: a part of the table */
	TOPLINK_END,     /* of the table */
	TOPLINK_COUNTERS /* the answer to `stats` */
};
/* 0, or a negative errno, which ends the reading. */
typedef int toplink_fn(void *context, enum toplink_what what, const json_t *object);

struct toplink {
	const char *prefix; /* of the table; NULL: all */
	struct toplink_side {
		FILE *agent; /* owned; NULL: not connected */
		char *text;  /* owned: what came, and is no whole line yet */
		size_t length, room;
		bool answered; /* the response to the request has come */
	} side[2];
	enum toplink_request asked; /* not answered in full yet */
};

/* Connects, and asks for the stream and the table. 0, or a negative errno and a fault. */
int toplink_open(struct toplink *link, const char *path, const char *prefix, struct fault *fault);
void toplink_close(struct toplink *link);
bool toplink_is_open(const struct toplink *link);
int toplink_descriptor(const struct toplink *link, enum toplink_which which); /* -1: closed */
bool toplink_is_idle(const struct toplink *link);
int toplink_ask(struct toplink *link, enum toplink_request request, struct fault *fault);
/* Reads what is there, a bounded part of it at a time. 0; or a negative errno, and a fault unless
 * the agent has just ended (-EPIPE). */
int toplink_read(struct toplink *link, enum toplink_which which, toplink_fn *take, void *context,
                 struct fault *fault);

#endif

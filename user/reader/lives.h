/* SPDX-License-Identifier: MIT */
/* Who held an address from when to when, or which addresses a MAC held: made of a log's events. */
#ifndef USER_READER_LIVES_H
#define USER_READER_LIVES_H

#include "entry/entry.h"
#include "reader/event.h"
#include "store/store.h"

#define LIFE_NAME 64

/* One MAC at one address, without a gap. */
struct life_span {
	char segment[SEGMENT_NAME_MAX + 1];
	struct address address;
	struct mac mac;
	enum entry_state state;
	bool stateless;  /* `state` is not known */
	int64_t since;   /* Unix seconds, when main took it */
	int64_t until;   /* likewise; if not `lasts` */
	bool lasts;      /* it is so now */
	bool begun;      /* false: it began before what is known, `since` is 0 or that time */
	char commit[41]; /* that began it; "": not known */
	char task[TASK_ID_MAX], author[LIFE_NAME]; /* of that commit; "": none */
	char ended_by[TASK_ID_MAX]; /* the task that ended it, or else the author; "": none */
};

struct lives {
	const struct mac *mac;  /* only what it held, whatever its state; NULL: all, and another
	                           state begins another span */
	bool stateless;         /* the events to come have no states (strip.h) */
	struct life_span *span; /* owned; by the times of their ends, newest first */
	size_t count, room;
};

/* Takes the next event of reader_log(), newest first; those that main did not take are passed over.
 * 0 or -ENOMEM. */
int lives_add(struct lives *lives, const struct reader_event *event);
void lives_clear(struct lives *lives);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The incident log: the orphan branch `alerts`, a commit for each alert, with a message and no
 * files. What the table's owner posts waits here, a bounded number of them; history's thread takes
 * it along with its next flush, or makes one soon. The branch is others' to read: what they do to
 * it is noticed, and never in the way of the table's own history.
 */
#ifndef USER_HISTORY_ALERTS_H
#define USER_HISTORY_ALERTS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "history/history.h"

#define ALERTS_WAITING 2048 /* the oldest are dropped, and counted */

struct engine;

/* An alert as its commit will say it. */
struct alert_message {
	char *text; /* owned */
	int64_t time;
};

struct alert_list {
	struct alert_message *item; /* owned: a ring of ALERTS_WAITING, made when first needed */
	size_t first, count;
};

struct alerts_log {
	uv_mutex_t lock;
	/* Under it: */
	struct alert_list waiting;
	uint64_t recorded, dropped, under_way; /* the last: of `taken` */
	/* History's thread: */
	struct alert_list taken; /* those of the commits that no reference names yet */
	bool made; /* they are commits, from `base` (NULL id: from nothing) to `tip` */
	git_oid base, tip;
	uv_timer_t timer; /* until it is due, or tried again */
	bool due, said;   /* said: that they cannot be written */
	unsigned failures;
};

/* The owner: `alert` is copied. 0 or -ENOMEM. */
int alerts_post(struct alerts_log *log, const struct history_alert *alert);
void alerts_status(struct alerts_log *log, struct history_status *status);

void alerts_init(struct alerts_log *log);
void alerts_clear(struct alerts_log *log);

/* History's thread, in engine.c: the timer, which wakes the engine. */
void alerts_start(struct engine *engine);
void alerts_stop(struct engine *engine);
/* Sees to it that what waits becomes due. */
void alerts_arm(struct engine *engine);
/* What waits should be written now, or, `closing`, cannot wait any longer. */
bool alerts_are_due(struct engine *engine);
/* The end waits for the timer. */
bool alerts_hold_up(struct engine *engine);

/* History's thread, in publish.c. Of an error nobody is told here but people, once: it is tried
 * again later. First the commits, to be flushed with all others; */
void alerts_commit(struct engine *engine);
/* and when they are durable, the branch. */
void alerts_publish(struct engine *engine);

#endif

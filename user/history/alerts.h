/* SPDX-License-Identifier: MIT */
/*
 * The incident log: the orphan branch `alerts`, with a commit without files for each alert. Posted
 * alerts wait here; their number is limited. History's thread writes them with its next flush, or
 * soon. Others may change the branch: that never holds up the table's own history.
 */
#ifndef USER_HISTORY_ALERTS_H
#define USER_HISTORY_ALERTS_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "history/archive.h"
#include "history/mailbox.h"
#include "history/types.h"

#define ALERTS_WAITING 2048 /* the oldest are dropped, and counted */

struct alerts_log {
	uv_mutex_t lock;
	/* Under it: */
	struct mails waiting;
	uint64_t recorded, dropped, under_way; /* the last: of `taken` */
	/* History's thread: */
	struct mails taken; /* those of the commits that no reference names yet */
	bool made;          /* they are commits, from `base` (NULL id: from nothing) to `tip` */
	git_oid base, tip;
	uv_timer_t timer; /* until they are due, or tried again */
	uv_async_t *wake; /* the thread's */
	uint32_t interval_ms;
	bool due, said; /* said: that they cannot be written */
	unsigned failures;
};

void alerts_init(struct alerts_log *log);
void alerts_clear(struct alerts_log *log);

/* The owner: `about` is copied. 0 or -ENOMEM. */
int alerts_post(struct alerts_log *log, const struct history_alert *about);
void alerts_status(struct alerts_log *log, struct history_status *status);

/* History's thread: the timer wakes it. The thread also closes the timer. */
void alerts_start(struct alerts_log *log, uv_loop_t *loop, uv_async_t *wake, uint32_t interval_ms);
/* Makes sure that waiting alerts become due. */
void alerts_arm(struct alerts_log *log);
/* Some should be written now; when `closing`, they cannot wait. */
bool alerts_are_due(struct alerts_log *log, bool closing);
/* The end must wait for the timer. */
bool alerts_hold_up(struct alerts_log *log);

/* Errors are logged once, and the alerts tried again later. First makes the commits, which are
 * flushed with all others; */
void alerts_commit(struct alerts_log *log, struct archive *archive);
/* then moves the branch, when they are durable. Returns how many alerts that recorded. */
size_t alerts_publish(struct alerts_log *log, struct archive *archive);

#endif

/* SPDX-License-Identifier: MIT */
/* Alerts that are not recorded yet: at most ALERTS_WAITING, then the oldest are dropped. One may be
 * recorded twice, when a recorder dies just after it has recorded it. */
#ifndef USER_LEDGER_ALERTQUEUE_H
#define USER_LEDGER_ALERTQUEUE_H

#include "ledger/posts.h"

#define ALERTS_WAITING 2048

struct alertqueue {
	struct post *first, **last; /* those that were sent come first */
	struct post *unsent;
	size_t count;
	uint64_t number; /* sent to this recorder */
	uint64_t dropped;
};

void alertqueue_init(struct alertqueue *alerts);
void alertqueue_clear(struct alertqueue *alerts);
/* 0 or -ENOMEM, and then it counts as dropped. */
int alertqueue_add(struct alertqueue *alerts, const struct history_alert *alert);
/* Appends what was not sent. */
void alertqueue_send(struct alertqueue *alerts, struct buffer *out);
/* The recorder has recorded or dropped so many of those that it was sent. */
void alertqueue_recorded(struct alertqueue *alerts, uint64_t count);
/* Another recorder starts. */
void alertqueue_resume(struct alertqueue *alerts);

#endif

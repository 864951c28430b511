/* SPDX-License-Identifier: MIT */
/* What `arpkeeper status` shows of history, shared by both threads under a lock. */
#ifndef USER_HISTORY_STATUS_H
#define USER_HISTORY_STATUS_H

#include <git2.h>
#include <uv.h>

#include "history/types.h"

struct shared_status {
	uv_mutex_t lock;
	struct history_status value;
};

void status_init(struct shared_status *status, const char *path);
void status_destroy(struct shared_status *status);
void status_read(struct shared_status *status, struct history_status *copy);
/* More changes wait. */
void status_queued(struct shared_status *status, uint64_t changes);
/* Where the references are, since when history is kept, and what is durable now. */
void status_published(struct shared_status *status, const git_oid *main, const git_oid *applied,
                      int64_t kept_since, uint64_t changes, uint64_t commits);
/* What history knows of the fleet. */
void status_fleet(struct shared_status *status, const struct history_fleet *fleet);
/* main has no entry outside the segments and prefixes. It stays so: none is taken from a push. */
void status_all_inside(struct shared_status *status);
/* "": none any more. */
void status_trouble(struct shared_status *status, const char *text);

#endif

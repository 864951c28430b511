/* SPDX-License-Identifier: MIT */
/* How long history waits after an error, and when it says so. */
#ifndef USER_HISTORY_BACKOFF_H
#define USER_HISTORY_BACKOFF_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "history/status.h"

#define BACKOFF_LOCK_MS 20 /* git holds its locks for a moment only */

struct backoff {
	uint64_t ms; /* before the next attempt; 0: no trouble */
	uint64_t since;
	bool said;
};

/* An attempt failed: sets `ms`, and logs trouble that lasts. */
void backoff_fail(struct backoff *backoff, struct shared_status *status, git_repository *repository,
                  uint64_t now, int error, const struct fault *fault);
/* An attempt succeeded. */
void backoff_end(struct backoff *backoff, struct shared_status *status);

#endif

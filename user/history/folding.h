/* SPDX-License-Identifier: MIT */
/*
 * Limits the queue of unrecorded changes. When history cannot be written for long, only the last
 * change of each address is kept. The final state is never lost; dropped transitions are counted.
 */
#ifndef USER_HISTORY_FOLDING_H
#define USER_HISTORY_FOLDING_H

#include <stddef.h>
#include <stdint.h>

#include "history/mailbox.h"

#define BACKLOG_DEFAULT 131072 /* messages; about 30 MB */

struct folding {
	size_t backlog; /* messages that may wait */
	size_t at;      /* fold when so many wait: the backlog, or more after a fold */
};

/* If too many messages wait, drops every change that a later one of its address follows and whose
 * sender does not wait for a reply. The order of the rest stays. Returns how many were dropped;
 * `waiting` gets how many there were. For the receiving thread; senders are not held up. */
uint64_t folding_run(struct folding *folding, struct mailbox *mailbox, size_t *waiting);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What waits to be recorded is bounded: when history cannot be written for long, of each address
 * only the last change is kept. The final state is never lost; transitions that are dropped are
 * counted.
 */
#ifndef USER_HISTORY_FOLDING_H
#define USER_HISTORY_FOLDING_H

#include <stddef.h>
#include <stdint.h>

#include "history/mailbox.h"

#define BACKLOG_DEFAULT 131072 /* messages; about 50 MB */

/*
 * Drops every change from the queue that is followed by another one of the same address, unless
 * somebody waits to be told of it. The order of the rest stays. Returns how many were dropped; 0
 * also when there is no memory for it. Called on the taking end; whoever puts is not held up.
 */
uint64_t folding_run(struct queue *queue);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The linear log of the table: batches of single changes, and tasks. Each function either succeeds,
 * or changes nothing and can be called again.
 */
#ifndef USER_HISTORY_TASKLOG_H
#define USER_HISTORY_TASKLOG_H

#include "history/message.h"
#include "history/state.h"

int tasklog_change(struct state *state, struct message *message, struct fault *fault);
int tasklog_begin(struct state *state, struct message *message, struct fault *fault);
int tasklog_end(struct state *state, struct message *message, struct fault *fault);
/* Commits the open batches. */
int tasklog_commit_batches(struct state *state, struct fault *fault);
/* Commits everything received so far, also of open tasks. */
int tasklog_commit_all(struct state *state, struct fault *fault);
/* Records a whole task on top of the log. -EALREADY: nothing would change. */
int tasklog_record(struct state *state, const char *kind, const struct context *context,
                   const struct transitions *transitions, struct fault *fault);
/* How many changes wait in open tasks, and are not on main. */
uint64_t tasklog_open(const struct state *state);
/* Drops everything; the waiters move to the state's. */
void tasklog_clear(struct state *state);

#endif

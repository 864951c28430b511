/* SPDX-License-Identifier: MIT */
/* The ledger's functions. */
#ifndef USER_LEDGER_KEEP_H
#define USER_LEDGER_KEEP_H

#include "ledger/types.h"

struct ledger;

/* Starts a recorder, and waits until it has opened the repository. `about`: the approximate number
 * of entries that come. On error there is no ledger, and the owner's loop must turn once more. */
int ledger_open(struct ledger **ledger, const struct ledger_options *options, uint64_t *about,
                struct fault *fault);
/* The same in steps, for an owner whose loop turns in between. ledger_start() does not wait; it
 * sets `ledger` before it calls options.start, and to NULL on an error. ledger_opened() waits for
 * at most `wait_ms`: -EAGAIN: not yet. */
int ledger_start(struct ledger **ledger, const struct ledger_options *options, struct fault *fault);
int ledger_opened(struct ledger *ledger, int wait_ms, uint64_t *about, struct fault *fault);
/* After an error of the start: the recorder ended without a reason of its own, such as a
 * repository that it refuses. Another one may do better. */
bool ledger_may_retry(const struct ledger *ledger);

/*
 * The first start, before anything is posted. For each address, `base` is what the table last held,
 * and `theirs` what `main` says now. ledger_load_next() gives a chunk, in any order, and returns 1;
 * or returns 0 at the end. The next call takes the chunk back, with the results that the owner set.
 * ledger_load_found() takes over `result`. All results that differ from `theirs` are recorded as
 * one task `recover`.
 */
int ledger_load_next(struct ledger *ledger, struct history_proposal **chunk, struct fault *fault);
/* The same, but it waits for at most `wait_ms`: -EAGAIN: nothing came. */
int ledger_load_some(struct ledger *ledger, int wait_ms, struct history_proposal **chunk,
                     struct fault *fault);
int ledger_load_found(struct ledger *ledger, unsigned segment, struct address address,
                      struct entry *result);
void ledger_loaded(struct ledger *ledger);
/* In options.reloaded: changes of this address wait to be recorded. */
bool ledger_is_pending(const struct ledger *ledger, unsigned segment, struct address address);

/* In options.reload: the recorder before this one could not read all of main. */
bool ledger_was_partial(const struct ledger *ledger);

/* Posts a change that is a task of its own. Takes over `after` (NULL: removed). `kind` names the
 * task: "learn". `done` (may be NULL) is called when the change is durable. 0 or a negative errno.
 */
int ledger_record(struct ledger *ledger, const char *kind, const struct task_context *context,
                  unsigned segment, struct address address, struct entry *after,
                  history_done_fn *done, void *argument);
/* Begins a task. Returns its token, which is never 0. */
uint64_t ledger_begin(struct ledger *ledger, const char *kind);
/* Takes over `after`, as ledger_record(). */
int ledger_task_change(struct ledger *ledger, uint64_t task, const struct task_context *context,
                       unsigned segment, struct address address, struct entry *after);
/* Merges the task into main. A task without changes leaves no trace. */
int ledger_end(struct ledger *ledger, uint64_t task, history_done_fn *done, void *argument);
/* Calls `done` with commit "" when a recorder has taken in everything posted before, durable or
 * not. A caller that posts much uses it to keep the queue short. */
int ledger_mark(struct ledger *ledger, history_done_fn *done, void *argument);

/* All items of the proposal are merged. */
void ledger_proposal_done(struct ledger *ledger);

/* Merges a branch: "merge/x", "refs/heads/x", or any name in refs/heads. NULL: looks at `main` and
 * all merge requests now. `confirmed`: beyond what options.guard allows, so many known addresses
 * may change. */
int ledger_merge(struct ledger *ledger, const char *branch, uint32_t confirmed,
                 history_outcome_fn *done, void *argument);
/* The outcome's `chosen` counts addresses left alone. */
int ledger_revert(struct ledger *ledger, const struct history_revert *revert,
                  history_outcome_fn *done, void *argument);

/* Records an alert. 0 or -ENOMEM. */
int ledger_alert(struct ledger *ledger, const struct history_alert *alert);

void ledger_status(struct ledger *ledger, struct history_status *status);
void ledger_times(const struct ledger *ledger, struct ledger_times *times);
void ledger_recorder(const struct ledger *ledger, struct ledger_recorder *recorder);
/* The process of a recorder ended, with waitpid()'s status. */
void ledger_ended(struct ledger *ledger, pid_t pid, int status);

#endif

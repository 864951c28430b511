/* SPDX-License-Identifier: MIT */
/*
 * History: every durable change of the address table, in a bare git repository that stock git can
 * read (docs/history-format.md). It knows entries, tasks and git, and nothing of BPF.
 *
 * The caller owns the table, and runs a libuv loop:
 *
 *     seed_fetch(&seed, ...)                      optional: begin with another host's repository
 *     history_open(&history, &options, ...)       starts history's thread
 *     history_load(history, &about, ...)          reads the table that was recorded:
 *       history_load_next(history, &chunk, ...)     until it returns 0; the caller fills in results
 *       history_load_found(history, ...)            an entry that is only in the caller's table
 *     history_loaded(history, ...)
 *     seed_free(seed)
 *
 *     history_record(history, ...)                a change that is a task of its own
 *     task = history_begin(history, kind)         or a task of many changes:
 *       history_task_change(history, task, ...)
 *     history_end(history, task, ...)
 *
 *     options.propose(context, proposal)          is called when others changed the repository:
 *       proposal_decide(), proposal_set_result()    for each item; merge it into the table
 *     history_proposal_done(history, proposal)
 *
 *     history_close(history, timeout_ms)
 *
 * The owner changes its table first and posts the change afterwards. So what it posts is a linear
 * log of the table, and changes of one address are recorded in the order of their posting. Once
 * everything posted is written, the tree of `main` equals the table.
 *
 * History's thread does all the work in git. Only history_open(), history_load(),
 * history_load_next() and history_close() wait for a disk. Callbacks run on the owner's loop.
 */
#ifndef USER_HISTORY_H
#define USER_HISTORY_H

#include <stdint.h>

#include "base/base.h"
#include "format/format.h"
#include "history/pulse.h"
#include "history/seed.h"
#include "history/types.h"

struct history;

/* Opens or makes the repository, installs hooks, configuration and README, and starts the thread.
 * Refuses a repository that holds something else, is not bare, or is in use by another agent. */
int history_open(struct history **history, const struct history_options *options,
                 struct fault *fault);

/*
 * Start-up, before anything is posted. For each address, `base` is what the table last held, and
 * `theirs` what `main` says now. The items come in chunks, which the thread reads ahead: a million
 * at once would take more memory than the rest of the agent. Their order means nothing.
 *
 * history_load() sets `about` to the approximate number of items. history_load_next() gives a chunk
 * and returns 1, or returns 0 at the end; the next call takes the chunk back.
 * history_load_found() takes over `result`, unless `own`: the address is the host's own, which this
 * node never publishes, and main keeps what it has there. history_loaded() records, as one task
 * `recover`, all results that differ from `theirs`. history_close() may end a start at any moment.
 */
int history_load(struct history *history, uint64_t *about, struct fault *fault);
/* After history_load(); `lost` is known when history_load_next() has returned 0. */
const struct history_start *history_start(const struct history *history);
int history_load_next(struct history *history, struct history_proposal **chunk,
                      struct fault *fault);
int history_load_found(struct history *history, unsigned segment, struct address address,
                       struct entry *result, bool own);
int history_loaded(struct history *history, struct fault *fault);

/* What is posted from now on has this number, for options.progress. Never less than the last. */
void history_number(struct history *history, uint64_t number);

/* Posts a change that is a task of its own. When history is busy, changes of one kind share a
 * commit; each transition stays visible. Takes over `after` (NULL: removed). `kind` names the task:
 * "learn". `done` may be NULL. */
int history_record(struct history *history, const char *kind, const struct task_context *context,
                   unsigned segment, struct address address, struct entry *after,
                   history_done_fn *done, void *argument);

/* Begins a task at the tip of main as of now. Returns its token, which is never 0. */
uint64_t history_begin(struct history *history, const char *kind);
/* The same, with a token of the caller's. 0 or -ENOMEM. */
int history_begin_as(struct history *history, uint64_t task, const char *kind);
/* Takes over `after`, as history_record(). */
int history_task_change(struct history *history, uint64_t task, const struct task_context *context,
                        unsigned segment, struct address address, struct entry *after);
/* Merges the task into main. A task without changes leaves no trace. */
int history_end(struct history *history, uint64_t task, history_done_fn *done, void *argument);
/* Calls `done` with commit "" when history has taken in everything posted before, durable or not.
 * A caller that posts much uses it to keep the queue short. */
int history_mark(struct history *history, history_done_fn *done, void *argument);

/* Gives the proposal back, with all items merged. */
void history_proposal_done(struct history *history, struct history_proposal *proposal);

/* Merges a branch: "merge/x", "refs/heads/x", or any name in refs/heads. NULL: looks at `main` and
 * all merge requests now. What is neither `main` nor a merge request is refused (-EPERM) if it
 * would change more known addresses than options.guard and `confirmed` allow. */
int history_merge(struct history *history, const char *branch, uint32_t confirmed,
                  history_outcome_fn *done, void *argument);
/* Guarded likewise. -EINVAL: a commit's id is invalid. The outcome's `chosen` counts addresses left
 * alone. */
int history_revert(struct history *history, const struct history_revert *revert,
                   history_outcome_fn *done, void *argument);

/* Records an alert, as a commit without files on the branch `alerts`. The number that wait for the
 * disk is limited: the oldest are dropped and counted. 0 or -ENOMEM. */
int history_alert(struct history *history, const struct history_alert *alert);

void history_status(struct history *history, struct history_status *status);
/* Whether history's thread does anything: pulse.h. */
const struct pulse *history_pulse(const struct history *history);

/* Writes out what is queued, for at most `timeout_ms`, and stops the thread. Callbacks that are due
 * are called before it returns; afterwards the owner's loop must turn once more. Changes of others
 * that the table has not merged are merged by the rule, and the next start proposes them.
 * -ETIMEDOUT: some changes are not recorded; the next start records them from the map. */
int history_close(struct history *history, uint32_t timeout_ms);

#endif

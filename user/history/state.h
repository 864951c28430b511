/* SPDX-License-Identifier: MIT */
/* The state of history's thread: the log's end, what is not yet durable, and the door. */
#ifndef USER_HISTORY_STATE_H
#define USER_HISTORY_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "format/format.h"
#include "history/alerts.h"
#include "history/archive.h"
#include "history/commit.h"
#include "history/damage.h"
#include "history/fates.h"
#include "history/fleetstate.h"
#include "history/hints.h"
#include "history/mailbox.h"
#include "history/message.h"
#include "history/status.h"
#include "upkeep/upkeep.h"

struct word; /* claims.h */

/* One request at a time is in the door: main as others moved it, a merge request, or a task to
 * undo, which has no reference. */
struct door {
	struct request *request; /* owned; NULL: the door is free */
	bool answered;           /* the owner has merged the proposal into its table */
	bool cancelled;          /* and of the fleet's not all */
	bool is_main;
	git_oid seen;          /* what the reference named */
	struct version theirs; /* that, or the repair on top of it */
	struct version base;   /* the merge base, if has_base */
	bool has_base;
	struct edits others;               /* files that are not entries, */
	struct edits others_before;        /* and what they were in the base */
	struct history_proposal *proposal; /* owned, also while the owner merges it */
	struct word *word;                 /* what this node says of its items; owned, or NULL */
	size_t words;                      /* of them, so many are decided */
	size_t repaired;                   /* invalid files taken back */
	size_t outside;                    /* of a task to undo: files that are left alone, */
	char outside_path[PATH_TEXT];      /* such as this one */
};

struct state {
	struct archive archive;
	struct mailbox *in, *out; /* from the owner, and to it */
	struct shared_status *status;
	uint32_t interval_ms;
	uint32_t guard; /* history.guard */
	uv_loop_t loop;

	struct version head; /* the log's end: its tree is the table's */
	git_oid main;        /* what refs/heads/main names, as far as we know */
	git_oid applied;     /* what refs/arpkeeper/applied names */
	struct damage damage;
	int *lock; /* the repository's, the owner's: given back when there is damage */
	bool loaded;
	bool closing;      /* the owner answers no more */
	bool frozen;       /* closing, and merged something that the table does not have: */
	git_oid reflected; /* `applied` stays at this */

	struct batch *batch;      /* open: tasklog.c */
	struct addresses touched; /* by the open batches */
	struct task *task;        /* open */
	struct mails waiters;     /* for the next publication */
	bool urgent;              /* publish now, not after the interval */
	uint64_t taken;           /* the number of the last message that was handled */
	uint64_t unpublished;     /* changes received and not yet durable */
	size_t in_open_tasks;     /* changes that are in commits, and not yet durable */
	uint64_t commits_pending; /* made since the last publication */

	struct door door;
	struct request *request;      /* these wait for the door */
	struct fates refused, merged; /* references */
	struct removal *removal;
	bool look;       /* main and the merge requests must be looked at */
	bool merged_now; /* but first what was merged is published: a person waits for it */
	struct readers readers;
	struct hints hints;

	/* As in struct history_options. */
	void (*progress)(void *context, bool durable, const struct history_progress *progress);
	void (*again)(void *context);
	void *context;
	bool resumed;

	struct upkeep upkeep;
	struct alerts_log alerts;
	struct claims *claims; /* owned; NULL: this node is in no fleet */
};

/* What `applied` must name. */
static inline const git_oid *state_reflected(const struct state *state)
{
	return state->frozen ? &state->reflected : &state->head.commit;
}

#endif

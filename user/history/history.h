/* SPDX-License-Identifier: MIT */
/*
 * History: every durable change of the table, in a bare git repository that stock git
 * understands (DESIGN 4, docs/history-format.md). It knows entries, tasks and git, and nothing of
 * BPF.
 *
 * The table's owner (the caller's thread, a libuv loop) decides; history records. What is
 * posted here is a linear log of the table: changes of an address are recorded in the order in
 * which they are posted. When people change the repository, history proposes; the owner
 * merges into the table, with entry_merge(), and posts what came of it.
 * So the tree of `main` equals the table as soon as the log is written out.
 *
 * Everything that touches git runs on history's own thread; no function here blocks on
 * a disk but history_open(), history_load(), history_load_next() and history_close(). Callbacks run
 * on the owner's loop.
 */
#ifndef USER_HISTORY_H
#define USER_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/base.h"
#include "entry/entry.h"
#include "format/segments.h"
#include "format/transition.h"

#define COMMIT_TEXT 41 /* hex object id and NUL */

struct history;
struct seed;

/* One address in a proposal: what it was in the common base, and what they made of it. */
struct history_item {
	unsigned segment;
	uint32_t address;
	struct entry *base, *theirs; /* NULL: absent; owned by the proposal */
	uint8_t blob[20];            /* history's own: the id of theirs, zero if it is not known */
	/* filled in by the owner: */
	struct entry *result; /* what the table now holds: `base` or `theirs` themselves, or
	                         malloc'ed and then owned by the proposal; NULL: absent */
	enum merge_choice choice;
};

/* Items are sorted by segment and address, and merged in this order. */
struct history_proposal {
	struct history_item *item;
	size_t items;
	size_t merged;      /* by the owner: so many items are in the table (below) */
	const char *source; /* "merge/fix-lan", "main": for the log */
	bool undo;          /* a task is undone: base is what it left, theirs what was before */
	void *arena;        /* history's own */
};

/* What an item makes of `ours`, by the rule that its proposal asks for: one of the item's entries,
 * or `ours`; and item->choice. */
const struct entry *history_decide(const struct history_proposal *proposal,
                                   struct history_item *item, const struct entry *ours);

/* The table holds `result` now: it is copied, unless it is one of the item's own. 0 or -ENOMEM. */
int history_set_result(struct history_item *item, const struct entry *result);

/* What came of a merge. */
struct history_outcome {
	int status;               /* 0, or a negative errno */
	char commit[COMMIT_TEXT]; /* the tip of main that holds it; "" if it failed */
	size_t applied;           /* addresses whose table entry changed */
	size_t chosen;            /* conflicts that the rule decided */
	char text[1024];          /* what a person is told; several lines at most */
};

struct history_options {
	const char *path;
	const char *instance; /* recorded in the repository's configuration, for the hooks */
	const char *control;  /* likewise */
	const char *program;  /* absolute path of this binary, for the hooks */
	const struct segment *segment;
	size_t segments;
	uint32_t interval_ms;
	size_t backlog;  /* changes that may wait before transitions are folded; 0: a default */
	uint32_t keep;   /* seconds of history; 0: all of it */
	uv_loop_t *loop; /* the owner's */
	/*
	 * The owner merges each item into the table, in order, fills in result and choice, and in
	 * the end calls history_proposal_done(). A large one it takes in as many steps as it
	 * likes, turning its loop in between: `merged` says at any time how many items the table
	 * has taken, before anything else is posted. What the table does meanwhile is posted as
	 * always; holding.h says how it stays in order. One proposal at a time.
	 */
	void (*propose)(void *context, struct history_proposal *proposal);
	/* The first thing that history's thread does, there; NULL: nothing. (Capabilities belong to
	 * threads: the agent drops them here as well.) */
	void (*on_thread)(void *context);
	/* Something recorded, merged or refused: one line for `watch` and the log. */
	void (*notice)(void *context, const char *line);
	void *context;
	/* To start from (seed.h); NULL: nothing. The caller's, until history_load() returns. */
	struct seed *seed;
};

/* Opens, or makes, the repository; refuses one that holds something else, is not bare, or is in use
 * by another agent. Installs hooks, configuration and README. Starts the thread. */
int history_open(struct history **history, const struct history_options *options,
                 struct fault *fault);

/*
 * Start-up, before anything is posted: what was last applied to the map (base), and what `main`
 * says (theirs), for every address where either has an entry. In chunks, in no order that matters,
 * since a million at once would weigh more than the rest of the agent; they are read ahead while
 * the owner compares with the map it took over.
 *
 * history_load() begins; `about` gets a rough number of items, for a progress bar.
 * history_load_next() gives a chunk and returns 1, or 0 at the end. The caller fills in results;
 * the next call takes the chunk back. What the table holds of which neither side knows goes to
 * history_load_found(), which takes `result` over. history_loaded() records as one task, `recover`,
 * all of it, and each result that differs from `theirs`. A start that is given up ends with
 * history_close(), at any moment.
 */
int history_load(struct history *history, uint64_t *about, struct fault *fault);
int history_load_next(struct history *history, struct history_proposal **chunk,
                      struct fault *fault);
int history_load_found(struct history *history, unsigned segment, uint32_t address,
                       struct entry *result);
int history_loaded(struct history *history, struct fault *fault);

/* `status` 0 and the commit on `main` that holds the task; or a negative errno. On the owner's
 * loop. */
typedef void history_done_fn(void *argument, int status, const char *commit);

/* A change that is a task of its own. Those of one kind that come together share a commit when
 * history is busy; no transition is ever folded into another. `after` is taken over; NULL: removed.
 * `kind` is the task's name: "learn", ... `done` may be NULL; it is called once the change is
 * durable. */
int history_record(struct history *history, const char *kind, const struct task_context *context,
                   unsigned segment, uint32_t address, struct entry *after, history_done_fn *done,
                   void *argument);

/* A task that takes time. It starts from the tip of main as of now. Returns its token, not 0. */
uint64_t history_begin(struct history *history, const char *kind);
int history_task_change(struct history *history, uint64_t task, const struct task_context *context,
                        unsigned segment, uint32_t address, struct entry *after);
/* Calls `done` when history has taken in everything that was posted before this, which is sooner
 * than durable: whoever posts much at a time waits for it, so that the queue stays short. `commit`
 * is "". */
int history_mark(struct history *history, history_done_fn *done, void *argument);
/* Merges the task into main. Without changes it leaves no trace. */
int history_end(struct history *history, uint64_t task, history_done_fn *done, void *argument);

void history_proposal_done(struct history *history, struct history_proposal *proposal);
/* For history's own files. NULL is fine. */
void history_proposal_free(struct history_proposal *proposal);

/* Merges a branch ("merge/x", "refs/heads/x", or any name in refs/heads), or, with NULL, looks
 * at `main` and all merge requests now. `done` gets the outcome. */
typedef void history_outcome_fn(void *argument, const struct history_outcome *outcome);
int history_merge(struct history *history, const char *branch, history_outcome_fn *done,
                  void *argument);

/* Undoes what these commits of main (a task's, oldest first) did, as a new task, where the table is
 * still as they left it; elsewhere it stays (`chosen` counts these). `name` is for people: the
 * task, or the commit. Nothing applied, and something chosen: nothing could be undone. */
struct history_revert {
	const char *name;
	const char *author, *message; /* as in struct task_context */
	const char *const *commit;    /* hex object ids */
	size_t commits;
};
int history_revert(struct history *history, const struct history_revert *revert,
                   history_outcome_fn *done, void *argument);

/* An alert, for the incident log: a commit of its own on the branch `alerts`, which has no files.
 * All but `time`, `kind` and `words` may be NULL. Copied. Of more than a bounded number that wait
 * for the disk, the oldest are dropped and counted. 0 or -ENOMEM. */
struct history_alert {
	int64_t time;      /* Unix seconds */
	const char *kind;  /* "conflict" */
	const char *words; /* one line: the commit's subject is "<kind>: <words>" */
	const char *segment, *interface, *vlan;
	const char *address, *mac, *other;
};
int history_alert(struct history *history, const struct history_alert *alert);

struct history_status {
	char path[512];
	char tip[COMMIT_TEXT], applied[COMMIT_TEXT];
	uint64_t commits;   /* made by this agent since it started */
	uint64_t queued;    /* changes not yet durable */
	int64_t kept_since; /* UTC seconds: older history was thinned; 0: none was */
	uint64_t dropped;   /* transitions that a later one of the same address has replaced
	                       unrecorded */
	char trouble[256];  /* "" or what is wrong with the repository */
	uint64_t alerts;    /* recorded since it started; */
	uint64_t alerts_waiting, alerts_dropped; /* not yet durable; dropped unrecorded */
};
void history_status(struct history *history, struct history_status *status);

/* Writes out what is queued (waiting at most `timeout_ms`), stops the thread. Returns -ETIMEDOUT
 * when changes were left: they are in the map, and the next start records them. Callbacks that are
 * due are called before it returns. What people changed and the table was not asked about is merged
 * by the rule, and waits for the next start. The owner's loop must turn once more, to let go. */
int history_close(struct history *history, uint32_t timeout_ms);

#endif

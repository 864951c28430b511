/* SPDX-License-Identifier: MIT */
/*
 * History's thread, as its own files see it: the log's head, what waits to be recorded, what
 * waits to be durable, and the merge under way. Everything here belongs to that thread.
 */
#ifndef USER_HISTORY_STATE_H
#define USER_HISTORY_STATE_H

#include <git2.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "format/format.h"
#include "history/alerts.h"
#include "history/history.h"
#include "history/mailbox.h"
#include "lookback/lookback.h"
#include "store/store.h"
#include "upkeep/upkeep.h"

/* To be told once the commits made so far are durable and main names them. */
struct waiter {
	struct waiter *next;
	history_done_fn *done;
	history_outcome_fn *outcome_done;
	void *argument;
	char commit[COMMIT_TEXT];
	struct history_outcome *outcome; /* owned */
};

struct waiters {
	struct waiter *first, **last;
};

/* Changes of one kind that share a commit; still open for more. */
struct batch {
	struct batch *next;
	char *kind; /* owned */
	struct context context;
	struct transitions transitions;
	struct waiters waiters;
};

/* A task between history_begin() and history_end(). */
struct task {
	struct task *next;
	uint64_t token;
	char *kind;             /* owned */
	char id[TASK_ID_MAX];   /* "" until the first commit */
	struct version base;    /* where its branch starts */
	struct version tip;     /* its last commit */
	bool commits;           /* tip is not base */
	struct context context; /* of its first change */
	bool context_known;
	struct transitions pending; /* not yet committed */
	uint64_t done;              /* so many are committed on the branch, and not yet on main */
	struct addresses fresh;     /* of `pending` */
	struct addresses held;      /* of both */
};

struct revert; /* revert.h */

/* A merge under way: of main as others moved it, or of a merge request; or the undoing of a task,
 * which has no reference. One at a time. */
struct door {
	bool active;
	bool answered; /* the owner has merged it into the table */
	bool is_main;
	char *ref;             /* owned: "refs/heads/merge/x" */
	struct revert *revert; /* owned; or NULL: a merge */
	git_oid seen;          /* what the reference named */
	struct version theirs; /* that, or the repair on top of it */
	struct version base;   /* where they parted; has_base: or nowhere */
	bool has_base;
	struct edits others;               /* files that are not entries */
	struct history_proposal *proposal; /* also while the owner has it */
	struct waiters waiters;
	size_t repaired;
};

/* A request to look at a branch, or (NULL) at everything; or to undo a task. */
struct request {
	struct request *next;
	char *ref;             /* owned */
	struct revert *revert; /* owned */
	struct waiters waiters;
};

/* What became of a reference lately. */
struct remembered {
	char *ref; /* owned; NULL: free */
	git_oid at;
	uint64_t time; /* uv_now() */
	struct history_outcome outcome;
};

/* Refused merge requests are not looked at again until they change; and a hook may ask a moment
 * later what came of a push. The oldest is forgotten. */
struct memory {
	struct remembered item[64];
	unsigned next;
};

/* A merge request that is merged: its branch goes once main holds it. */
struct removal {
	struct removal *next;
	char *ref; /* owned */
	git_oid at;
	uint64_t busy_since; /* uv_now(); 0: nobody was in the way */
};

struct engine {
	struct queue *in, *out;
	const struct segment *segment;
	size_t segments;
	size_t backlog; /* from so many messages on, transitions that wait are folded (folding.h) */
	size_t fold_at; /* likewise, next time */
	uint32_t interval_ms;
	char host[256];
	atomic_bool stopping;  /* set by the owner: write out what is queued, then end */
	atomic_bool giving_up; /* likewise: end now */

	uv_mutex_t status_lock;
	struct history_status status; /* under it */

	git_repository *repository;
	struct writer *writer;
	struct branches branches;

	struct version head; /* the log's end: its tree is the table's */
	git_oid main;        /* what refs/heads/main names, as far as we know */
	git_oid applied;     /* what refs/arpkeeper/applied names */
	struct seed *seed;   /* to be merged when loading; the owner's. NULL: none */
	bool loaded;
	/* Closing: what is merged now is not in the table; applied stays at this. */
	bool frozen;
	git_oid reflected;

	struct batch *batch;      /* open ones */
	struct addresses touched; /* by the open batches */
	struct task *task;
	struct waiters waiters;   /* for the next publication */
	bool urgent;              /* somebody waits: do not wait for the interval */
	uint64_t unpublished;     /* changes absorbed and not yet durable */
	uint64_t commits_pending; /* made since the last publication */

	struct door door;
	struct request *request, **request_last;
	struct memory refused, merged;
	struct removal *removal;

	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t flush_timer, retry_timer;
	struct watch watch;
	struct upkeep upkeep;
	struct lookback lookback;
	struct alerts_log alerts;
	uint64_t last_flush; /* uv_now() */
	bool look;           /* the doors should be looked at */
	bool closing;        /* the owner answers no more */
	bool finished;
	bool has_loop;
	uint64_t backoff_ms; /* 0: no trouble */
	uint64_t trouble_since;
	bool trouble_said;
};

/* engine.c. `repository` is taken over; the rest of `engine` that has no comment below is set. */
int engine_init(struct engine *engine, git_repository *repository, struct fault *fault);
/* The thread: returns when stopped. */
void engine_run(struct engine *engine);
void engine_destroy(struct engine *engine);
/* One line for whoever watches. */
void engine_notice(struct engine *engine, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* So many changes are durable now. */
void engine_progress(struct engine *engine, uint64_t durable);

/* waiters.c: all take over what they are given; a waiter without a function is dropped. */
void waiters_init(struct waiters *waiters);
int waiters_add_done(struct waiters *waiters, history_done_fn *done, void *argument,
                     const git_oid *commit);
int waiters_add_outcome(struct waiters *waiters, history_outcome_fn *done, void *argument);
/* All of `from` go behind those of `to`. */
void waiters_move(struct waiters *to, struct waiters *from);
/* The commit that these will be told of. */
void waiters_set_commit(struct waiters *waiters, const git_oid *commit);
void waiters_set_outcome(struct waiters *waiters, const struct history_outcome *outcome);
/* Tells all of them: the messages go to the owner's queue. Who waited for no commit of his own
 * is told `tip`. */
void waiters_tell(struct waiters *waiters, struct queue *out, int status, const git_oid *tip);

/* record.c: the linear log. Each either happens, or changes nothing and can be called again. */
int record_change(struct engine *engine, struct message *message, struct fault *fault);
int record_begin(struct engine *engine, const struct message *message, struct fault *fault);
int record_task_change(struct engine *engine, struct message *message, struct fault *fault);
int record_end(struct engine *engine, struct message *message, struct fault *fault);
/* Commits the open batches. */
int record_commit_batches(struct engine *engine, struct fault *fault);
/* Commits everything that was posted so far, also of tasks that go on. */
int record_commit_all(struct engine *engine, struct fault *fault);
/* A task that consists of these changes, on top of the head. */
int record_task(struct engine *engine, const char *kind, const struct context *context,
                const struct transitions *transitions, struct fault *fault);
void record_clear(struct engine *engine);

/* commit.c: changes into a commit */
struct commit_request {
	const char *kind, *id;
	const struct context *context;
	const struct version *on; /* its parent, and the tree that it changes */
	const struct transitions *transitions;
};
/* -EALREADY: nothing would change. */
int commit_changes(struct engine *engine, struct version *made,
                   const struct commit_request *request, struct fault *fault);
/* The commit that brings a task's changes to the head. */
int commit_merge(struct engine *engine, struct version *made, const struct task *task,
                 struct fault *fault);

/* publish.c: objects, then applied, then task branches, then main, then alerts; then who waits is
 * told.
 * -ESTALE: somebody moved main. */
int publish(struct engine *engine, struct fault *fault);

/* doors.c: what others did. Looks at main and at the merge requests. */
int doors_look(struct engine *engine, struct fault *fault);
/* Somebody asks for a look. */
int doors_request(struct engine *engine, struct message *message, struct fault *fault);
/* Somebody asks for a task to be undone: in line with the merges. */
int doors_revert(struct engine *engine, struct message *message, struct fault *fault);
/* Goes on with the merge under way, or takes up the next. */
int doors_step(struct engine *engine, struct fault *fault);
void doors_clear(struct engine *engine);
/* A reference as people know it: "main", "merge/x". */
const char *doors_name(const char *ref);
/* What became of a reference: for who waits, and to be remembered. */
int doors_remember(struct engine *engine, struct memory *memory, const char *ref, const git_oid *at,
                   const struct history_outcome *outcome);

/* propose.c: finds and judges what they changed. Afterwards the door is active, or there was
 * nothing to merge and who waits knows it. */
int propose_start(struct engine *engine, const char *ref, const git_oid *seen,
                  struct waiters *waiters, struct fault *fault);
void propose_clear(struct door *door);

/* settle.c: what the table made of it becomes a commit; the door is free again. */
int settle_door(struct engine *engine, struct fault *fault);

/* load.c: makes main hold what was applied and nothing invalid, then hands all of it over. */
struct loading;
int load_run(struct engine *engine, struct loading *loading, struct fault *fault);
/* What the table holds otherwise is recorded as task `recover`. */
int load_answer(struct engine *engine, struct loading *loading, struct fault *fault);

#endif

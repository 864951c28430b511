/* SPDX-License-Identifier: MIT */
/* What the table's owner sets when it opens history. */
#ifndef USER_HISTORY_TYPES_H
#define USER_HISTORY_TYPES_H

#include <uv.h>

#include "protocol/protocol.h"

struct seed;

struct history_options {
	const char *path;
	const char *instance; /* for the hooks: recorded in the repository's configuration */
	const char *control;  /* likewise */
	const char *node;     /* in the tasks' ids; NULL: the machine's name */
	const char *program;  /* likewise: absolute path of this binary */
	const struct segment *segment;
	size_t segments;
	uint32_t interval_ms; /* between two flushes, when busy */
	uint32_t keep;        /* seconds of history; 0: all of it */
	const char *thinned;  /* history.archive: what is older goes there first; NULL: none */
	uint32_t guard;       /* how much one request may change (entry/guard.h) */
	const struct fleet_options *fleet; /* NULL: this node is in none */
	uv_loop_t *loop;                   /* the owner's */
	/*
	 * The owner merges the items into its table in order, sets result and choice of each, and
	 * ends with history_proposal_done(). It may take several turns of its loop, if
	 * proposal->merged is right whenever it posts something. One proposal at a time.
	 */
	void (*propose)(void *context, struct history_proposal *proposal);
	/* Called first on history's thread; may be NULL. */
	void (*on_thread)(void *context);
	/* Called on history's thread; may be NULL. `durable` false: references are about to move. A
	 * process that records for another one tells it so (docs/recorder-protocol.md). */
	void (*progress)(void *context, bool durable, const struct history_progress *progress);
	/* Called on history's thread; may be NULL. Not all could be read (history_start), and
	 * files have changed: end this process, and open history in another. */
	void (*again)(void *context);
	/* Called on history's thread; may be NULL. What a person must see to, in one line. */
	void (*warning)(void *context, const char *line);
	/* Called on history's thread; may be NULL. An incident that history found, such as a branch
	 * of another node that was rewound. The owner reports it, and hands it to history_alert()
	 * as any other. */
	void (*raised)(void *context, const struct history_alert *alert);
	/* One line for `watch` and the log: something was recorded, merged or refused. */
	void (*notice)(void *context, const char *line);
	void *context;
	bool resumed;      /* the table outlived the last history: it has what task branches hold */
	struct seed *seed; /* to begin with, or NULL; the caller keeps it until history_load() */
};

/* Where a start began. */
struct history_start {
	char applied[COMMIT_TEXT], tip[COMMIT_TEXT]; /* as the repository was found; "": none */
	char (*branch)[COMMIT_TEXT];                 /* the tips of task branches */
	size_t branches;
	/* What could not be read, with what to do; "": nothing. Else the table goes on without it:
	 * nothing is written, what is posted waits, and options.again is called when files change.
	 * The repository's lock is given back, for those who mend it. */
	char lost[FAULT_TEXT];
};

#endif

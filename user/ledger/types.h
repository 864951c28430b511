/* SPDX-License-Identifier: MIT */
/* What the table's owner sets when it opens the ledger. */
#ifndef USER_LEDGER_TYPES_H
#define USER_LEDGER_TYPES_H

#include <sys/types.h>
#include <uv.h>

#include "protocol/protocol.h"

struct ledger_options {
	const char *path, *instance, *control, *program; /* for the repository; the caller's */
	const char *node;              /* in the tasks' ids; NULL: the machine's name */
	const char *pull;              /* a repository to begin with; NULL: none */
	const struct segment *segment; /* the caller's */
	size_t segments;
	uint32_t interval_ms; /* between two flushes, when busy */
	size_t backlog;       /* unrecorded changes before transitions are folded; 0: a default */
	uint32_t keep;        /* seconds of history; 0: all of it */
	const char *archive;  /* a repository for what is older; NULL: none */
	uint32_t guard;       /* how much one request may change (entry/guard.h) */
	const struct fleet_options *fleet; /* NULL: this node is in none; the caller's */
	enum log_level log_level;          /* the recorder's */
	uv_loop_t *loop;                   /* the owner's */
	void *context;

	/* Starts a recorder whose descriptor 3 is `socket`, which stays the caller's. 0, or an
	 * error and a fault. */
	int (*start)(void *context, int socket, pid_t *pid, struct fault *fault);
	/* Ends it by force. */
	void (*kill)(void *context, pid_t pid);
	/* The first recorder's socket has ended, and its process will: waits a moment for that, and
	 * calls ledger_ended(). May be NULL. */
	void (*await_end)(void *context);
	/* Not all of the repository could be read: which part, and what to do. Nothing is recorded
	 * until another recorder has read all of it. One line for people. */
	void (*lost)(void *context, const char *words);
	/* Something ended it; once for each. One line for people. */
	void (*ended)(void *context, const char *words);

	/*
	 * The owner merges the items into its table in order, sets result and choice of each, and
	 * ends with ledger_proposal_done(). It may take several turns of its loop, if
	 * proposal->merged is right whenever it posts something. One proposal at a time.
	 */
	void (*propose)(void *context, struct history_proposal *proposal);
	/* The proposal is void: its recorder ended. What is merged stays. */
	void (*withdraw)(void *context);
	/*
	 * Another recorder starts: for an address, `theirs` is what main says now, and `base` what
	 * it said when the last recorder wrote. The owner merges it into its table, and sets the
	 * result to what the table has. `pending`: changes of the address wait, and are recorded
	 * next. Then a result counts for nothing, and what the merge changes must be recorded.
	 */
	void (*reload)(void *context, struct history_item *item, bool pending);
	/* All of them came: the owner may call ledger_load_found(). */
	void (*reloaded)(void *context);
	/* What a person must see to. One line. */
	void (*warned)(void *context, const char *words);
	/* History found an incident. The owner reports it, and hands it to ledger_alert() as any
	 * other. Its texts are printable, and valid during the call. */
	void (*raised)(void *context, const struct history_alert *alert);
	/* One line for `watch` and the log: something was recorded, merged or refused. */
	void (*notice)(void *context, const char *line);
};

/* How long changes waited to be durable: each time some became it, for as long as the first of
 * them. */
struct ledger_times {
	struct histogram flushes;
	uint64_t behind_ns; /* the first of those that wait now; 0: none does */
};

/* The process that records. */
struct ledger_recorder {
	pid_t pid; /* 0: none is running */
	uint64_t restarts;
};

#endif

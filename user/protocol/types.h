/* SPDX-License-Identifier: MIT */
/* The plain values that pass between the table's owner and history. */
#ifndef USER_PROTOCOL_TYPES_H
#define USER_PROTOCOL_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"

#define COMMIT_TEXT 41 /* hex object id and NUL */

/* Which of a segment's entries other nodes are to see. */
enum fleet_share { SHARE_ALL, SHARE_STATIC, SHARE_OFF };

/* This node's part in a fleet; the texts and the list are the caller's. */
struct fleet_options {
	const char *node;     /* this node's name, unique in the fleet: base/nodename.h */
	uint32_t poll_ms;     /* how often a remote is asked; with several the longest; not 0 */
	const uint8_t *share; /* enum fleet_share of each segment, in their order */
};

/* One address in a proposal. */
struct history_item {
	struct address address;
	struct entry *base, *theirs; /* NULL: absent; owned by the proposal */
	unsigned segment;
	bool foreign;     /* `theirs`, an entry or none, is what other nodes say */
	uint8_t blob[20]; /* history's: the id of `theirs`; zero: unknown */
	/* The owner sets these: */
	enum merge_choice choice;
	struct entry *result; /* what the table holds now: `base`, `theirs`, or a copy that the
	                         proposal owns; NULL: absent */
};

/* Changes for the table: each address's entry in the common base, and what others made of it. */
struct history_proposal {
	struct history_item *item; /* sorted by segment and address */
	size_t items;
	size_t merged;      /* set by the owner: how many items the table has taken, in order */
	const char *source; /* for the log: "merge/fix-lan", "main" */
	bool undo;          /* a task is undone: base is what it left, theirs what was before */
	bool retimed;       /* set by who decides: in a fleet history may give an entry later times
	                       than the table has, so times alone do not make it another */
	void *arena;        /* history's; not NULL: one allocation holds everything */
};

/* The result of a merge or a revert. */
struct history_outcome {
	int status;               /* 0, or a negative errno */
	char commit[COMMIT_TEXT]; /* the tip of main that holds it; "" if it failed */
	size_t applied;           /* addresses whose table entry changed */
	size_t chosen;            /* conflicts that the rule decided */
	char text[1024];          /* for a person; may have several lines */
};

/* A request to undo commits of main, as a new task. An address that changed since is left alone.
 * Without commits: to remove an entry that is outside the configured segments and prefixes; or,
 * with `retire`, to end what the node of that name has in the table. */
struct history_revert {
	const char *name;             /* for people: the task, or the commit; or the entry's path */
	const char *author, *message; /* as in struct task_context */
	const char *const *commit;    /* hex object ids, oldest first */
	size_t commits;
	uint32_t confirmed; /* so many known addresses may change beyond history.guard */
	bool retire;        /* a node of the fleet, `name`; there are no commits */
};

/* An incident, for the branch `alerts`. Every text but `kind` and `words` may be NULL. */
struct history_alert {
	int64_t time;      /* Unix seconds */
	const char *kind;  /* "conflict" */
	const char *words; /* one line: the commit's subject is "<kind>: <words>" */
	const char *segment, *interface, *vlan;
	const char *address, *mac, *other;
};

/* What history knows of the fleet; zeros without one. */
struct history_fleet {
	uint64_t nodes;     /* others whose claims are held */
	uint64_t claims;    /* of this node, marks included */
	uint64_t waiting;   /* learned, and not yet claimed: other nodes may be before this one */
	uint64_t overruled; /* since the agent started: an operator's claims that others beat */
	uint64_t published; /* commits on this node's branches: it moves when one of them does */
};

struct history_status {
	char path[512];
	char tip[COMMIT_TEXT], applied[COMMIT_TEXT];
	uint64_t commits;         /* made by this agent since it started */
	uint64_t queued;          /* changes not yet durable */
	int64_t kept_since;       /* UTC seconds: older history was thinned; 0: none was */
	uint64_t dropped;         /* transitions replaced unrecorded by a later one */
	char trouble[FAULT_TEXT]; /* what is wrong with the repository, or "" */
	uint64_t alerts;          /* recorded since the agent started */
	uint64_t alerts_waiting;  /* not yet durable */
	uint64_t alerts_dropped;  /* never recorded */
	struct history_fleet fleet;
	bool all_inside; /* known: no entry of main is outside the segments and prefixes */
};

/* A task that is not in main as a whole: its changes up to `committed` are on its branch. */
struct history_open_task {
	uint64_t token;
	uint64_t committed;    /* the number of a change (history_number()) */
	char tip[COMMIT_TEXT]; /* the branch's; "": it has none */
};

/* How far the recording of what was posted has come. */
struct history_progress {
	uint64_t taken; /* everything up to this number is recorded, but for open tasks */
	struct history_open_task *task;
	size_t tasks;
	char before[COMMIT_TEXT], applied[COMMIT_TEXT]; /* what refs/arpkeeper/applied names, and
	                                                   what it is about to */
};

/* A change or task is durable: `status` 0, and the commit on main that holds it. Or a negative
 * errno, and "". */
typedef void history_done_fn(void *argument, int status, const char *commit);
typedef void history_outcome_fn(void *argument, const struct history_outcome *outcome);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The messages between keeper and recorder (docs/recorder-protocol.md), as values. On the way each
 * is one frame: the length of what follows, the kind, the values.
 */
#ifndef USER_PROTOCOL_PACKET_H
#define USER_PROTOCOL_PACKET_H

#include "protocol/segment.h"
#include "protocol/transition.h"
#include "protocol/types.h"

#define PROTOCOL_VERSION 6
#define PACKET_HEAD      8         /* bytes: the length of the values, and the kind */
#define PACKET_MAX       (4 << 20) /* bytes of a frame's values */
#define PACKET_ITEMS     1024      /* in one message, at most */
#define PACKET_TASKS     8192      /* likewise */
#define PACKET_PATH      4095      /* bytes of a path, an address of a repository, a reference */
#define PACKET_WORD      1023      /* of a name, a trigger, a subject */

enum packet_kind {
	/* The keeper's. */
	PACKET_OPEN = 1, /* the first: which repository, which segments */
	PACKET_KEEP,     /* start-up: what the table has, and main has not */
	PACKET_LOADED,   /* the table is complete */
	PACKET_CHANGE,   /* posts, which are numbered in this order: 1, 2, 3 */
	PACKET_BEGIN,
	PACKET_END,
	PACKET_MARK,
	PACKET_MERGE,
	PACKET_REVERT,
	PACKET_RESULTS, /* what the table made of a proposal's items, in order */
	PACKET_ANSWER,  /* and how many of them it has merged */
	PACKET_ALERT,
	PACKET_PING,
	PACKET_CLOSE,
	/* The recorder's. */
	PACKET_HELLO = 64, /* the first: its version */
	PACKET_FAILED,     /* the repository cannot be opened or read: the last */
	PACKET_LOADING,    /* start-up begins */
	PACKET_CHUNK,      /* entries of main, and what was applied */
	PACKET_READ,       /* all of them came */
	PACKET_PREPARED,   /* this is about to be durable */
	PACKET_DURABLE,    /* and now it is */
	PACKET_TAKEN,      /* posts up to this number were taken from the queue */
	PACKET_DONE,
	PACKET_OUTCOME,
	PACKET_PROPOSE,
	PACKET_ITEMS_OF, /* of the proposal, in order */
	PACKET_NOTICE,
	PACKET_STATUS,
	PACKET_PONG,
	PACKET_CLOSED,  /* everything that could be written is: the last */
	PACKET_LOST,    /* start-up: not all of the repository can be read */
	PACKET_WARNING, /* what a person must see to */
	PACKET_RAISED,  /* an alert that history found */
};

struct packet_open {
	uint32_t version;
	const char *path, *instance, *control, *program;
	const char *node;    /* in the tasks' ids; NULL: the machine's name */
	const char *pull;    /* NULL: none */
	const char *archive; /* what is older than `keep` goes there first; NULL: nowhere */
	uint32_t interval_ms, keep, guard;
	uint8_t log_level; /* enum log_level */
	bool resumed;      /* the table outlived the last recorder */
	struct segment *segment;
	size_t segments;
	struct fleet_options fleet; /* node NULL: it is in none */
};

/* The trigger of a KEEP: the host has the address itself, and main keeps what it has there. */
#define PACKET_OWN "own address"

struct packet_change {
	uint64_t task; /* 0: a task of its own */
	bool wait;     /* DONE is wanted */
	const char *kind;
	struct task_context context; /* without the segment */
	unsigned segment;
	struct address address;
	struct entry *after; /* NULL: removed */
};

struct packet_task {
	uint64_t token;
	const char *kind; /* of BEGIN */
	bool wait;        /* of END */
};

struct packet_merge {
	const char *branch; /* NULL: everything */
	uint32_t confirmed; /* so many known addresses may change beyond history.guard */
};

/* What the table made of an item. */
struct packet_result {
	enum { RESULT_THEIRS, RESULT_BASE, RESULT_ABSENT, RESULT_ENTRY } how;
	enum merge_choice choice;
	struct entry *entry;
};

struct packet_results {
	struct packet_result *result;
	size_t count;
};

struct packet_answer {
	uint32_t merged;
	bool cancelled;
};

struct packet_close {
	uint32_t timeout_ms;
	bool remove; /* the repository, afterwards */
};

struct packet_failed {
	int error;
	char text[FAULT_TEXT];
};

struct packet_loading {
	uint64_t about;
	char applied[COMMIT_TEXT], tip[COMMIT_TEXT]; /* applied: as the repository was found */
	char (*adopted)[COMMIT_TEXT];                /* tips of task branches that main lacked */
	size_t count;
};

struct packet_items {
	struct history_item *item;
	size_t count;
};

struct packet_done {
	uint64_t number;
	int status;
	char commit[COMMIT_TEXT];
};

struct packet_outcome {
	uint64_t number;
	struct history_outcome outcome;
};

struct packet_propose {
	uint32_t items;
	bool undo;
	char source[256];
};

struct packet {
	enum packet_kind kind;
	union {
		struct packet_open open;
		struct packet_change change; /* CHANGE, KEEP */
		struct packet_task task;     /* BEGIN, END */
		struct packet_merge merge;
		struct history_revert revert;
		struct packet_results results;
		struct packet_answer answer;
		struct history_alert alert; /* ALERT, RAISED */
		struct packet_close close;
		uint64_t number; /* PING, PONG, TAKEN */
		uint32_t version;
		struct packet_failed failed; /* FAILED, CLOSED */
		struct packet_loading loading;
		struct packet_items items;        /* CHUNK, ITEMS_OF */
		struct history_progress progress; /* PREPARED, DURABLE */
		struct packet_done done;
		struct packet_outcome outcome;
		struct packet_propose propose;
		char notice[1024]; /* NOTICE, LOST */
		struct history_status status;
	};
	void *memory; /* of a decoded one: owned; packet_clear() */
};

#endif

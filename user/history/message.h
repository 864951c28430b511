/* SPDX-License-Identifier: MIT */
/*
 * What the owner's thread and history's say to each other: one struct for each kind. A message is
 * handed over whole: the thread that takes it from the mailbox owns it and frees it.
 */
#ifndef USER_HISTORY_MESSAGE_H
#define USER_HISTORY_MESSAGE_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "format/format.h"
#include "history/mailbox.h"
#include "history/types.h"

struct loading;

enum message_kind {
	/* to history */
	MESSAGE_CHANGE,  /* an address of the table changed */
	MESSAGE_BEGIN,   /* a task begins */
	MESSAGE_END,     /* a task ends */
	MESSAGE_MARK,    /* reply as soon as this is read */
	MESSAGE_ANSWER,  /* the owner has merged a proposal, or will not */
	MESSAGE_REQUEST, /* merge a branch, or undo a task */
	MESSAGE_LOAD,    /* start-up begins */
	MESSAGE_LOADED,  /* and ends */
	/* to the owner */
	MESSAGE_PROPOSE,
	MESSAGE_DONE,    /* reply to a change, the end of a task, or a mark */
	MESSAGE_OUTCOME, /* reply to a request */
	MESSAGE_NOTICE
};

struct message_change {
	uint64_t task; /* its token; 0: the change is a task of its own */
	char *kind;    /* owned; of that task of its own */
	struct context context;
	struct transition transition;
};

struct message_task {
	uint64_t token;
	char *kind; /* owned; NULL in MESSAGE_END */
};

/* A person asks to merge a branch, to look at everything, or to undo a task. */
struct request {
	struct request *next;
	char *ref; /* owned: "refs/heads/merge/x"; NULL: everything, a task to undo, or the fleet */
	bool fleet; /* what other nodes say */
	/* What to undo, as in struct history_revert; all owned. NULL name: nothing. */
	char *name, *author, *message;
	git_oid *commit;
	size_t commits;
	bool retire;          /* or the node to retire: its name */
	uint32_t confirmed;   /* so many known addresses may change beyond the guard */
	struct mails waiters; /* for the outcome */
};

struct message_done {
	history_done_fn *call;
	void *argument;
	int status;
	char commit[COMMIT_TEXT];
};

struct message_outcome {
	history_outcome_fn *call;
	void *argument;
	struct history_outcome *outcome; /* owned */
};

struct message {
	struct mail mail; /* first, for message_of() */
	enum message_kind kind;
	uint64_t number;       /* of a post (history_number()) */
	struct message *reply; /* owned: to the sender once it is done; NULL: it does not wait */
	union {
		struct message_change change;
		struct message_task task; /* MESSAGE_BEGIN, MESSAGE_END */
		bool cancelled;           /* MESSAGE_ANSWER: the rule decides what is not merged */
		struct request *request;  /* owned */
		struct loading *loading;  /* MESSAGE_LOAD, MESSAGE_LOADED: the owner's */
		struct history_proposal *proposal; /* MESSAGE_PROPOSE: history's */
		struct message_done done;
		struct message_outcome outcome;
		char *notice; /* owned: one line */
	};
};

/* NULL: out of memory. */
struct message *message_new(enum message_kind kind);
struct message *message_begin(uint64_t task, const char *kind);
/* As message_want_done(). */
struct message *message_waiting(enum message_kind kind, history_done_fn *call, void *argument);
void message_free(struct message *message);
/* The sender waits for the reply, unless `call` is NULL. 0 or -ENOMEM. */
int message_want_done(struct message *message, history_done_fn *call, void *argument);
int message_want_outcome(struct message *message, history_outcome_fn *call, void *argument);

/* NULL for NULL. */
static inline struct message *message_of(struct mail *mail)
{
	return (struct message *)mail;
}

/* Posts one line for `watch` and the log. */
void message_notice(struct mailbox *out, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* As in history_merge(). 0 or -ENOMEM. */
int request_merge(struct request **request, const char *branch, uint32_t confirmed);
/* What other nodes say. 0 or -ENOMEM. */
int request_fleet(struct request **request);
/* 0, -ENOMEM, or -EINVAL: a commit's id is invalid. */
int request_revert(struct request **request, const struct history_revert *revert);
/* The waiters must be gone. NULL is fine. */
void request_free(struct request *request);

/* Replies to senders that wait until something is durable. Takes over the message's, if any. */
void waiters_add(struct mails *waiters, struct message *message);
/* The commit or outcome that each of them gets. */
void waiters_set_commit(struct mails *waiters, const git_oid *commit);
void waiters_set_outcome(struct mails *waiters, const struct history_outcome *outcome);
/* Sends all replies. `tip` is the commit for those without one of their own. */
void waiters_reply(struct mails *waiters, struct mailbox *out, int status, const git_oid *tip);

#endif

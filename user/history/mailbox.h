/* SPDX-License-Identifier: MIT */
/*
 * Messages between the owner's thread and history's, in order, either way. Each is handed
 * over whole: whoever takes it from the queue owns it.
 */
#ifndef USER_HISTORY_MAILBOX_H
#define USER_HISTORY_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "entry/entry.h"
#include "format/format.h"
#include "history/history.h"

enum message_kind {
	/* to history */
	MESSAGE_RECORD,
	MESSAGE_BEGIN,
	MESSAGE_CHANGE,
	MESSAGE_MARK,
	MESSAGE_END,
	MESSAGE_ANSWER,
	MESSAGE_MERGE,
	MESSAGE_REVERT,
	MESSAGE_LOAD,
	MESSAGE_LOADED,
	MESSAGE_STOP,
	/* to the owner */
	MESSAGE_PROPOSE,
	MESSAGE_DONE,
	MESSAGE_OUTCOME,
	MESSAGE_NOTICE
};

struct revert;  /* revert.h */
struct loading; /* loading.h */

struct message {
	struct message *next;
	enum message_kind kind;
	uint64_t task; /* token */
	char *text;    /* owned: the task's kind, a branch, a line */
	struct context context;
	struct transition transition;
	history_done_fn *done;
	history_outcome_fn *outcome_done;
	void *argument;
	int status;
	char commit[COMMIT_TEXT];
	struct history_outcome *outcome;   /* owned */
	struct history_proposal *proposal; /* the engine's, until it is settled */
	struct revert *revert;             /* owned */
	struct loading *loading;           /* the owner's */
};

struct message *message_new(enum message_kind kind);
void message_free(struct message *message);

struct queue {
	uv_mutex_t lock;
	struct message *first, **last;
	size_t count;
	uv_async_t *wake; /* NULL: nobody is woken */
};

int queue_init(struct queue *queue);
/* Frees what is left in it. */
void queue_destroy(struct queue *queue);
/* Whom to wake from now on; NULL before its loop goes. */
void queue_set_wake(struct queue *queue, uv_async_t *wake);
/* Takes over the message. */
void queue_put(struct queue *queue, struct message *message);
/* The oldest message, or NULL. */
struct message *queue_take(struct queue *queue);
/* Puts one back in front. */
void queue_return(struct queue *queue, struct message *message);

#endif

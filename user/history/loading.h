/* SPDX-License-Identifier: MIT */
/*
 * Every entry of main, beside what was applied: the table that an agent starts with. History's
 * thread reads ahead, chunk by chunk, while the owner applies what it has.
 */
#ifndef USER_HISTORY_LOADING_H
#define USER_HISTORY_LOADING_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/base.h"
#include "format/format.h"
#include "history/archive.h"
#include "history/types.h"

#define CHUNKS_READY 2 /* read ahead; then the thread waits */
#define LOST_TEXT    200

struct state;

struct loading {
	uv_mutex_t lock;
	uv_cond_t changed;
	/* Under the lock: */
	bool begun, ended, cancelled;
	int error; /* with its fault, once it has ended */
	struct fault fault;
	struct history_start start; /* owned */
	char lost[LOST_TEXT];       /* what could not be read; "": nothing */
	bool all_inside;            /* of main, no entry is outside the segments and prefixes */
	uint64_t about;             /* so many items will come, roughly */
	struct history_proposal *ready[CHUNKS_READY];
	unsigned count;
	/* The owner's; the thread's once everything is loaded: */
	struct transitions kept; /* where the table differs from main */
	struct addresses own;    /* the host's own: main keeps what it has of them */
	struct history_proposal *out;
};

/* NULL: out of memory. */
struct loading *loading_new(void);
/* When the thread has finished with it. NULL is fine. */
void loading_free(struct loading *loading);

/* The thread: reads both trees (either may be NULL), judges every entry, and hands over chunks.
 * What cannot be read is left out, and noted as lost. -ECANCELED: the owner has given up. */
int loading_read(struct loading *loading, struct state *state, const git_oid *applied,
                 const git_oid *main, struct fault *fault);
void loading_end(struct loading *loading, int error, const struct fault *fault);

/* The owner: waits for the beginning. 0 or an error. */
int loading_wait(struct loading *loading, uint64_t *about, struct fault *fault);
/* Keeps the results of the last chunk and waits for the next: 1, 0 at the end, or an error. */
int loading_next(struct loading *loading, struct history_proposal **chunk, struct fault *fault);
/* Keeps one result, which it takes over in any case. 0 or -ENOMEM. */
int loading_keep(struct loading *loading, unsigned segment, struct address address,
                 struct entry *result);
/* The host has the address itself. 0 or -ENOMEM. */
int loading_own(struct loading *loading, unsigned segment, struct address address);
/* The owner gives up: the thread reads no further. */
void loading_cancel(struct loading *loading);

#endif

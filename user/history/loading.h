/* SPDX-License-Identifier: MIT */
/*
 * Start-up's hand-over: history's thread reads ahead, chunk by chunk, while the owner applies what
 * was read. Knows neither git nor the table.
 */
#ifndef USER_HISTORY_LOADING_H
#define USER_HISTORY_LOADING_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "history/history.h"
#include "history/state.h"

#define CHUNKS_READY 2 /* read ahead; then the thread waits */

struct loading {
	uv_mutex_t lock;
	uv_cond_t changed;
	/* Under the lock: */
	bool begun, ended, cancelled;
	int error; /* with its fault, once it has ended */
	struct fault fault;
	uint64_t about; /* so many items will come, roughly */
	struct history_proposal *ready[CHUNKS_READY];
	unsigned count;
	/* The owner's, then the thread's when all is loaded: */
	struct transitions kept; /* what the table holds otherwise than main */
	struct history_proposal *out;
};

/* NULL: out of memory. */
struct loading *loading_new(void);
/* NULL is fine. When the thread is done with it. */
void loading_free(struct loading *loading);

/* The thread: whoever waits for the beginning goes on; a chunk, which is taken over, waiting for
 * room (-ECANCELED: nobody wants it); the end. */
void loading_begin(struct loading *loading, uint64_t about);
int loading_put(struct loading *loading, struct history_proposal *chunk);
void loading_end(struct loading *loading, int error, const struct fault *fault);

/* The owner: waits for the beginning, 0 or an error; for the next chunk, 1, or 0 at the end, or an
 * error; and keeps what the table made of the last one. */
int loading_wait(struct loading *loading, uint64_t *about, struct fault *fault);
int loading_next(struct loading *loading, struct history_proposal **chunk, struct fault *fault);
/* Takes `result` over, in any case. 0 or -ENOMEM. */
int loading_keep(struct loading *loading, unsigned segment, uint32_t address, struct entry *result);
/* The thread reads no further. */
void loading_cancel(struct loading *loading);

#endif

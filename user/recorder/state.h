/* SPDX-License-Identifier: MIT */
/* The recorder's state: types only. */
#ifndef USER_RECORDER_STATE_H
#define USER_RECORDER_STATE_H

#include <stdatomic.h>
#include <uv.h>

#include "history/history.h"
#include "recorder/link.h"
#include "recorder/stillness.h"

struct recorder {
	struct link link;
	struct packet open; /* the keeper's first message, */
	char *open_bytes;   /* which points into this; owned */
	struct packet_source keeper;
	struct history *history;
	uv_loop_t loop;
	uv_poll_t poll;
	uv_async_t news;                   /* something is durable, */
	atomic_bool again;                 /* or must be read again */
	uv_timer_t timer;                  /* looks at the status */
	uint64_t number;                   /* of the last post */
	uint64_t marked;                   /* asked about */
	struct history_proposal *proposal; /* history's, at the keeper; NULL: none */
	size_t results;                    /* of its items */
	struct history_status said;
	struct stillness stillness; /* of history's thread */
	bool loaded;
	bool closing; /* the keeper wants the end, */
	struct packet_close close;
};

#endif

/* SPDX-License-Identifier: MIT */
/* History's thread: an event loop around the state. It runs until the engine is stopped. */
#ifndef USER_HISTORY_ENGINE_H
#define USER_HISTORY_ENGINE_H

#include <stdatomic.h>

#include "history/pulse.h"
#include "history/state.h"

/* After an error. */
struct backoff {
	uint64_t ms; /* before the next attempt; 0: no trouble */
	uint64_t since;
	bool said;
};

struct engine {
	struct state state;
	struct seed *seed;     /* to merge when loading; the caller's. NULL: none */
	atomic_bool stopping;  /* set by the owner: write out what is queued, then end */
	atomic_bool giving_up; /* likewise: end now */

	uv_async_t wake;
	uv_timer_t flush_timer, retry_timer;
	struct pulse pulse;
	struct watch watch;
	struct backoff backoff;
	uint64_t last_flush; /* uv_now() */
	unsigned put_off;    /* steps since the look-back index was fed, if it waits */
	bool finished;
	bool has_loop;
};

/* Takes over the repository. `seed` is set, and of the state: in, out, status, interval_ms,
 * alerts, host, segments, and the options of upkeep. engine_destroy() also on error.
 */
int engine_init(struct engine *engine, git_repository *repository,
                const struct history_options *options, struct fault *fault);
void engine_destroy(struct engine *engine);

#endif

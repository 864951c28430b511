/* SPDX-License-Identifier: MIT */
/*
 * Notices that another process wrote to the repository: inotify on the folders of references,
 * debounced, and a slow look in any case. It only asks for a look, and never knows what changed.
 *
 * A merge request is looked at at once, unless the last look was a moment ago: so the merge runs
 * while git starts the hook that waits for it.
 */
#ifndef USER_STORE_WATCH_H
#define USER_STORE_WATCH_H

#include <stdint.h>
#include <uv.h>

#define WATCH_DEBOUNCE_MS 5
#define WATCH_SLOW_MS     2000

struct watch {
	uv_fs_event_t repository, heads, merge;
	uv_timer_t debounce, slow;
	uint64_t looked; /* the loop's time of the last look */
	char heads_path[512], merge_path[512];
	void (*look)(void *context);
	void *context;
};

/* `directory` ends in '/'. A folder that cannot be watched is looked at slowly. */
int watch_start(struct watch *watch, uv_loop_t *loop, const char *directory,
                void (*look)(void *context), void *context);
/* Its handles are closing; they are gone when the loop has run out. */
void watch_stop(struct watch *watch);

#endif

// SPDX-License-Identifier: MIT
/*
 * Notices that another process wrote to the repository. git removes empty folders and makes them
 * anew, so each look arms the watches again.
 */
#include "store/watch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status);

static void arm(struct watch *watch)
{
	/* Starting a watch that runs already is an error that changes nothing; one whose folder was
	 * replaced must be stopped first. */
	uv_fs_event_stop(&watch->merge);
	uv_fs_event_start(&watch->merge, on_event, watch->merge_path, 0);
}

static void look_now(struct watch *watch)
{
	watch->looked = uv_now(watch->debounce.loop);
	watch->look(watch->context);
}

static void on_debounced(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	arm(watch);
	look_now(watch);
}

static void on_slow(uv_timer_t *timer)
{
	struct watch *watch = timer->data;

	uv_fs_event_stop(&watch->heads);
	uv_fs_event_start(&watch->heads, on_event, watch->heads_path, 0);
	on_debounced(timer);
}

/* A file that git is still writing: it gets its name when it is complete. */
static bool is_lock(const char *name)
{
	size_t length = strlen(name), suffix = strlen(".lock");

	return length >= suffix && strcmp(name + length - suffix, ".lock") == 0;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct watch *watch = handle->data;

	(void)events;
	(void)status;
	if (handle == &watch->merge && name && is_lock(name))
		return;
	/* The timer also arms the watches. */
	if (!uv_is_active((uv_handle_t *)&watch->debounce))
		uv_timer_start(&watch->debounce, on_debounced, WATCH_DEBOUNCE_MS, 0);
	if (handle == &watch->merge && name &&
	    uv_now(handle->loop) - watch->looked >= WATCH_DEBOUNCE_MS)
		look_now(watch);
}

int watch_start(struct watch *watch, uv_loop_t *loop, const char *directory,
                void (*look)(void *context), void *context)
{
	int error;

	watch->look = look;
	watch->context = context;
	snprintf(watch->heads_path, sizeof(watch->heads_path), "%srefs/heads", directory);
	snprintf(watch->merge_path, sizeof(watch->merge_path), "%srefs/heads/merge", directory);
	watch->repository.data = watch->heads.data = watch->merge.data = watch;
	watch->debounce.data = watch->slow.data = watch;
	if ((error = uv_fs_event_init(loop, &watch->repository)) < 0 ||
	    (error = uv_fs_event_init(loop, &watch->heads)) < 0 ||
	    (error = uv_fs_event_init(loop, &watch->merge)) < 0 ||
	    (error = uv_timer_init(loop, &watch->debounce)) < 0 ||
	    (error = uv_timer_init(loop, &watch->slow)) < 0)
		return error;
	uv_fs_event_start(&watch->repository, on_event, directory, 0);
	uv_fs_event_start(&watch->heads, on_event, watch->heads_path, 0);
	arm(watch);
	return uv_timer_start(&watch->slow, on_slow, WATCH_SLOW_MS, WATCH_SLOW_MS);
}

void watch_stop(struct watch *watch)
{
	if (!watch->look)
		return;
	uv_close((uv_handle_t *)&watch->repository, NULL);
	uv_close((uv_handle_t *)&watch->heads, NULL);
	uv_close((uv_handle_t *)&watch->merge, NULL);
	uv_close((uv_handle_t *)&watch->debounce, NULL);
	uv_close((uv_handle_t *)&watch->slow, NULL);
	watch->look = NULL;
}

// SPDX-License-Identifier: MIT
/* Starts the upkeep process after every few flushes. chores.c is what that process does. */
#include "upkeep/upkeep.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/base.h"
#include "store/store.h"

#define LATER_MS 3000

static void on_closed(uv_handle_t *handle)
{
	struct upkeep *upkeep = handle->data;

	upkeep->running = false;
}

/* A git that was writing an index of packs has put it into place by now. */
static void on_later(uv_timer_t *timer)
{
	const struct upkeep *upkeep = timer->data;

	multiindex_drop_stale(upkeep->directory);
}

static void warn_of_archive(const struct upkeep *upkeep)
{
	char text[FAULT_TEXT];

	snprintf(text, sizeof(text),
	         "history.archive %.200s cannot take what history.keep would remove, so nothing is "
	         "removed: the log says why",
	         upkeep->archive);
	if (upkeep->warned)
		upkeep->warned(upkeep->context, text);
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
	struct upkeep *upkeep = process->data;

	upkeep->since = retain_since(upkeep->directory);
	if (status == UPKEEP_NO_ARCHIVE)
		warn_of_archive(upkeep);
	if (status != 0 || signal != 0)
		log_debug("upkeep ended with status %lld, signal %d; it is tried again later",
		          (long long)status, signal);
	if (!uv_is_closing((uv_handle_t *)process))
		uv_close((uv_handle_t *)process, on_closed);
	if (upkeep->has_later)
		uv_timer_start(&upkeep->later, on_later, LATER_MS, 0);
}

void upkeep_init(struct upkeep *upkeep, const char *git_directory)
{
	upkeep->directory = git_directory;
	upkeep->since = retain_since(git_directory);
}

void upkeep_note(struct upkeep *upkeep, uv_loop_t *loop, uint64_t commits)
{
	char keep[16];
	char *arguments[] = {
	        (char *)upkeep->program,   "hook",   "upkeep", "--repo",
	        (char *)upkeep->directory, "--keep", keep,     upkeep->archive ? "--archive" : NULL,
	        (char *)upkeep->archive,   NULL};
	uv_stdio_container_t stdio[] = {
	        {.flags = UV_IGNORE},
	        {.flags = UV_IGNORE},
	        {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	uv_process_options_t options = {.exit_cb = on_ended,
	                                .file = upkeep->program,
	                                .args = arguments,
	                                .stdio = stdio,
	                                .stdio_count = 3};
	int error;

	upkeep->flushes += commits > 0;
	if (!upkeep->program || upkeep->running || upkeep->flushes < UPKEEP_FLUSHES)
		return;
	upkeep->flushes = 0;
	if (!upkeep->has_later) {
		uv_timer_init(loop, &upkeep->later);
		upkeep->later.data = upkeep;
		upkeep->has_later = true;
	}
	upkeep->process.data = upkeep;
	upkeep->running = true;
	snprintf(keep, sizeof(keep), "%u", upkeep->keep);
	error = uv_spawn(loop, &upkeep->process, &options);
	if (error < 0) {
		log_warning("upkeep of %s cannot be started: %s; packs pile up until it can: see "
		            "`arpkeeper hook upkeep` in arpkeeper(8)",
		            upkeep->directory, uv_strerror(error));
		uv_close((uv_handle_t *)&upkeep->process, on_closed);
	}
}

void upkeep_now(struct upkeep *upkeep, uv_loop_t *loop)
{
	upkeep->flushes = UPKEEP_FLUSHES;
	upkeep_note(upkeep, loop, 0);
}

void upkeep_stop(struct upkeep *upkeep)
{
	if (upkeep->has_later)
		uv_close((uv_handle_t *)&upkeep->later, NULL);
	upkeep->has_later = false;
	if (!upkeep->running || uv_is_closing((uv_handle_t *)&upkeep->process))
		return;
	uv_process_kill(&upkeep->process, SIGTERM);
	uv_close((uv_handle_t *)&upkeep->process, on_closed);
}

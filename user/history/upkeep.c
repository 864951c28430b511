// SPDX-License-Identifier: MIT
/*
 * git's own upkeep. `gc --auto` decides for itself whether anything is to be done; here is
 * only when to ask it.
 */
#include "history/upkeep.h"

#include <signal.h>

#include "log/log.h"

static void on_closed(uv_handle_t *handle)
{
	struct upkeep *upkeep = handle->data;

	upkeep->running = false;
}

static void on_ended(uv_process_t *process, int64_t status, int signal)
{
	if (status != 0 || signal != 0)
		log_debug(
		        "git gc --auto ended with status %lld, signal %d; it is tried again later",
		        (long long)status, signal);
	if (!uv_is_closing((uv_handle_t *)process))
		uv_close((uv_handle_t *)process, on_closed);
}

void upkeep_note(struct upkeep *upkeep, uv_loop_t *loop, const char *directory, uint64_t commits)
{
	/* In the foreground, so that we know when it has ended; and whoever owns the repository, as
	 * an administrator named it. */
	char *arguments[] = {"nice",    "-n",
	                     "19",      "git",
	                     "-c",      "gc.autoDetach=false",
	                     "-c",      "safe.directory=*",
	                     "-C",      (char *)directory,
	                     "gc",      "--auto",
	                     "--quiet", NULL};
	uv_process_options_t options = {.exit_cb = on_ended, .file = "nice", .args = arguments};
	int error;

	upkeep->commits += commits;
	if (upkeep->running || upkeep->commits < UPKEEP_COMMITS)
		return;
	upkeep->commits = 0;
	upkeep->process.data = upkeep;
	upkeep->running = true;
	error = uv_spawn(loop, &upkeep->process, &options);
	if (error < 0) {
		log_warning("git gc --auto cannot be started: %s; install git, or run `git gc` "
		            "yourself",
		            uv_strerror(error));
		uv_close((uv_handle_t *)&upkeep->process, on_closed);
	}
}

void upkeep_stop(struct upkeep *upkeep)
{
	if (!upkeep->running || uv_is_closing((uv_handle_t *)&upkeep->process))
		return;
	uv_process_kill(&upkeep->process, SIGTERM);
	uv_close((uv_handle_t *)&upkeep->process, on_closed);
}

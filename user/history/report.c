/* SPDX-License-Identifier: MIT */
/* What is recorded, in numbers of posts: everything taken, but for changes of open tasks. */
#include "history/report.h"

#include <errno.h>
#include <stdlib.h>

static bool is_incomplete(const struct task *task)
{
	return task->pending.count > 0 || task->done > 0;
}

int progress_report(const struct state *state, bool durable)
{
	struct history_progress progress = {.taken = state->taken};
	size_t count = 0;

	if (!state->progress)
		return 0;
	for (const struct task *task = state->task; task; task = task->next)
		count += is_incomplete(task);
	progress.task = calloc(count + 1, sizeof(*progress.task));
	if (!progress.task)
		return -ENOMEM;
	for (const struct task *task = state->task; task; task = task->next) {
		struct history_open_task *open = &progress.task[progress.tasks];

		if (!is_incomplete(task))
			continue;
		open->token = task->token;
		open->committed = task->committed;
		if (task->commits)
			git_oid_tostr(open->tip, sizeof(open->tip), &task->tip.commit);
		progress.tasks++;
	}
	git_oid_tostr(progress.before, sizeof(progress.before), &state->applied);
	git_oid_tostr(progress.applied, sizeof(progress.applied), state_reflected(state));
	state->progress(state->context, durable, &progress);
	free(progress.task);
	return 0;
}

// SPDX-License-Identifier: MIT
/*
 * Makes commits durable, and then visible: objects, applied, task branches, main, alerts. A crash
 * between any two of these steps leaves a whole repository. Replies are sent last. Makes no commits
 * but those of alerts.
 */
#include "history/publish.h"

#include "history/fates.h"
#include "history/tasklog.h"
#include "store/store.h"

static bool is_done(const struct state *state)
{
	return git_oid_equal(&state->main, &state->head.commit) &&
	       git_oid_equal(&state->applied, state_reflected(state)) &&
	       state->archive.branches.waiting_count == 0 && !state->waiters.first &&
	       !state->removal && !state->alerts.made;
}

static void finish(struct state *state)
{
	/* Changes in open tasks are not durable yet. */
	uint64_t open = tasklog_open(state);

	waiters_reply(&state->waiters, state->out, 0, &state->head.commit);
	status_tips(state->status, &state->main, &state->applied, state->upkeep.since);
	status_durable(state->status, state->unpublished > open ? state->unpublished - open : 0,
	               state->commits_pending);
	state->unpublished = open;
	upkeep_note(&state->upkeep, &state->loop, state->commits_pending);
	state->commits_pending = 0;
}

static int move_references(struct state *state, struct fault *fault)
{
	const git_oid *reflected = state_reflected(state), *applied = NULL;
	int error;

	/* `applied` is never behind main or a task. After a kill, what these had beyond it would be
	 * taken for changes of others, and compete with the table's newer ones (load.c). */
	if (!git_oid_equal(&state->applied, reflected))
		applied = reflected;
	error = branches_write(&state->archive.branches, applied, fault);
	if (!error && applied)
		state->applied = *applied;
	if (error || git_oid_equal(&state->main, &state->head.commit))
		return error;
	error = refs_move(state->archive.repository, MAIN_REF, &state->main, &state->head.commit,
	                  "arpkeeper", fault);
	if (!error)
		state->main = state->head.commit;
	return error;
}

int publish(struct state *state, struct fault *fault)
{
	struct archive *archive = &state->archive;
	int error;

	/* Others moved main, and the owner is merging what they changed. */
	if (state->door.request && state->door.is_main)
		return 0;
	alerts_commit(&state->alerts, archive);
	if (is_done(state)) {
		finish(state);
		return 0;
	}
	error = writer_flush(archive->writer, fault);
	if (!error)
		error = move_references(state, fault);
	if (error)
		return error;
	state->commits_pending += alerts_publish(&state->alerts, archive);
	writer_settle(archive->writer);
	if (!state->task)
		writer_rest(archive->writer);
	state->look |= removals_run(&state->removal, archive->repository, uv_now(&state->loop),
	                            state->closing);
	finish(state);
	return 0;
}

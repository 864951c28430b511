// SPDX-License-Identifier: MIT
/* Looks at the state, and changes nothing. */
#include "history/due.h"

#include "history/ownbranch.h"
#include "history/tasklog.h"

/* Objects in memory, and changes of open tasks in commits: with more, all is written out. Until it
 * is, the owner keeps the changes, too: 140 bytes each. */
#define PENDING_BYTES   (64 << 20)
#define PENDING_CHANGES 131072

bool due_is_large(const struct state *state)
{
	return writer_pending_bytes(state->archive.writer) > PENDING_BYTES ||
	       state->in_open_tasks > PENDING_CHANGES;
}

bool due_any(struct state *state)
{
	return state->loaded &&
	       (state->batch || ownbranch_waits(state) ||
	        alerts_are_due(&state->alerts, state->closing) || state->waiters.first ||
	        state->removal || branches_wait(&state->archive.branches) ||
	        state->unpublished > 0 || !git_oid_equal(&state->main, &state->head.commit) ||
	        !git_oid_equal(&state->applied, state_reflected(state)));
}

/* Changes of open tasks are not due before the end. */
bool due_now(struct state *state)
{
	uint64_t open = tasklog_open(state);

	return due_any(state) &&
	       (state->closing || open == 0 || state->unpublished > open || state->batch ||
	        ownbranch_waits(state) || state->waiters.first ||
	        alerts_are_due(&state->alerts, state->closing) ||
	        anchors_wait(&state->archive.branches.anchors) || due_is_large(state) ||
	        !git_oid_equal(&state->main, &state->head.commit));
}

bool due_is_done(const struct state *state)
{
	return git_oid_equal(&state->main, &state->head.commit) &&
	       git_oid_equal(&state->applied, state_reflected(state)) &&
	       !branches_wait(&state->archive.branches) && !state->waiters.first &&
	       !state->removal && !state->alerts.made && !ownbranch_waits(state);
}

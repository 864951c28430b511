// SPDX-License-Identifier: MIT
/* Commits an answered proposal on top of the log: a merge, or a revert. Judges nothing. */
#include "history/settle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "history/conclude.h"
#include "history/mergecommit.h"
#include "history/removals.h"
#include "history/tasklog.h"

/* The reference's fate is remembered, and the waiters get the outcome once it is durable. */
static int finish(struct state *state, struct history_outcome *outcome, struct fault *fault)
{
	struct door *door = &state->door;
	const char *ref = door->request->ref;
	size_t used = strlen(outcome->text);
	int error = 0;

	git_oid_tostr(outcome->commit, sizeof(outcome->commit), &state->head.commit);
	if (door->repaired > 0)
		snprintf(outcome->text + used, sizeof(outcome->text) - used,
		         "\n%zu invalid file%s taken back: see `git log main`", door->repaired,
		         door->repaired == 1 ? "" : "s");
	if (ref &&
	    (fates_add(&state->merged, ref, &door->seen, uv_now(&state->loop), outcome) < 0 ||
	     removals_add(&state->removal, ref, &door->seen) < 0))
		error = fault_set(fault, -ENOMEM, "out of memory");
	message_notice(state->out, "%.*s", (int)strcspn(outcome->text, "\n"), outcome->text);
	state->look = true;
	conclude_door(state, outcome);
	return error;
}

/* The task's branch, to be seen: their commits, or what undid commits. */
static void set_branch(struct state *state, const struct mergecommit *commit)
{
	const struct door *door = &state->door;
	bool merge = door->request->ref != NULL;
	bool forward = merge && git_oid_equal(&commit->made.commit, &door->theirs.commit);

	if (forward || git_oid_equal(&commit->made.commit, &state->head.commit))
		return;
	state->commits_pending++;
	if (!door->is_main)
		branches_set(&state->archive.branches, commit->id,
		             merge ? &door->theirs.commit : &commit->made.commit, false);
}

int settle(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	const git_oid *head = &state->head.commit;
	bool merge = door->request->ref != NULL;
	struct mergecommit_request request = {.kind = "operator",
	                                      .ours = &state->head,
	                                      .proposal = door->proposal,
	                                      .others = &door->others,
	                                      .first = head};
	struct mergecommit commit;
	bool behind; /* theirs has all of ours */
	/* The table had all of this when it merged. */
	int error = tasklog_commit_all(state, fault);

	if (error)
		return error;
	if (merge) {
		behind = door->has_base && git_oid_equal(&door->base.commit, head);
		request.source = door_name(door->request->ref);
		request.base = door->has_base ? &door->base.tree : NULL;
		request.forward = behind ? &door->theirs : NULL;
		request.first = door->is_main ? &door->theirs.commit : head;
		request.second = door->is_main ? head : &door->theirs.commit;
		if (door->is_main && behind)
			request.second = NULL;
	} else {
		request.revert = door->request;
		request.outside = door->outside;
		request.outside_path = door->outside_path;
	}
	error = mergecommit_make(&state->archive, &commit, &request, fault);
	if (error)
		return error;
	if (state->closing && !state->frozen && commit.outcome.applied > 0) {
		state->frozen = true;
		state->reflected = *head;
	}
	set_branch(state, &commit);
	state->head = commit.made;
	if (door->is_main)
		state->main = door->theirs.commit;
	return finish(state, &commit.outcome, fault);
}

bool settle_is_due(const struct state *state)
{
	return state->door.request && state->door.answered;
}

int settle_answer(struct state *state, struct message *message, struct fault *fault)
{
	struct door *door = &state->door;
	int error = 0;

	if (!door->request)
		return 0;
	if (message->answer.cancelled) {
		error = tasklog_commit_all(state, fault);
		if (!error)
			error = mergecommit_decide(&state->archive, door->proposal,
			                           &state->head.tree, fault);
	}
	if (error)
		return error;
	door->answered = true;
	error = settle(state, fault);
	/* If it could not be settled, doors_step() tries again. */
	return door->request ? 0 : error;
}

// SPDX-License-Identifier: MIT
/* Commits an answered proposal on top of the log: a merge, or a revert. Judges nothing. */
#include "history/door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/fleetanswer.h"
#include "history/mergecommit.h"
#include "history/retire.h"
#include "history/tasklog.h"

void door_clear(struct door *door)
{
	proposal_free(door->proposal);
	edits_clear(&door->others);
	edits_clear(&door->others_before);
	request_free(door->request);
	free(door->word);
	*door = (struct door){0};
}

const char *door_name(const char *ref)
{
	size_t length = sizeof(BRANCH_REFS) - 1;

	return !strncmp(ref, BRANCH_REFS, length) ? ref + length : ref;
}

void door_conclude_request(struct state *state, struct request *request,
                           const struct history_outcome *outcome)
{
	waiters_set_outcome(&request->waiters, outcome);
	mails_move(&state->waiters, &request->waiters);
	state->urgent = true;
}

void door_conclude(struct state *state, const struct history_outcome *outcome)
{
	door_conclude_request(state, state->door.request, outcome);
	door_clear(&state->door);
	/* Commits and trees of long ago, which are not needed again. */
	writer_note_reading(state->archive.writer);
}

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
		         text_plural(door->repaired));
	if (ref && !door->is_main &&
	    hints_first(&state->hints, state->archive.repository, &door->seen)) {
		used = strlen(outcome->text);
		snprintf(outcome->text + used, sizeof(outcome->text) - used, "\n" HINT_PRUNE);
	}
	if (ref &&
	    (fates_add(&state->merged, ref, &door->seen, uv_now(&state->loop), outcome) < 0 ||
	     removals_add(&state->removal, ref, &door->seen) < 0))
		error = fault_set(fault, -ENOMEM, "out of memory");
	message_notice(state->out, "%.*s", (int)strcspn(outcome->text, "\n"), outcome->text);
	state->look = state->merged_now = true;
	door_conclude(state, outcome);
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

int door_settle(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	const git_oid *head = &state->head.commit;
	bool merge = door->request->ref != NULL;
	struct mergecommit_request request = {.kind = "operator",
	                                      .ours = &state->head,
	                                      .proposal = door->proposal,
	                                      .others = &door->others,
	                                      .others_before = &door->others_before,
	                                      .first = head};
	struct mergecommit commit;
	bool behind; /* theirs has all of ours */
	int error;

	if (door->request->fleet) {
		error = fleetanswer_settle(state, fault);
		if (!error)
			door_conclude(state, &(struct history_outcome){0});
		return error;
	}
	/* The table had all of this when it merged. */
	error = tasklog_commit_all(state, fault);
	if (!error)
		error = fleetanswer_word(state, fault);
	if (!error && door->request->retire && retire_note(state, door->request->name) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (error)
		return error;
	if (merge) {
		behind = door->has_base && git_oid_equal(&door->base.commit, head);
		request.source = door_name(door->request->ref);
		request.forward = behind ? &door->theirs : NULL;
		request.first = door->is_main ? &door->theirs.commit : head;
		request.second = door->is_main ? head : &door->theirs.commit;
		request.pushed = &door->seen;
		if (door->is_main && behind)
			request.second = request.pushed = NULL;
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
	fleetanswer_say(state);
	state->head = commit.made;
	if (door->is_main)
		state->main = door->theirs.commit;
	else if (merge)
		anchors_pushed(&state->archive.branches.anchors, &door->seen);
	return finish(state, &commit.outcome, fault);
}

bool door_is_answered(const struct state *state)
{
	return state->door.request && state->door.answered;
}

int door_decide(struct state *state, struct fault *fault)
{
	int error = tasklog_commit_all(state, fault);

	state->door.proposal->retimed = state->claims != NULL;
	if (!error)
		error = mergecommit_decide(&state->archive, state->door.proposal, &state->head.tree,
		                           fault);
	state->door.answered = !error;
	return error;
}

int door_answer(struct state *state, const struct message *message, struct fault *fault)
{
	struct door *door = &state->door;
	int error = 0;

	if (!door->request)
		return 0;
	if (message->cancelled && door->request->fleet)
		fleetanswer_cancel(state);
	else if (message->cancelled)
		error = door_decide(state, fault);
	if (error)
		return error;
	door->answered = true;
	error = door_settle(state, fault);
	/* If it could not be settled, doors_step() tries again. */
	return door->request ? 0 : error;
}

// SPDX-License-Identifier: MIT
/*
 * What others changed since their commits parted from the log. Nothing invalid is ever proposed: a
 * commit on top of main takes it back there, and a merge request that contains it is refused.
 */
#include "history/propose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "history/changes.h"
#include "history/conclude.h"
#include "history/mergecommit.h"
#include "history/removals.h"
#include "history/repair.h"
#include "history/tasklog.h"
#include "store/store.h"

/* Everything in their branch is in the log already. */
static int already_there(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	struct history_outcome outcome = {0};
	char seen[COMMIT_TEXT];

	git_oid_tostr(outcome.commit, sizeof(outcome.commit), &state->head.commit);
	git_oid_tostr(seen, sizeof(seen), &door->seen);
	if (door->is_main) {
		/* Publication moves it on again. */
		state->main = door->seen;
		message_notice(state->out,
		               "main was moved back to %.12s: nothing recorded is lost, it is "
		               "moved on to %.12s again",
		               seen, outcome.commit);
		snprintf(outcome.text, sizeof(outcome.text),
		         "main was moved back; it goes on at %.12s, with everything recorded",
		         outcome.commit);
	} else {
		snprintf(outcome.text, sizeof(outcome.text), "%s is in main already: nothing to do",
		         door_name(door->request->ref));
		if (removals_add(&state->removal, door->request->ref, &door->seen) < 0)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	conclude_door(state, &outcome);
	return 0;
}

/* `problem` has `problems` texts, or the first PROBLEMS_SAID of them. */
static int refuse(struct state *state, const struct fault *problem, size_t problems,
                  struct fault *fault)
{
	struct door *door = &state->door;
	const char *name = door_name(door->request->ref);
	struct history_outcome outcome = {.status = -EINVAL};
	size_t used;

	used = (size_t)snprintf(outcome.text, sizeof(outcome.text),
	                        "%s is refused, main is as it was", name);
	for (size_t i = 0; i < problems && i < PROBLEMS_SAID && used < sizeof(outcome.text); i++)
		used += (size_t)snprintf(outcome.text + used, sizeof(outcome.text) - used, "\n%s",
		                         problem[i].text);
	if (problems > PROBLEMS_SAID && used < sizeof(outcome.text))
		snprintf(outcome.text + used, sizeof(outcome.text) - used, "\nand %zu more",
		         problems - PROBLEMS_SAID);
	if (fates_add(&state->refused, door->request->ref, &door->seen, uv_now(&state->loop),
	              &outcome) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	message_notice(state->out, "%s is refused: %s%s", name, problem[0].text,
	               problems > 1 ? "; and more" : "");
	conclude_door(state, &outcome);
	return 0;
}

/* Takes back what is invalid in main. */
static int repair(struct state *state, const struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	int error = repair_main(&state->archive, &door->theirs, changes, fault);

	if (error)
		return error;
	state->commits_pending++;
	door->repaired = changes->problems;
	for (size_t i = 0; i < changes->problems && i < PROBLEMS_SAID; i++)
		message_notice(state->out, "main: taken back: %s", changes->problem[i].text);
	return 0;
}

/* Hands the items to the owner. If there are none, or the owner is stopping, goes on without it. */
static int hand_over(struct state *state, struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	struct message *message;
	int error = changes_propose(&door->proposal, changes, door_name(door->request->ref), fault);

	if (error)
		return error;
	door->others = changes->others;
	changes->others = (struct edits){0};
	if (door->proposal->items == 0) {
		door->answered = true;
		return 0;
	}
	if (state->closing) {
		/* The rule decides, and the next start proposes the result to the table. */
		error = tasklog_commit_all(state, fault);
		if (!error)
			error = mergecommit_decide(&state->archive, door->proposal,
			                           &state->head.tree, fault);
		door->answered = !error;
		return error;
	}
	message = message_new(MESSAGE_PROPOSE);
	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	message->proposal = door->proposal;
	mailbox_put(state->out, &message->mail);
	return 0;
}

static int find_and_judge(struct state *state, struct fault *fault)
{
	struct archive *archive = &state->archive;
	struct door *door = &state->door;
	struct changes changes = {0};
	int error = archive_version(archive, &door->theirs, &door->seen, fault);

	if (error && door->is_main)
		return fault_set(fault, error, "main names what cannot be read: %s; see `git fsck`",
		                 fault->text);
	if (error == -ENOENT || error == -EINVAL) {
		const struct fault problem = *fault;

		return refuse(state, &problem, 1, fault);
	}
	if (!error)
		error = archive_base(archive, &door->base, &door->has_base, &state->head.commit,
		                     &door->seen, fault);
	if (error)
		return error;
	if (door->has_base && git_oid_equal(&door->base.commit, &door->seen))
		return already_there(state, fault);
	error = changes_find(archive, &changes, door->has_base ? &door->base.tree : NULL,
	                     &door->theirs.tree, fault);
	if (!error && changes.problems > 0 && !door->is_main) {
		error = refuse(state, changes.problem, changes.problems, fault);
	} else {
		if (!error && changes.problems > 0)
			error = repair(state, &changes, fault);
		if (!error)
			error = hand_over(state, &changes, fault);
	}
	changes_clear(&changes);
	return error;
}

int propose_start(struct state *state, struct request **request, const git_oid *seen,
                  struct fault *fault)
{
	struct door *door = &state->door;
	/* The log so far must be readable to be compared. */
	int error = writer_flush(state->archive.writer, fault);

	if (error)
		return error;
	/* Git may have joined packs since our last look; that must not make us refuse anything. */
	repository_refresh(state->archive.repository);
	*door = (struct door){
	        .request = *request, .is_main = !strcmp((*request)->ref, MAIN_REF), .seen = *seen};
	*request = NULL;
	error = find_and_judge(state, fault);
	if (error) {
		*request = door->request;
		door->request = NULL;
		door_clear(door);
	}
	return error;
}

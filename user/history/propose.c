// SPDX-License-Identifier: MIT
/*
 * What somebody changed, found from where their commits parted from the log, judged, and
 * proposed to the table's owner. Nothing invalid is ever proposed: in main it is taken back by a
 * commit on top, and a merge request that contains it is refused as a whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "format/format.h"
#include "history/changes.h"
#include "history/revert.h"
#include "history/state.h"
#include "store/store.h"

void propose_clear(struct door *door)
{
	proposal_free(door->proposal);
	edits_clear(&door->others);
	free(door->ref);
	revert_free(door->revert);
	*door = (struct door){0};
	waiters_init(&door->waiters);
}

/* Ours, or the same: nothing to merge. */
static int already_there(struct engine *engine, struct fault *fault)
{
	struct door *door = &engine->door;
	struct history_outcome outcome = {0};
	char seen[GIT_OID_HEXSZ + 1];

	git_oid_tostr(outcome.commit, sizeof(outcome.commit), &engine->head.commit);
	git_oid_tostr(seen, sizeof(seen), &door->seen);
	if (door->is_main) {
		/* Publication moves it on again. */
		engine->main = door->seen;
		engine_notice(engine,
		              "main was moved back to %.12s: nothing recorded is lost, it is moved "
		              "on to %.12s again",
		              seen, outcome.commit);
		snprintf(outcome.text, sizeof(outcome.text),
		         "main was moved back; it goes on at %.12s, with everything recorded",
		         outcome.commit);
	} else {
		snprintf(outcome.text, sizeof(outcome.text), "%s is in main already: nothing to do",
		         doors_name(door->ref));
		if (merging_remove_later(engine, door->ref, &door->seen) < 0)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	waiters_set_outcome(&door->waiters, &outcome);
	waiters_move(&engine->waiters, &door->waiters);
	engine->urgent = true;
	propose_clear(door);
	return 0;
}

static int refuse(struct engine *engine, const struct changes *changes, struct fault *fault)
{
	struct door *door = &engine->door;
	struct history_outcome outcome = {.status = -EINVAL};
	size_t used;

	used = (size_t)snprintf(outcome.text, sizeof(outcome.text),
	                        "%s is refused, main is as it was", doors_name(door->ref));
	for (size_t i = 0; i < changes->problems && i < PROBLEMS_SAID; i++)
		if (used < sizeof(outcome.text))
			used += (size_t)snprintf(outcome.text + used, sizeof(outcome.text) - used,
			                         "\n%s", changes->problem[i].text);
	if (changes->problems > PROBLEMS_SAID && used < sizeof(outcome.text))
		snprintf(outcome.text + used, sizeof(outcome.text) - used, "\nand %zu more",
		         changes->problems - PROBLEMS_SAID);
	if (doors_remember(engine, &engine->refused, door->ref, &door->seen, &outcome) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	engine_notice(engine, "%s is refused: %s%s", doors_name(door->ref),
	              changes->problem[0].text, changes->problems > 1 ? "; and more" : "");
	waiters_set_outcome(&door->waiters, &outcome);
	waiters_move(&engine->waiters, &door->waiters);
	engine->urgent = true;
	propose_clear(door);
	return 0;
}

/* Takes back what is invalid in main, by a commit on top. */
static int repair(struct engine *engine, struct changes *changes, struct fault *fault)
{
	struct door *door = &engine->door;
	struct version made;
	int error = merging_repair(engine, &made, &door->theirs, changes, fault);

	if (error)
		return error;
	error = refs_move(engine->repository, MAIN_REF, &door->seen, &made.commit,
	                  "arpkeeper: repair", fault);
	if (error)
		return error;
	engine->commits_pending++;
	door->theirs = made;
	door->repaired = changes->problems;
	for (size_t i = 0; i < changes->problems && i < PROBLEMS_SAID; i++)
		engine_notice(engine, "main: taken back: %s", changes->problem[i].text);
	return 0;
}

/* Their branch cannot be read, or is no commit. */
static int unreadable(struct engine *engine, int error, struct fault *fault)
{
	struct door *door = &engine->door;
	struct changes changes = {.problems = 1};

	if (door->is_main)
		return fault_set(fault, error, "main names what cannot be read: %s; see `git fsck`",
		                 fault->text);
	if (error != -ENOENT && error != -EINVAL)
		return error;
	changes.problem = calloc(1, sizeof(*changes.problem));
	if (!changes.problem)
		return fault_set(fault, -ENOMEM, "out of memory");
	changes.problem[0] = *fault;
	error = refuse(engine, &changes, fault);
	free(changes.problem);
	return error;
}

/* Hands the items to the owner; or, when there is nothing to ask, goes on at once. */
static int hand_over(struct engine *engine, struct changes *changes, struct fault *fault)
{
	struct door *door = &engine->door;
	struct message *message;
	int error;

	error = merging_proposal(&door->proposal, changes, doors_name(door->ref), fault);
	if (error)
		return error;
	door->others = changes->others;
	changes->others = (struct edits){0};
	if (door->proposal->items == 0) {
		door->answered = true;
		return 0;
	}
	if (engine->closing) {
		/* The owner is going: the rule decides, and the next start tells the table. */
		error = record_commit_all(engine, fault);
		if (!error)
			error = merging_decide(engine, door->proposal, &engine->head.tree, fault);
		door->answered = !error;
		return error;
	}
	message = message_new(MESSAGE_PROPOSE);
	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	message->proposal = door->proposal;
	queue_put(engine->out, message);
	return 0;
}

static int find_and_judge(struct engine *engine, struct fault *fault)
{
	struct door *door = &engine->door;
	struct changes changes = {0};
	int error = merging_version(engine, &door->theirs, &door->seen, fault);

	if (error)
		return unreadable(engine, error, fault);
	error = merging_base(engine, &door->base, &door->has_base, &engine->head.commit,
	                     &door->seen, fault);
	if (error)
		return error;
	if (door->has_base && git_oid_equal(&door->base.commit, &door->seen))
		return already_there(engine, fault);
	error = merging_changes(engine, &changes, door->has_base ? &door->base.tree : NULL,
	                        &door->theirs.tree, fault);
	if (!error && changes.problems > 0 && !door->is_main) {
		error = refuse(engine, &changes, fault);
	} else {
		if (!error && changes.problems > 0)
			error = repair(engine, &changes, fault);
		if (!error)
			error = hand_over(engine, &changes, fault);
	}
	changes_clear(&changes);
	return error;
}

int propose_start(struct engine *engine, const char *ref, const git_oid *seen,
                  struct waiters *waiters, struct fault *fault)
{
	struct door *door = &engine->door;
	/* What the log has so far must be there to be compared. */
	int error = writer_flush(engine->writer, fault);

	if (error)
		return error;
	/* Nothing is refused for packs that git has joined since we last looked. */
	repository_refresh(engine->repository);
	propose_clear(door);
	door->active = true;
	door->is_main = !strcmp(ref, MAIN_REF);
	door->seen = *seen;
	door->ref = strdup(ref);
	if (!door->ref) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	waiters_move(&door->waiters, waiters);
	error = find_and_judge(engine, fault);
out:
	if (error) {
		waiters_move(waiters, &door->waiters);
		propose_clear(door);
	}
	return error;
}

// SPDX-License-Identifier: MIT
/*
 * What was made becomes durable, and seen: objects, applied, task branches, main, alerts; in this
 * order, so that a crash between any two leaves a whole repository (DESIGN 4, invariants 2 and 5).
 * Only then is anybody told. Makes no commits.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "history/state.h"
#include "store/store.h"

#define REMOVAL_PATIENCE_MS 10000

static bool is_done(const struct engine *engine, const git_oid *reflected)
{
	return git_oid_equal(&engine->main, &engine->head.commit) &&
	       git_oid_equal(&engine->applied, reflected) && engine->branches.waiting_count == 0 &&
	       !engine->waiters.first && !engine->removal && !engine->alerts.made;
}

/* Branches of merge requests that main holds now. One that has moved on is looked at anew; one
 * whose lock somebody has is tried again next time, for a while: git's own holds last moments. */
static void remove_merged(struct engine *engine)
{
	struct removal **link = &engine->removal, *removal;

	while ((removal = *link)) {
		struct fault fault;
		int error = refs_remove(engine->repository, removal->ref, &removal->at, &fault);
		uint64_t now = uv_now(&engine->loop);

		if (error == -EBUSY && !removal->busy_since)
			removal->busy_since = now;
		if (error == -EBUSY && !engine->closing &&
		    now - removal->busy_since < REMOVAL_PATIENCE_MS) {
			link = &removal->next;
			continue;
		}
		if (error == -ESTALE)
			engine->look = true;
		else if (error)
			log_warning("%s is merged, and cannot be removed: %s; if no git process is "
			            "running, remove the lock file; the next start tries again",
			            removal->ref, fault.text);
		*link = removal->next;
		free(removal->ref);
		free(removal);
	}
}

/* Changes that wait in unfinished tasks are not durable yet. */
static uint64_t still_open(const struct engine *engine)
{
	uint64_t count = 0;

	for (const struct task *task = engine->task; task; task = task->next)
		count += task->pending.count + task->done;
	return count;
}

static void tell(struct engine *engine)
{
	uint64_t open = still_open(engine);

	waiters_tell(&engine->waiters, engine->out, 0, &engine->head.commit);
	engine_progress(engine, engine->unpublished > open ? engine->unpublished - open : 0);
	engine->unpublished = open;
	upkeep_note(&engine->upkeep, &engine->loop, engine->commits_pending);
	engine->commits_pending = 0;
}

int publish(struct engine *engine, struct fault *fault)
{
	const git_oid *reflected = engine->frozen ? &engine->reflected : &engine->head.commit;
	const git_oid *applied = NULL;
	int error;

	/* Others have moved main, and what they did is with the owner. */
	if (engine->door.active && engine->door.is_main)
		return 0;
	alerts_commit(engine);
	if (is_done(engine, reflected)) {
		tell(engine);
		return 0;
	}
	error = writer_flush(engine->writer, fault);
	/* What is applied is never behind main or a task: what they had beyond it would, after a
	 * kill, be taken for other people's, and stand against what the table had become
	 * meanwhile (load.c). */
	if (!error && !git_oid_equal(&engine->applied, reflected))
		applied = reflected;
	if (!error)
		error = branches_write(&engine->branches, applied, fault);
	if (!error && applied)
		engine->applied = *applied;
	if (!error && !git_oid_equal(&engine->main, &engine->head.commit)) {
		error = refs_move(engine->repository, MAIN_REF, &engine->main, &engine->head.commit,
		                  "arpkeeper", fault);
		if (!error)
			engine->main = engine->head.commit;
	}
	if (error)
		return error;
	alerts_publish(engine);
	writer_settle(engine->writer);
	if (!engine->task)
		writer_rest(engine->writer);
	remove_merged(engine);
	tell(engine);
	return 0;
}

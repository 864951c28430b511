// SPDX-License-Identifier: MIT
/*
 * Start-up: what was applied to the map, and what main says now. While no agent ran, main may have
 * been moved on, moved back, replaced or deleted, and nothing invalid was taken back yet.
 * Changes no table.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "history/changes.h"
#include "history/loading.h"
#include "history/seed.h"
#include "history/state.h"
#include "history/survey.h"
#include "store/store.h"

#define RETRY_MS 20 /* git holds its locks for a moment only */
#define TRIES    50

/* Where the table begins. */
struct load {
	struct version applied, main;
	bool has_applied;
};

/* What main and applied name; main is restored from applied if it is gone. */
static int read_refs(struct engine *engine, struct version *applied, struct version *main,
                     bool *has_applied, struct fault *fault)
{
	git_oid id;
	int error = refs_read(&id, engine->repository, APPLIED_REF, fault);

	*has_applied = error == 0;
	if (!error)
		error = merging_version(engine, applied, &id, fault);
	else if (error == -ENOENT)
		error = 0;
	if (error)
		return error;
	error = refs_read(&id, engine->repository, MAIN_REF, fault);
	if (error == -ENOENT && *has_applied) {
		id = applied->commit;
		error = refs_move(engine->repository, MAIN_REF, NULL, &id, "arpkeeper: restored",
		                  fault);
		if (!error)
			engine_notice(engine, "main was deleted: it is restored");
	}
	return error ? error : merging_version(engine, main, &id, fault);
}

/* Whatever was pushed past the hook. Entries outside the configuration stay where they are. */
static int repair(struct engine *engine, const git_oid *base, struct version *main,
                  struct fault *fault)
{
	struct changes changes = {0};
	struct version made;
	int error;

	changes.keep_outside = true;
	error = merging_changes(engine, &changes, base, &main->tree, fault);
	if (!error && changes.problems > 0) {
		error = merging_repair(engine, &made, main, &changes, fault);
		if (!error)
			error = refs_move(engine->repository, MAIN_REF, &main->commit, &made.commit,
			                  "arpkeeper: repair", fault);
		if (!error) {
			*main = made;
			engine_notice(engine, "main: taken back: %s%s", changes.problem[0].text,
			              changes.problems > 1 ? "; and more, see `git log main`" : "");
		}
	}
	changes_clear(&changes);
	return error;
}

/* Both hold what the other lacks: one commit that has both. */
static int join(struct engine *engine, const struct version *applied, struct version *main,
                const struct version *base, bool has_base, const char *notice, struct fault *fault)
{
	struct merge_request request = {.source = "main",
	                                .ours = applied,
	                                .base = has_base ? &base->tree : NULL,
	                                .first = &main->commit,
	                                .second = &applied->commit};
	struct history_proposal *proposal = NULL;
	struct history_outcome outcome;
	struct changes changes = {.keep_outside = true};
	struct version made;
	char id[TASK_ID_MAX];
	int error = merging_changes(engine, &changes, request.base, &main->tree, fault);

	if (!error)
		error = merging_proposal(&proposal, &changes, "main", fault);
	if (!error)
		error = merging_decide(engine, proposal, &applied->tree, fault);
	if (error)
		goto out;
	branches_next_id(&engine->branches, id, "operator", time(NULL));
	request.id = id;
	request.proposal = proposal;
	request.others = &changes.others;
	error = merging_commit(engine, &made, &outcome, &request, fault);
	if (!error)
		error = writer_flush(engine->writer, fault);
	if (!error)
		error = refs_move(engine->repository, MAIN_REF, &main->commit, &made.commit,
		                  "arpkeeper: nothing recorded is lost", fault);
	if (!error) {
		*main = made;
		engine_notice(engine, "%s", notice);
	}
out:
	proposal_free(proposal);
	changes_clear(&changes);
	return error;
}

/* main, such that it holds what was applied and nothing invalid. */
static int heal(struct engine *engine, const struct version *applied, bool has_applied,
                struct version *main, struct fault *fault)
{
	struct version base;
	bool has_base = false;
	int error;

	if (!has_applied)
		return repair(engine, NULL, main, fault);
	if (git_oid_equal(&applied->commit, &main->commit))
		return 0;
	error = merging_base(engine, &base, &has_base, &applied->commit, &main->commit, fault);
	if (error)
		return error;
	if (has_base && git_oid_equal(&base.commit, &main->commit)) {
		error = refs_move(engine->repository, MAIN_REF, &main->commit, &applied->commit,
		                  "arpkeeper: nothing recorded is lost", fault);
		if (!error) {
			*main = *applied;
			engine_notice(engine, "main was behind what the table had become, after "
			                      "a crash or because somebody moved it back: it "
			                      "is moved on");
		}
		return error;
	}
	error = repair(engine, has_base ? &base.tree : NULL, main, fault);
	if (error || (has_base && git_oid_equal(&base.commit, &applied->commit)))
		return error;
	return join(engine, applied, main, &base, has_base,
	            "main was replaced while no agent ran: what was recorded is merged into it",
	            fault);
}

/* Task branches are written before main names what is on them: an agent killed in between leaves
 * commits that only a branch holds, and branches are deleted one day. */
static int adopt_tasks(struct engine *engine, struct version *main, struct fault *fault)
{
	const struct branches *branches = &engine->branches;

	for (size_t i = 0; i < branches->written_count; i++) {
		struct version tip, base;
		bool has_base;
		int error = merging_version(engine, &tip, &branches->written[i].tip, fault);

		if (!error)
			error = merging_base(engine, &base, &has_base, &tip.commit, &main->commit,
			                     fault);
		if (error)
			return error;
		if (has_base && git_oid_equal(&base.commit, &tip.commit))
			continue; /* main has it */
		if (has_base && git_oid_equal(&base.commit, &main->commit)) {
			error = refs_move(engine->repository, MAIN_REF, &main->commit, &tip.commit,
			                  "arpkeeper: a task that a killed agent had written",
			                  fault);
			if (!error)
				*main = tip;
		} else {
			error = join(engine, &tip, main, &base, has_base,
			             "a task that a killed agent had written is merged into main",
			             fault);
		}
		if (error)
			return error;
	}
	return 0;
}

static int load(struct engine *engine, struct load *load, struct fault *fault)
{
	int error = read_refs(engine, &load->applied, &load->main, &load->has_applied, fault);

	if (!error)
		error = heal(engine, &load->applied, load->has_applied, &load->main, fault);
	if (!error)
		error = adopt_tasks(engine, &load->main, fault);
	if (!error && engine->seed)
		error = seed_merge(engine->seed, engine, &load->main, fault);
	return error;
}

int load_run(struct engine *engine, struct loading *loading, struct fault *fault)
{
	struct fault reason = {""};
	struct load begun = {.has_applied = false};
	int error, tries = 0;

	do {
		begun = (struct load){.has_applied = false};
		error = load(engine, &begun, &reason);
		if (error != -ESTALE && error != -EBUSY)
			break;
		uv_sleep(RETRY_MS); /* a push at this very moment */
	} while (++tries < TRIES);
	if (!error)
		error = survey_run(engine, loading, begun.has_applied ? &begun.applied.tree : NULL,
		                   &begun.main.tree, &reason);
	if (error)
		return fault_set(
		        fault, error,
		        "repository %s cannot be read: %s; see `git fsck`, and restore what is "
		        "missing from a clone",
		        git_repository_path(engine->repository), reason.text);
	engine->head = begun.main;
	engine->main = begun.main.commit;
	engine->applied = begun.applied.commit;
	return 0;
}

int load_answer(struct engine *engine, struct loading *loading, struct fault *fault)
{
	struct context context = {.trigger = (char *)"start"};
	int error = 0;

	if (loading->kept.count > 0)
		error = record_task(engine, "recover", &context, &loading->kept, fault);
	if (error && error != -EALREADY)
		return error;
	engine->unpublished += loading->kept.count;
	transitions_clear(&loading->kept);
	/* Reading a million entries leaves much behind that nobody needs again. */
	malloc_trim(0);
	engine->loaded = true;
	engine->look = true;
	return 0;
}

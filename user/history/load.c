// SPDX-License-Identifier: MIT
/*
 * Brings together what was applied to the map and what main says now. While no agent ran, others
 * may have moved main on, moved it back, replaced or deleted it, or pushed something invalid.
 * Changes no table.
 */
#include "history/load.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "history/adopt.h"
#include "history/changes.h"
#include "history/seed.h"
#include "history/tasklog.h"

#define RETRY_MS 20 /* git holds its locks for a moment only */
#define TRIES    50

/* Where the table begins. */
struct load {
	struct version applied, main;
	bool has_applied;
	bool moved; /* others moved main on since */
};

/* What main and applied name. If main is gone, it is restored from applied. */
static int read_refs(struct state *state, struct load *load, struct fault *fault)
{
	struct archive *archive = &state->archive;
	git_oid id;
	int error = refs_read(&id, archive->repository, APPLIED_REF, fault);

	load->has_applied = error == 0;
	if (!error)
		error = archive_version(archive, &load->applied, &id, fault);
	else if (error == -ENOENT)
		error = 0;
	if (error)
		return error;
	error = refs_read(&id, archive->repository, MAIN_REF, fault);
	if (error == -ENOENT && load->has_applied) {
		id = load->applied.commit;
		error = refs_move(archive->repository, MAIN_REF, NULL, &id, "arpkeeper: restored",
		                  fault);
		if (!error)
			message_notice(state->out, "main was deleted: it is restored");
	}
	return error ? error : archive_version(archive, &load->main, &id, fault);
}

/* Takes back what was pushed past the hook. Entries outside the configuration stay. */
static int repair(struct state *state, const git_oid *base, struct version *main,
                  struct fault *fault)
{
	struct changes changes = {.keep_outside = true};
	int error = changes_find(&state->archive, &changes, base, &main->tree, fault);

	if (!error && changes.problems > 0) {
		error = adopt_repair(&state->archive, main, &changes, fault);
		if (!error)
			message_notice(
			        state->out, "main: taken back: %s%s", changes.problem[0].text,
			        changes.problems > 1 ? "; and more, see `git log main`" : "");
	}
	changes_clear(&changes);
	return error;
}

/* main lacks commits of ours, which may be all it has in common with them. */
static int merge_ours(struct state *state, struct version *main, const struct version *ours,
                      const struct version *base, const char *notice, struct fault *fault)
{
	const struct adoption adoption = {.kind = "operator",
	                                  .source = "main",
	                                  .reason = "arpkeeper: nothing recorded is lost",
	                                  .other = ours,
	                                  .ours = ours,
	                                  .theirs = main,
	                                  .base = base};
	struct mergecommit commit;
	int error = adopt_merge(&state->archive, main, &commit, &adoption, fault);

	if (!error)
		message_notice(state->out, "%s", notice);
	return error;
}

/* main, such that it holds what was applied and nothing invalid. */
static int heal(struct state *state, struct load *load, struct fault *fault)
{
	const struct version *applied = &load->applied;
	struct version *main = &load->main, base;
	bool has_base = false;
	int error;

	if (!load->has_applied)
		return repair(state, NULL, main, fault);
	if (git_oid_equal(&applied->commit, &main->commit))
		return 0;
	error = archive_base(&state->archive, &base, &has_base, &applied->commit, &main->commit,
	                     fault);
	if (error)
		return error;
	if (has_base && git_oid_equal(&base.commit, &main->commit)) {
		error = adopt_commit(&state->archive, main, applied,
		                     "arpkeeper: nothing recorded is lost", fault);
		if (error)
			return error;
		message_notice(state->out,
		               "main was behind the table, after a crash or because it was moved "
		               "back: it is moved on");
		return 0;
	}
	error = repair(state, has_base ? &base.tree : NULL, main, fault);
	if (error || (has_base && git_oid_equal(&base.commit, &applied->commit)))
		return error;
	return merge_ours(
	        state, main, applied, has_base ? &base : NULL,
	        "main was replaced while no agent ran: what was recorded is merged into it", fault);
}

/* An agent writes task branches before main names what is on them. If it was killed in between,
 * only a branch holds these commits, and branches are deleted one day. */
static int adopt_tasks(struct state *state, struct version *main, struct fault *fault)
{
	struct archive *archive = &state->archive;

	for (size_t i = 0; i < archive->branches.written.count; i++) {
		struct version tip, base;
		bool has_base;
		int error = archive_version(archive, &tip, &archive->branches.written.item[i].tip,
		                            fault);

		if (!error)
			error = archive_base(archive, &base, &has_base, &tip.commit, &main->commit,
			                     fault);
		if (error)
			return error;
		if (has_base && git_oid_equal(&base.commit, &tip.commit))
			continue; /* main has it */
		if (has_base && git_oid_equal(&base.commit, &main->commit)) {
			error = adopt_commit(archive, main, &tip,
			                     "arpkeeper: a task that a killed agent had written",
			                     fault);
		} else {
			error = merge_ours(
			        state, main, &tip, has_base ? &base : NULL,
			        "a task that a killed agent had written is merged into main",
			        fault);
		}
		if (error)
			return error;
	}
	return 0;
}

/* Says what the repository named before anything was healed; of several attempts, the first. */
static int note_start(const struct state *state, const struct load *load,
                      struct history_start *start)
{
	const struct branch_list *written = &state->archive.branches.written;

	if (start->branch)
		return 0;
	start->branch = calloc(written->count + 1, sizeof(*start->branch));
	if (!start->branch)
		return -ENOMEM;
	for (size_t i = 0; i < written->count; i++)
		git_oid_tostr(start->branch[i], COMMIT_TEXT, &written->item[i].tip);
	start->branches = written->count;
	if (load->has_applied)
		git_oid_tostr(start->applied, COMMIT_TEXT, &load->applied.commit);
	return 0;
}

static int load(struct state *state, struct load *load, struct history_start *start,
                struct seed *seed, struct fault *fault)
{
	int error = read_refs(state, load, fault);

	if (!error && note_start(state, load, start) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = heal(state, load, fault);
	load->moved = !error && load->has_applied &&
	              !git_oid_equal(&load->main.commit, &load->applied.commit);
	if (!error)
		error = adopt_tasks(state, &load->main, fault);
	if (!error && seed)
		error = seed_merge(seed, state, &load->main, fault);
	return error;
}

static int load_and_survey(struct state *state, struct loading *loading, struct seed *seed,
                           struct fault *fault)
{
	const git_oid *base;
	struct load begun;
	int error, tries = 0;

	do {
		begun = (struct load){.has_applied = false};
		error = load(state, &begun, &loading->start, seed, fault);
		if (error != -ESTALE && error != -EBUSY)
			break;
		uv_sleep(RETRY_MS); /* a push is under way */
	} while (++tries < TRIES);
	if (error)
		return error;
	git_oid_tostr(loading->start.tip, COMMIT_TEXT, &begun.main.commit);
	/* Nothing but our own tasks is new in main, and a table that outlived us has them. */
	base = state->resumed && !begun.moved ? &begun.main.tree : &begun.applied.tree;
	error = loading_read(loading, &state->archive, begun.has_applied ? base : NULL,
	                     &begun.main.tree, fault);
	if (error)
		return error;
	state->head = begun.main;
	state->main = begun.main.commit;
	state->applied = begun.applied.commit;
	status_published(state->status, &state->main, &state->applied, state->upkeep.since, 0, 0);
	return 0;
}

void load_run(struct state *state, struct loading *loading, struct seed *seed)
{
	struct fault fault = {""}, reason = {""};
	int error = load_and_survey(state, loading, seed, &reason);

	if (error)
		fault_set(&fault, error,
		          "repository %s cannot be read: %s; see `git fsck`, and restore what is "
		          "missing from a clone",
		          git_repository_path(state->archive.repository), reason.text);
	loading_end(loading, error, &fault);
}

int load_finish(struct state *state, struct loading *loading, struct fault *fault)
{
	struct context context = {.trigger = (char *)"start"};
	int error = 0;

	if (loading->kept.count > 0)
		error = tasklog_record(state, "recover", &context, &loading->kept, fault);
	if (error && error != -EALREADY)
		return error;
	state->unpublished += loading->kept.count;
	transitions_clear(&loading->kept);
	/* Reading a million entries leaves much memory that is not needed again. */
	malloc_trim(0);
	state->loaded = true;
	state->look = true;
	return 0;
}

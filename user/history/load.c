// SPDX-License-Identifier: MIT
/*
 * Brings together what was applied to the map and what main says now. While no agent ran, others
 * may have moved main on, moved it back, replaced or deleted it, or pushed something invalid.
 * Changes no table.
 */
#include "history/load.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/adopt.h"
#include "history/claimload.h"
#include "history/seed.h"
#include "history/tasklog.h"

#define RETRY_MS 20 /* git holds its locks for a moment only */
#define TRIES    50

/* Where the table begins. */
struct load {
	struct version applied, main;
	bool has_applied, has_main;     /* there is a reference */
	bool knows_applied, knows_main; /* and its commit was read */
	bool moved;                     /* others moved main on since */
	bool pulls;                     /* all of ours was read */
};

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

/* What a reference names, if it is there. */
static int read_ref(struct state *state, struct version *version, bool *has, const char *name,
                    struct fault *fault)
{
	int error = refs_read(&version->commit, state->archive.repository, name, fault);

	*has = !error;
	return error == -ENOENT ? 0 : error;
}

static int read_version(struct state *state, struct version *version, bool *known,
                        struct fault *fault)
{
	const git_oid commit = version->commit;
	int error = archive_version(&state->archive, version, &commit, fault);

	*known = !error;
	return error;
}

/* What main and applied name. If main is gone, it is restored from applied. */
static int read_refs(struct state *state, struct load *load, struct history_start *start,
                     struct fault *fault)
{
	struct version *applied = &load->applied, *main = &load->main;
	int error = read_ref(state, applied, &load->has_applied, APPLIED_REF, fault), other = 0;
	struct fault why;

	if (!error && note_start(state, load, start) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = read_ref(state, main, &load->has_main, MAIN_REF, fault);
	if (!error && load->has_main)
		other = read_version(state, main, &load->knows_main, &why);
	if (!error && load->has_applied)
		error = read_version(state, applied, &load->knows_applied, fault);
	if (other)
		return fault_set(fault, other, "%s", why.text);
	if (error || load->has_main)
		return error;
	if (!load->has_applied)
		return fault_set(fault, -ENOENT, "there is no branch main");
	*main = *applied;
	error = refs_move(state->archive.repository, MAIN_REF, NULL, &main->commit, fault);
	load->has_main = load->knows_main = !error;
	if (!error)
		message_notice(state->out, "main was deleted: it is restored");
	return error;
}

/* Takes back what was pushed past the hook. Entries outside the configuration stay. */
static int repair(struct state *state, const git_oid *base, struct version *main,
                  struct fault *fault)
{
	const struct authored difference = authored_of_trees(base, &main->tree);
	struct changes changes = {.keep_outside = true};
	const struct merge_scope scope = archive_scope(&state->archive);
	int error = changes_find(&scope, &changes, &difference, fault);

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

/* Others moved main. It becomes what was applied, with the edits that they made. */
static int take_edits(struct state *state, struct version *main, const struct version *applied,
                      const struct version *base, struct fault *fault)
{
	const struct authored_query query = {.known = &applied->commit,
	                                     .tip = &main->commit,
	                                     .base = base ? &base->commit : NULL};
	const git_oid moved = main->commit;
	bool follows = base && git_oid_equal(&base->commit, &applied->commit);
	struct authored edits;
	struct adoption adoption = {.kind = "operator",
	                            .source = "main",
	                            .other = follows ? NULL : applied,
	                            .ours = applied,
	                            .theirs = main,
	                            .base = base,
	                            .edits = &edits};
	struct mergecommit commit;
	int error = authored_find(&edits, state->archive.repository, &query, fault);

	/* What follows what was applied, and merges nothing, is as it should be. */
	if (error || (follows && edits.plain))
		goto out;
	error = adopt_merge(&state->archive, main, &commit, &adoption, fault);
	if (!error && !follows)
		message_notice(state->out, "main was replaced while no agent ran: what was "
		                           "recorded is merged into it");
	else if (!error && !git_oid_equal(&main->commit, &moved))
		message_notice(state->out, "main was moved while no agent ran: what its new "
		                           "commits did not change themselves is as it was");
out:
	authored_clear(&edits);
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
		error = adopt_commit(&state->archive, main, applied, fault);
		if (error)
			return error;
		message_notice(state->out,
		               "main was behind the table, after a crash or because it was moved "
		               "back: it is moved on");
		return 0;
	}
	error = repair(state, has_base ? &base.tree : NULL, main, fault);
	return error ? error : take_edits(state, main, applied, has_base ? &base : NULL, fault);
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
			error = adopt_commit(archive, main, &tip, fault);
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

static int load(struct state *state, struct load *load, struct history_start *start,
                struct seed *seed, struct fault *fault)
{
	int error = read_refs(state, load, start, fault);

	if (!error)
		error = heal(state, load, fault);
	load->moved = !error && load->has_applied &&
	              !git_oid_equal(&load->main.commit, &load->applied.commit);
	if (!error)
		error = adopt_tasks(state, &load->main, fault);
	load->pulls = !error;
	if (!error && seed)
		error = seed_merge(seed, state, &load->main, fault);
	return error;
}

/* The trees of main and of what was applied; NULL: none, or its commit cannot be read. */
static int survey(struct state *state, struct loading *loading, const struct load *load,
                  struct fault *fault)
{
	/* Nothing but our own tasks is new in main, and a table that outlived us has them. */
	const git_oid *applied = state->resumed && !load->moved && load->knows_main
	                                 ? &load->main.tree
	                                 : &load->applied.tree;
	const git_oid *main = load->knows_main      ? &load->main.tree
	                      : load->knows_applied ? &load->applied.tree
	                                            : NULL;

	int error = claims_read(state, fault);

	if (state->claims)
		state->claims->compares = load->knows_applied;
	if (error)
		return error;
	return loading_read(loading, state, load->knows_applied ? applied : NULL, main, fault);
}

/* Nothing is written from now on; others may mend it. */
static void go_on_damaged(struct state *state, struct loading *loading, const char *why)
{
	struct damage *damage = &state->damage;

	damage_begin(damage, state->archive.repository, loading->lost, why);
	memcpy(loading->start.lost, damage->text, sizeof(damage->text));
	repository_release(*state->lock);
	*state->lock = -1;
}

static int load_and_survey(struct state *state, struct loading *loading, struct seed *seed,
                           struct fault *fault)
{
	struct fault why = {""};
	struct load begun;
	int error, tries = 0;

	do {
		begun = (struct load){.has_applied = false};
		error = load(state, &begun, &loading->start, seed, fault);
		if (error != -ESTALE && error != -EBUSY)
			break;
		uv_sleep(RETRY_MS); /* a push is under way */
	} while (++tries < TRIES);
	if (error && !begun.pulls && trouble_is_lasting(error)) {
		why = *fault;
		error = 0;
	}
	if (!error && begun.knows_main)
		git_oid_tostr(loading->start.tip, COMMIT_TEXT, &begun.main.commit);
	if (!error)
		error = survey(state, loading, &begun, fault);
	if (error)
		return error;
	state->head = begun.main;
	state->main = begun.main.commit;
	state->applied = begun.applied.commit;
	if (loading->all_inside && begun.knows_main)
		status_all_inside(state->status);
	status_published(state->status, &state->main, &state->applied, state->upkeep.since, 0, 0);
	if (why.text[0] || loading->lost[0])
		go_on_damaged(state, loading, why.text);
	return 0;
}

void load_run(struct state *state, struct loading *loading, struct seed *seed)
{
	struct fault fault = {""}, reason = {""};
	int error = load_and_survey(state, loading, seed, &reason);

	/* What is pulled was refused; ours is well. */
	if (error == -EPERM)
		fault_set(&fault, error, "%s", reason.text);
	else if (error)
		fault_set(&fault, error,
		          "repository %s cannot be read: %s; see `git fsck`, and restore what is "
		          "missing from a clone",
		          git_repository_path(state->archive.repository), reason.text);
	loading_end(loading, error, &fault);
}

int load_finish(struct state *state, struct loading *loading, struct fault *fault)
{
	struct context context = {.trigger = (char *)"start"};
	int error = claims_begin(state, &loading->kept, &loading->own, fault);

	if (error)
		return error;
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

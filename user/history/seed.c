// SPDX-License-Identifier: MIT
/*
 * Another node's main, judged, then taken in. Judged is everything: one invalid entry, also in a
 * segment that is not configured here, and the repository is refused with path and reason. What is
 * valid but outside our segments and prefixes is kept in history and not in the table.
 */
#include "history/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "format/format.h"
#include "history/changes.h"
#include "history/opening.h"
#include "history/state.h"
#include "store/store.h"

struct seed {
	char *source; /* for people */
	struct quarantine quarantine;
	git_oid tip, tree;
	size_t entries, outside;
	char outside_path[PATH_TEXT];
	struct pack_keep keep; /* until a reference names what came */
	bool taken;            /* main holds it */
};

struct judge {
	struct seed *seed;
	const struct seed_options *options;
	git_repository *repository;
	struct progress progress;
	size_t files;
	struct fault *fault;
};

/* Valid all the same? An entry's path is known to be one. */
static int judge_outside(struct judge *judge, const struct tree_difference *difference)
{
	struct entry *entry = NULL;
	struct fault why;
	char path[PATH_TEXT];
	int error;

	if (difference->after_mode != GIT_FILEMODE_BLOB)
		return fault_set(judge->fault, -EINVAL, "%s: has mode %06o: an entry is 100644",
		                 validate_path_text(path, difference->path),
		                 (unsigned)difference->after_mode);
	error = validate_blob(&entry, judge->repository, difference->after, &why);
	entry_free(entry);
	if (error)
		return fault_set(judge->fault, error, "%s: %s",
		                 validate_path_text(path, difference->path), why.text);
	if (judge->seed->outside++ == 0)
		validate_path_text(judge->seed->outside_path, difference->path);
	return 0;
}

static int judge_file(void *context, const struct tree_difference *difference)
{
	struct judge *judge = context;
	struct validated validated = {0};
	int error = validate_difference(&validated, judge->repository, judge->options->segment,
	                                judge->options->segments, difference, judge->fault);

	progress_step(&judge->progress, ++judge->files);
	if (error == -ERANGE)
		return judge_outside(judge, difference);
	if (!error && validated.what == VALIDATED_ENTRY)
		judge->seed->entries++;
	entry_free(validated.entry);
	return error;
}

/* Without a single entry it may be a table that is empty, or anything else in the world. */
static bool has_our_readme(git_repository *repository, const git_oid *tree_id)
{
	git_tree *tree = NULL;
	git_blob *blob = NULL;
	const git_tree_entry *file;
	bool ours = false;

	if (git_tree_lookup(&tree, repository, tree_id) == 0 &&
	    (file = git_tree_entry_byname(tree, "README.md")) &&
	    git_blob_lookup(&blob, repository, git_tree_entry_id(file)) == 0)
		ours = !strncmp(git_blob_rawcontent(blob), OPENING_README, strlen(OPENING_README));
	git_blob_free(blob);
	git_tree_free(tree);
	return ours;
}

static int judge_all(struct seed *seed, const struct seed_options *options, struct fault *fault)
{
	struct judge judge = {.seed = seed, .options = options, .fault = fault};
	git_commit *commit = NULL;
	struct fault why = {""};
	char text[PROGRESS_TEXT];
	int error;

	error = git_repository_open_ext(&judge.repository, seed->quarantine.path,
	                                GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (!error)
		error = git_reference_name_to_id(&seed->tip, judge.repository, MAIN_REF);
	if (!error)
		error = git_commit_lookup(&commit, judge.repository, &seed->tip);
	if (error) {
		error = trouble_set(fault, error, "%.200s: what was fetched", seed->source);
		goto out;
	}
	seed->tree = *git_commit_tree_id(commit);
	judge.fault = &why;
	snprintf(text, sizeof(text), "checking %.80s", seed->source);
	progress_begin(&judge.progress, text, 0);
	/* Git has hashed all that came, a moment ago. */
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	error = tree_diff(judge.repository, NULL, &seed->tree, judge_file, &judge);
	git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
	progress_end(&judge.progress);
	if (error && !why.text[0])
		error = trouble_set(fault, error, "%.200s: what was fetched", seed->source);
	else if (error)
		fault_set(fault, error, "%.200s is refused, nothing was changed: %.300s",
		          seed->source, why.text);
	else if (seed->entries + seed->outside == 0 &&
	         !has_our_readme(judge.repository, &seed->tree))
		error = fault_set(fault, -EINVAL,
		                  "%.200s is refused, nothing was changed: it holds no entry, and "
		                  "is not one of arpkeeper's",
		                  seed->source);
out:
	git_commit_free(commit);
	git_repository_free(judge.repository);
	return error;
}

int seed_fetch(struct seed **out, const struct seed_options *options, struct fault *fault)
{
	struct seed *seed = calloc(1, sizeof(*seed));
	struct fetch fetch = {.url = options->url, .netns = options->netns};
	int error;

	if (!seed)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = repository_set_up(fault);
	if (error) {
		free(seed);
		return error;
	}
	seed->quarantine.lock = -1;
	seed->source = fetch_said(options->url);
	error = seed->source ? quarantine_make(&seed->quarantine, options->path, fault)
	                     : fault_set(fault, -ENOMEM, "out of memory");
	fetch.into = seed->quarantine.path;
	fetch.said = seed->source;
	if (!error)
		error = fetch_main(&fetch, fault);
	if (!error)
		error = judge_all(seed, options, fault);
	if (error)
		seed_free(seed);
	else
		*out = seed;
	return error;
}

void seed_free(struct seed *seed)
{
	if (!seed)
		return;
	pack_settle(&seed->keep);
	quarantine_remove(&seed->quarantine);
	free(seed->source);
	free(seed);
	git_libgit2_shutdown();
}

/* main holds it, so nothing has to protect it any more. */
static void taken(struct seed *seed)
{
	seed->taken = true;
	pack_settle(&seed->keep);
	if (seed->outside > 0)
		log_warning("%s: %zu entries, such as %s, are outside the configured segments and "
		            "prefixes: they are kept in history, and not in the table",
		            seed->source, seed->outside, seed->outside_path);
}

/* Whether main is only the commit that it begins with. */
static int is_empty(bool *empty, git_repository *repository, git_oid *at, struct fault *fault)
{
	git_commit *commit = NULL;
	int error = refs_read(at, repository, MAIN_REF, fault);

	*empty = false;
	if (error)
		return error;
	if (git_commit_lookup(&commit, repository, at) == 0)
		*empty = git_commit_parentcount(commit) == 0 &&
		         !strcmp(git_commit_message(commit), OPENING_FIRST);
	git_commit_free(commit);
	return 0;
}

int seed_adopt(struct seed *seed, git_repository *repository, struct fault *fault)
{
	char text[GIT_OID_HEXSZ + 1];
	bool empty = false, has_applied;
	git_oid at, applied;
	int error = is_empty(&empty, repository, &at, fault);
	bool absent = error == -ENOENT;

	if (error && !absent)
		return error;
	error = quarantine_release(&seed->quarantine, repository, &seed->keep, fault);
	if (error || (!absent && !empty))
		return error;
	error = refs_read(&applied, repository, APPLIED_REF, NULL);
	has_applied = error == 0;
	/* Something was recorded once, and main was deleted: start-up restores and merges it. */
	if (absent && has_applied)
		return 0;
	if (error && error != -ENOENT)
		return fault_set(fault, error, "%s cannot be read", APPLIED_REF);
	error = 0;
	/* Theirs does not come after ours: what the map holds beyond it counts as new. */
	if (has_applied)
		error = refs_remove(repository, APPLIED_REF, &applied, fault);
	if (!error)
		error = refs_move(repository, MAIN_REF, absent ? NULL : &at, &seed->tip,
		                  "arpkeeper: pulled", fault);
	if (error)
		return error;
	taken(seed);
	log_info("history begins as that of %s: %zu entries, commit %.12s", seed->source,
	         seed->entries, git_oid_tostr(text, sizeof(text), &seed->tip));
	return 0;
}

/* Into main, which is not empty: what it changed since they parted, decided by the rule. */
static int merge(struct seed *seed, struct engine *engine, struct version *main,
                 const struct version *theirs, const struct version *base, bool has_base,
                 struct fault *fault)
{
	bool behind = has_base && git_oid_equal(&base->commit, &main->commit);
	struct merge_request request = {.source = seed->source,
	                                .ours = main,
	                                .base = has_base ? &base->tree : NULL,
	                                .first = &main->commit,
	                                .second = &theirs->commit,
	                                .forward = behind ? theirs : NULL};
	struct changes changes = {.keep_outside = true, .carry_outside = true};
	struct history_proposal *proposal = NULL;
	struct history_outcome outcome;
	struct version made;
	char id[TASK_ID_MAX];
	int error = merging_changes(engine, &changes, request.base, &theirs->tree, fault);

	if (!error && changes.problems > 0)
		error = fault_set(fault, -EINVAL, "%s", changes.problem[0].text);
	if (!error)
		error = merging_proposal(&proposal, &changes, seed->source, fault);
	if (!error)
		error = merging_decide(engine, proposal, &main->tree, fault);
	if (error)
		goto out;
	branches_next_id(&engine->branches, id, "sync", time(NULL));
	request.id = id;
	request.proposal = proposal;
	request.others = &changes.others;
	error = merging_commit(engine, &made, &outcome, &request, fault);
	if (!error)
		error = writer_flush(engine->writer, fault);
	if (!error)
		error = refs_move(engine->repository, MAIN_REF, &main->commit, &made.commit,
		                  "arpkeeper: pulled", fault);
	if (error)
		goto out;
	if (!git_oid_equal(&made.commit, &theirs->commit)) {
		engine->commits_pending++;
		branches_set(&engine->branches, id, &theirs->commit, false);
	}
	*main = made;
	engine_notice(engine, "%.*s", (int)strcspn(outcome.text, "\n"), outcome.text);
out:
	proposal_free(proposal);
	changes_clear(&changes);
	return error;
}

int seed_merge(struct seed *seed, struct engine *engine, struct version *main, struct fault *fault)
{
	struct version theirs, base = {0};
	bool has_base = false;
	int error;

	if (seed->taken)
		return 0;
	error = merging_version(engine, &theirs, &seed->tip, fault);
	if (!error)
		error = merging_base(engine, &base, &has_base, &main->commit, &seed->tip, fault);
	if (error)
		return error;
	if (has_base && git_oid_equal(&base.commit, &seed->tip))
		engine_notice(engine, "%s has nothing that is not in main already", seed->source);
	else
		error = merge(seed, engine, main, &theirs, &base, has_base, fault);
	if (!error)
		taken(seed);
	return error;
}

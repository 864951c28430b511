// SPDX-License-Identifier: MIT
/*
 * Fetches another host's main aside and judges every file. One invalid entry, also in a segment
 * that is not configured here, and the repository is refused with path and reason. Valid entries
 * outside our segments and prefixes are kept in history, and not in the table.
 */

#include "history/seed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "format/format.h"
#include "history/judge.h"
#include "history/opening_texts.h"
#include "history/seed_intake.h"
#include "store/store.h"

struct check {
	struct judge judge;
	struct seed *seed;
	struct progress progress;
	size_t files;
	struct fault *fault;
};

/* An entry outside our configuration must be valid too. Its path is known to be. */
static int judge_outside(struct check *check, const struct tree_difference *difference)
{
	struct entry *entry = NULL;
	struct fault why;
	char path[PATH_TEXT];
	int error;

	if (difference->after_mode != GIT_FILEMODE_BLOB)
		return fault_set(check->fault, -EINVAL, "%s: has mode %06o: an entry is 100644",
		                 validate_path_text(path, difference->path),
		                 (unsigned)difference->after_mode);
	error = judge_entry(&check->judge, &entry, difference->after, &why);
	entry_free(entry);
	if (error)
		return fault_set(check->fault, error, "%s: %s",
		                 validate_path_text(path, difference->path), why.text);
	if (check->seed->outside++ == 0)
		validate_path_text(check->seed->outside_path, difference->path);
	return 0;
}

static int judge_file(void *context, const struct tree_difference *difference)
{
	struct check *check = context;
	struct validated validated = {0};
	int error = judge_difference(&check->judge, &validated, difference, check->fault);

	progress_step(&check->progress, ++check->files);
	if (error == -ERANGE)
		return judge_outside(check, difference);
	if (!error && validated.what == VALIDATED_ENTRY)
		check->seed->entries++;
	entry_free(validated.entry);
	return error;
}

/* Without any entry it may be an empty table, or something else altogether. */
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
	struct check check = {.judge = {.segment = options->segment, .segments = options->segments},
	                      .seed = seed};
	git_commit *commit = NULL;
	struct fault why = {""};
	char text[PROGRESS_TEXT];
	int error;

	error = git_repository_open_ext(&check.judge.repository, seed->quarantine.path,
	                                GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);
	if (!error)
		error = git_reference_name_to_id(&seed->tip, check.judge.repository, MAIN_REF);
	if (!error)
		error = git_commit_lookup(&commit, check.judge.repository, &seed->tip);
	if (error) {
		error = trouble_set(fault, error, "%.200s: what was fetched", seed->source);
		goto out;
	}
	seed->tree = *git_commit_tree_id(commit);
	check.fault = &why;
	snprintf(text, sizeof(text), "checking %.80s", seed->source);
	progress_begin(&check.progress, text, 0);
	error = tree_diff(check.judge.repository, NULL, &seed->tree, judge_file, &check);
	progress_end(&check.progress);
	if (error && !why.text[0])
		error = trouble_set(fault, error, "%.200s: what was fetched", seed->source);
	else if (error)
		fault_set(fault, error, "%.200s is refused, nothing was changed: %.300s",
		          seed->source, why.text);
	else if (seed->entries + seed->outside == 0 &&
	         !has_our_readme(check.judge.repository, &seed->tree))
		error = fault_set(fault, -EINVAL,
		                  "%.200s is refused, nothing was changed: it holds no entry, and "
		                  "is not one of arpkeeper's",
		                  seed->source);
out:
	judge_clear(&check.judge);
	git_commit_free(commit);
	git_repository_free(check.judge.repository);
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

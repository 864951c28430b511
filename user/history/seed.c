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
#include <time.h>
#include <unistd.h>

#include "history/adopt.h"
#include "history/ahead.h"
#include "history/message.h"
#include "history/state.h"

#define LACKING_NAMED 4

struct seed {
	char *source; /* owned; for people */
	struct quarantine quarantine;
	git_oid tip, tree;
	size_t entries, outside;
	char outside_path[PATH_TEXT];
	struct ahead ahead;    /* entries that begin in the future */
	struct pack_keep keep; /* until a reference names the objects */
	bool taken;            /* main holds it */
};

struct check {
	struct judge judge;
	struct seed *seed;
	struct progress progress;
	size_t files;
	int64_t now;
	struct fault *fault;
};

static int note_time(struct check *check, const struct tree_difference *difference,
                     const struct entry *entry)
{
	int error =
	        time_is_ahead(entry->since, check->now)
	                ? ahead_add(&check->seed->ahead, difference->path, difference->after, entry)
	                : 0;

	return error ? fault_set(check->fault, error, "out of memory") : 0;
}

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
	if (error)
		return fault_set(check->fault, error, "%s: %s",
		                 validate_path_text(path, difference->path), why.text);
	if (check->seed->outside++ == 0)
		validate_path_text(check->seed->outside_path, difference->path);
	error = note_time(check, difference, entry);
	entry_free(entry);
	return error;
}

static int judge_file(void *context, const struct tree_difference *difference)
{
	struct check *check = context;
	struct validated validated = {0};
	int error = judge_difference(&check->judge, &validated, difference, check->fault);

	progress_step(&check->progress, ++check->files);
	if (error == -ERANGE)
		return judge_outside(check, difference);
	if (!error && validated.what == VALIDATED_ENTRY) {
		check->seed->entries++;
		error = note_time(check, difference, validated.entry);
	}
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
		ours = !strncmp(git_blob_rawcontent(blob), SEED_README, strlen(SEED_README));
	git_blob_free(blob);
	git_tree_free(tree);
	return ours;
}

static int judge_all(struct seed *seed, const struct seed_options *options, struct fault *fault)
{
	struct check check = {.judge = {.segment = options->segment, .segments = options->segments},
	                      .seed = seed,
	                      .now = time(NULL)};
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

/* Whether main is only the commit that every repository of ours begins with. */
static int is_empty(bool *empty, git_repository *repository, git_oid *at, struct fault *fault)
{
	git_commit *commit = NULL;
	int error = refs_read(at, repository, MAIN_REF, fault);

	*empty = false;
	if (error)
		return error;
	if (git_commit_lookup(&commit, repository, at) == 0)
		*empty = git_commit_parentcount(commit) == 0 &&
		         !strcmp(git_commit_message(commit), SEED_FIRST);
	git_commit_free(commit);
	return 0;
}

/* What main lacks, of theirs: it was never here, or was removed. */
struct lacking {
	size_t count;
	char named[LACKING_NAMED * (ADDRESS_TEXT + 2)]; /* the first ones */
};

static int note_lacking(void *context, const struct tree_difference *difference)
{
	struct lacking *lacking = context;
	char segment[SEGMENT_NAME_MAX + 1], text[ADDRESS_TEXT];
	size_t used = strlen(lacking->named);
	struct address address;

	if (difference->before || entry_path_parse(segment, &address, difference->path, NULL) < 0)
		return 0;
	if (lacking->count++ < LACKING_NAMED)
		snprintf(lacking->named + used, sizeof(lacking->named) - used, "%s%s",
		         used ? ", " : "", address_format(text, address));
	return 0;
}

/* Their history has no commit that is in ours: without a base each removal would be undone. */
static int refuse_unrelated(const struct seed *seed, git_repository *repository,
                            const git_oid *ours, struct fault *fault)
{
	struct lacking lacking = {.count = 0};
	git_commit *commit = NULL;
	int error = git_commit_lookup(&commit, repository, ours);

	if (!error)
		error = tree_diff(repository, git_commit_tree_id(commit), &seed->tree, note_lacking,
		                  &lacking);
	git_commit_free(commit);
	if (error < 0)
		return trouble_set(fault, error, "main");
	return fault_set(
	        fault, -EPERM,
	        "%.200s is refused, nothing was changed: its history has no commit in "
	        "common with main here, or none that is still kept, so what was removed "
	        "here would come back: main lacks %zu of its addresses%s%s%s; begin with "
	        "an empty history.path, or take over what you want with `arpkeeper export` "
	        "and `import`",
	        seed->source, lacking.count, lacking.count ? " (" : "", lacking.named,
	        lacking.count > LACKING_NAMED ? ", ...)"
	        : lacking.count               ? ")"
	                                      : "");
}

/* What main names in our own repository; -ENOENT: nothing yet, or nothing was recorded in it. */
static int find_ours(git_oid *ours, const char *path)
{
	git_repository *repository = NULL;
	bool empty = false;
	int error = git_repository_open_ext(&repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL)
	                    ? -ENOENT
	                    : is_empty(&empty, repository, ours, NULL);

	if (error == -ENOENT && repository)
		error = refs_read(ours, repository, APPLIED_REF, NULL);
	git_repository_free(repository);
	return empty ? -ENOENT : error;
}

/* Where nothing can be said yet, as of a shallow history, which may rest on ours, seed_merge()
 * will.
 */
static int check_related(const struct seed *seed, const char *path, struct fault *fault)
{
	git_repository *both = NULL;
	char file[PATH_MAX + sizeof("/shallow")];
	struct fault ignored;
	git_oid ours, base;
	int error = 0;

	snprintf(file, sizeof(file), "%s/shallow", seed->quarantine.path);
	if (access(file, F_OK) == 0 || find_ours(&ours, path) < 0 ||
	    git_repository_open_ext(&both, seed->quarantine.path, GIT_REPOSITORY_OPEN_NO_SEARCH,
	                            NULL))
		return 0;
	if (ancestry_base(&base, both, &ours, &seed->tip, &ignored) == -ENOENT)
		error = refuse_unrelated(seed, both, &ours, fault);
	git_repository_free(both);
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
	error = trust_check(options->path, settings_sections, fault);
	if (!error)
		error = seed->source
		                ? quarantine_make(&seed->quarantine, options->path, true, fault)
		                : fault_set(fault, -ENOMEM, "out of memory");
	fetch.into = seed->quarantine.path;
	fetch.said = seed->source;
	if (!error)
		error = fetch_main(&fetch, fault);
	if (!error)
		error = judge_all(seed, options, fault);
	if (!error)
		error = check_related(seed, options->path, fault);
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
	ahead_clear(&seed->ahead);
	quarantine_remove(&seed->quarantine);
	free(seed->source);
	free(seed);
	git_libgit2_shutdown();
}

/* main holds the seed, so its objects need no protection any more. */
static void taken(struct seed *seed)
{
	seed->taken = true;
	pack_settle(&seed->keep);
	if (seed->outside > 0)
		log_warning("%s: %zu entries, such as %s, are outside the configured segments and "
		            "prefixes: they are kept in history, and not in the table",
		            seed->source, seed->outside, seed->outside_path);
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
	/* Something was recorded once, and main was deleted: start-up restores and merges. */
	if (absent && has_applied)
		return 0;
	if (error && error != -ENOENT)
		return fault_set(fault, error, "%s cannot be read", APPLIED_REF);
	error = 0;
	/* Their main does not follow ours: what the map holds beyond it counts as new. */
	if (has_applied)
		error = refs_remove(repository, APPLIED_REF, &applied, fault);
	if (!error)
		error = refs_move(repository, MAIN_REF, absent ? NULL : &at, &seed->tip, fault);
	if (error)
		return error;
	taken(seed);
	log_info("history begins as that of %s: %zu entries, commit %.12s", seed->source,
	         seed->entries, git_oid_tostr(text, sizeof(text), &seed->tip));
	return 0;
}

/* main has become theirs. */
static int correct_main(struct seed *seed, struct state *state, struct version *main,
                        struct fault *fault)
{
	struct version corrected = *main;
	int error =
	        ahead_correct(&seed->ahead, &state->archive, &corrected, NULL, seed->source, fault);

	if (error || git_oid_equal(&corrected.commit, &main->commit))
		return error;
	state->commits_pending++;
	error = adopt_commit(&state->archive, main, &corrected, fault);
	if (!error)
		ahead_clear(&seed->ahead);
	return error;
}

static int merge(struct seed *seed, struct state *state, struct version *main,
                 const struct version *theirs, const struct version *base, struct fault *fault)
{
	const struct adoption adoption = {.kind = "sync",
	                                  .source = seed->source,
	                                  .other = theirs,
	                                  .ours = main,
	                                  .theirs = theirs,
	                                  .base = base,
	                                  .foreign = true};
	struct mergecommit commit;
	int error = adopt_merge(&state->archive, main, &commit, &adoption, fault);

	if (error)
		return error;
	if (!git_oid_equal(&commit.made.commit, &theirs->commit)) {
		state->commits_pending++;
		branches_set(&state->archive.branches, commit.id, &theirs->commit, false);
	}
	message_notice(state->out, "%.*s", (int)strcspn(commit.outcome.text, "\n"),
	               commit.outcome.text);
	return 0;
}

int seed_merge(struct seed *seed, struct state *state, struct version *main, struct fault *fault)
{
	struct version theirs, base;
	bool has_base, known;
	int error;

	if (seed->taken)
		return correct_main(seed, state, main, fault);
	error = archive_version(&state->archive, &theirs, &seed->tip, fault);
	if (!error)
		error = archive_base(&state->archive, &base, &has_base, &main->commit, &seed->tip,
		                     fault);
	if (!error && !has_base)
		error = refuse_unrelated(seed, state->archive.repository, &main->commit, fault);
	if (error)
		return error;
	known = git_oid_equal(&base.commit, &seed->tip);
	if (known)
		message_notice(state->out, "%s has nothing that is not in main already",
		               seed->source);
	else
		error = ahead_correct(&seed->ahead, &state->archive, &theirs, &base.tree,
		                      seed->source, fault);
	if (!error && !known)
		error = writer_flush(state->archive.writer, fault);
	if (!error && !known)
		error = merge(seed, state, main, &theirs, &base, fault);
	if (!error)
		taken(seed);
	return error;
}

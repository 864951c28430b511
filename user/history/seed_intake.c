// SPDX-License-Identifier: MIT
/* Makes the seed's main ours, or merges it into ours. Judges nothing. */
#include "history/seed_intake.h"

#include <errno.h>
#include <string.h>

#include "base/base.h"
#include "history/adopt.h"
#include "history/message.h"
#include "history/opening_texts.h"
#include "store/store.h"

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
		         !strcmp(git_commit_message(commit), OPENING_FIRST);
	git_commit_free(commit);
	return 0;
}

int seed_intake_adopt(struct seed *seed, git_repository *repository, struct fault *fault)
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
		error = refs_move(repository, MAIN_REF, absent ? NULL : &at, &seed->tip,
		                  "arpkeeper: pulled", fault);
	if (error)
		return error;
	taken(seed);
	log_info("history begins as that of %s: %zu entries, commit %.12s", seed->source,
	         seed->entries, git_oid_tostr(text, sizeof(text), &seed->tip));
	return 0;
}

static int merge(struct seed *seed, struct state *state, struct version *main,
                 const struct version *theirs, const struct version *base, struct fault *fault)
{
	const struct adoption adoption = {.kind = "sync",
	                                  .source = seed->source,
	                                  .reason = "arpkeeper: pulled",
	                                  .other = theirs,
	                                  .ours = main,
	                                  .theirs = theirs,
	                                  .base = base,
	                                  .foreign = true};
	struct mergecommit commit;
	int error = adopt(&state->archive, main, &commit, &adoption, fault);

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

int seed_intake_merge(struct seed *seed, struct state *state, struct version *main,
                      struct fault *fault)
{
	struct version theirs, base;
	bool has_base;
	int error;

	if (seed->taken)
		return 0;
	error = archive_version(&state->archive, &theirs, &seed->tip, fault);
	if (!error)
		error = archive_base(&state->archive, &base, &has_base, &main->commit, &seed->tip,
		                     fault);
	if (error)
		return error;
	if (has_base && git_oid_equal(&base.commit, &seed->tip))
		message_notice(state->out, "%s has nothing that is not in main already",
		               seed->source);
	else
		error = merge(seed, state, main, &theirs, has_base ? &base : NULL, fault);
	if (!error)
		taken(seed);
	return error;
}

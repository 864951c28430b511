// SPDX-License-Identifier: MIT
/* Finds the base, looks whether what was made is whole, and collects its edits. */
#include "merge/theirs.h"

#include <errno.h>
#include <time.h>

#define ATTEMPTS 3 /* to read what others made: packs may be joined meanwhile */

int theirs_version(struct version *version, git_repository *repository, const git_oid *commit,
                   struct fault *fault)
{
	git_commit *found = NULL;
	int error = git_commit_lookup(&found, repository, commit);

	if (error < 0)
		return trouble_set(fault, error, "commit %s", git_oid_tostr_s(commit));
	version->commit = *commit;
	version->tree = *git_commit_tree_id(found);
	git_commit_free(found);
	return 0;
}

int theirs_base(struct version *base, bool *has_base, git_repository *repository,
                const git_oid *one, const git_oid *two, struct fault *fault)
{
	git_oid id;
	int error = ancestry_base(&id, repository, one, two, fault);

	*has_base = error == 0;
	if (error)
		return error == -ENOENT ? 0 : error;
	return theirs_version(base, repository, &id, fault);
}

bool theirs_are_known(const struct theirs *theirs)
{
	return theirs->has_base && git_oid_equal(&theirs->base.commit, &theirs->seen);
}

/* Finds the base. Where one of their objects is missing, the fault names it. The commits of main
 * are all there, or a start would miss them, too. */
static int find_base(struct theirs *theirs, const struct merge_scope *scope, struct fault *fault)
{
	struct fault why = {0};
	int base_error = theirs_base(&theirs->base, &theirs->has_base, scope->repository,
	                             &theirs->head, &theirs->seen, &why);
	int error = 0;

	if (!theirs->is_main)
		error = connected_check(scope->repository, &theirs->seen, &theirs->head,
		                        theirs->has_base ? &theirs->base.commit : NULL, fault);
	if (!error && !base_error && !theirs->has_base && !theirs->is_main)
		error = fault_set(fault, -EINVAL,
		                  "it has no history in common with main, or none that is still "
		                  "kept: rebase it onto main, as it is now");
	return error || !base_error ? error : fault_set(fault, base_error, "%s", why.text);
}

/* What the commits that the log lacks have changed. */
static int find_edits(struct theirs *theirs, struct authored *authored,
                      const struct merge_scope *scope, struct fault *fault)
{
	const struct authored_query query = {.known = &theirs->head,
	                                     .tip = &theirs->seen,
	                                     .base = theirs->has_base ? &theirs->base.commit
	                                                              : NULL};

	if (theirs->is_main && theirs->has_base && theirs->edited &&
	    theirs->edited(theirs->context, &theirs->base, &theirs->version)) {
		*authored = authored_of_trees(&theirs->base.tree, &theirs->version.tree);
		return 0;
	}
	return authored_find(authored, scope->repository, &query, fault);
}

static int read_once(struct theirs *theirs, struct changes *changes,
                     const struct merge_scope *scope, struct fault *fault)
{
	struct authored authored = {0};
	int error = theirs_version(&theirs->version, scope->repository, &theirs->seen, fault);

	if (!error)
		error = find_base(theirs, scope, fault);
	if (error || theirs_are_known(theirs))
		return error;
	changes->now = time(NULL);
	changes->edited = &theirs->seen;
	error = find_edits(theirs, &authored, scope, fault);
	theirs->plain = authored.plain;
	if (!error)
		error = changes_find(scope, changes, &authored, fault);
	authored_clear(&authored);
	return error;
}

int theirs_read(struct theirs *theirs, struct changes *changes, const struct merge_scope *scope,
                struct fault *fault)
{
	int error = 0;

	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		/* Git may have joined packs since our last look. */
		repository_refresh(scope->repository);
		changes_clear(changes);
		error = read_once(theirs, changes, scope, fault);
		if (!trouble_is_lasting(error) || error == -E2BIG)
			break;
	}
	return error;
}

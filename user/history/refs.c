// SPDX-License-Identifier: MIT
/*
 * References. libgit2 writes them under git's own lock files, with fsync; nothing here
 * retries or waits: the engine decides when to try again.
 */
#include "history/refs.h"

#include <errno.h>
#include <stdio.h>

#include "history/trouble.h"

int refs_read(git_oid *id, git_repository *repository, const char *name, struct fault *fault)
{
	int error = git_reference_name_to_id(id, repository, name);

	return error < 0 ? trouble_set(fault, error, "%s", name) : 0;
}

int refs_move(git_repository *repository, const char *name, const git_oid *before,
              const git_oid *after, const char *reason, struct fault *fault)
{
	git_reference *reference = NULL;
	int error = git_reference_create_matching(&reference, repository, name, after,
	                                          before != NULL, before, reason);

	git_reference_free(reference);
	if (error == 0)
		return 0;
	error = trouble_set(fault, error, "%s", name);
	/* Gone, or there where it should not be: not what was expected, either way. */
	return error == -ENOENT || error == -EEXIST ? -ESTALE : error;
}

int refs_set(git_repository *repository, const char *name, const git_oid *after, const char *reason,
             struct fault *fault)
{
	git_reference *reference = NULL;
	int error = git_reference_create(&reference, repository, name, after, 1, reason);

	git_reference_free(reference);
	return error < 0 ? trouble_set(fault, error, "%s", name) : 0;
}

int refs_remove(git_repository *repository, const char *name, const git_oid *before,
                struct fault *fault)
{
	git_reference *reference = NULL;
	const git_oid *now;
	int error = git_reference_lookup(&reference, repository, name);

	if (error == GIT_ENOTFOUND)
		return 0;
	if (error == 0) {
		now = git_reference_target(reference);
		if (!now || !git_oid_equal(now, before)) {
			git_reference_free(reference);
			return fault_set(fault, -ESTALE, "%s has moved", name);
		}
		error = git_reference_delete(reference);
	}
	git_reference_free(reference);
	if (error == GIT_ENOTFOUND)
		return 0;
	return error < 0 ? trouble_set(fault, error, "%s", name) : 0;
}

int refs_each(git_repository *repository, const char *prefix,
              int (*handle)(void *context, const char *name, const git_oid *id), void *context,
              struct fault *fault)
{
	git_reference_iterator *iterator = NULL;
	git_reference *reference = NULL;
	char glob[256];
	int error, stop = 0;

	snprintf(glob, sizeof(glob), "%s*", prefix);
	error = git_reference_iterator_glob_new(&iterator, repository, glob);
	while (!error && !stop && !(error = git_reference_next(&reference, iterator))) {
		const git_oid *id = git_reference_target(reference);

		if (id)
			stop = handle(context, git_reference_name(reference), id);
		git_reference_free(reference);
		reference = NULL;
	}
	git_reference_iterator_free(iterator);
	if (error && error != GIT_ITEROVER)
		return trouble_set(fault, error, "%s", prefix);
	return stop;
}

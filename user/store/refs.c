// SPDX-License-Identifier: MIT
/*
 * References. libgit2 writes them under git's own lock files, with fsync; nothing here
 * retries or waits: the caller decides when to try again.
 */
#include "store/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/packedrefs.h"
#include "store/trouble.h"

#define LASTING_FOLDERS 3 /* refs/heads/merge, for example: others are removed when empty */

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
	/* Gone, or unexpectedly there. */
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

/* The folders above a path below the repository's. */
static void make_folders(const char *git_directory, const char *name)
{
	char path[PATH_MAX];

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
		snprintf(path, sizeof(path), "%s%.*s", git_directory, (int)(at - name), name);
		(void)mkdir(path, 0777);
	}
}

static void remove_folders(const char *git_directory, const char *name)
{
	char path[PATH_MAX];
	int depth = 0;

	for (const char *at = name; *at; at++)
		depth += *at == '/';
	snprintf(path, sizeof(path), "%s%s", git_directory, name);
	for (; depth > LASTING_FOLDERS; depth--) {
		*strrchr(path, '/') = '\0';
		if (rmdir(path) < 0)
			break;
	}
}

/* With both locks held. */
static int remove_locked(git_repository *repository, struct packedrefs *packed, const char *name,
                         const git_oid *before, struct fault *fault)
{
	struct ref_change change = {.present = false};
	char path[PATH_MAX];
	git_oid now;
	int error = refs_read(&now, repository, name, fault);

	if (error)
		return error == -ENOENT ? 0 : error;
	if (!git_oid_equal(&now, before))
		return fault_set(fault, -ESTALE, "%s has moved", name);
	snprintf(change.name, sizeof(change.name), "%s", name);
	snprintf(path, sizeof(path), "%s%s", git_repository_path(repository), name);
	if (unlink(path) < 0 && errno != ENOENT)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	error = packedrefs_write(packed, &change, 1, fault);
	if (!error)
		(void)git_reflog_delete(repository, name);
	return error;
}

/* Not libgit2's: it looks at packed-refs without the lock, and a `git pack-refs` at that moment
 * brings the reference back. */
int refs_remove(git_repository *repository, const char *name, const git_oid *before,
                struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	struct packedrefs packed;
	char lock[PATH_MAX];
	int descriptor, error;

	if (strlen(name) >= REF_NAME_MAX)
		return fault_set(fault, -ENAMETOOLONG,
		                 "%s: the name is too long: delete the branch with git", name);
	snprintf(lock, sizeof(lock), "%s%s.lock", directory, name);
	make_folders(directory, name);
	descriptor = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (descriptor < 0)
		return fault_set(fault, errno == EEXIST ? -EBUSY : -errno, "%s: %s", lock,
		                 strerror(errno));
	close(descriptor);
	error = packedrefs_lock(&packed, directory, fault);
	if (!error) {
		error = remove_locked(repository, &packed, name, before, fault);
		packedrefs_unlock(&packed);
	}
	unlink(lock);
	remove_folders(directory, name);
	return error;
}

int refs_each(git_repository *repository, const char *folder,
              int (*handle)(void *context, const char *name, const git_oid *id), void *context,
              struct fault *fault)
{
	git_reference_iterator *iterator = NULL;
	git_reference *reference = NULL;
	char glob[256];
	int error, stop = 0;

	snprintf(glob, sizeof(glob), "%s*", folder);
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
		return trouble_set(fault, error, "%s", folder);
	return stop;
}

// SPDX-License-Identifier: MIT
/* git fetches, compares and checks; nothing here reads an object. */
#include "upkeep/attic.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

/* git takes the first of two that are for the same reference. A pattern may match nothing. */
static const char *const refspecs[] = {
        "refs/heads/main:refs/heads/main",
        "refs/heads/alert*:refs/heads/alert*",
        "+refs/heads/*:refs/heads/*",
        "+refs/tags/*:refs/tags/*",
        "^" TASK_REFS "*",
        "^" MERGE_REFS "*",
        NULL,
};

/* Also one whose making was broken off. */
static int make(const char *path, struct fault *fault)
{
	static const char *const init[] = {
	        "init", "--quiet", "--bare", "--template=", "--initial-branch=main", NULL};

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "it cannot be made: %s", strerror(errno));
	return gitchild_run(path, init, NULL, NULL, NULL, fault);
}

static bool has_main(const char *path)
{
	static const char *const ask[] = {"rev-parse", "--quiet", "--verify", MAIN_REF, NULL};
	struct fault ignored;

	return gitchild_try(path, ask, NULL, NULL, NULL, &ignored) == 0;
}

/* Whatever git was told of fsync. */
static int sync_all(const char *path, struct fault *fault)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = folder < 0 || syncfs(folder) < 0 ? -errno : 0;

	if (folder >= 0)
		close(folder);
	return error ? fault_set(fault, error, "%s", strerror(-error)) : 0;
}

static int find(const char *path, const char *commit, const char *ref, struct fault *fault)
{
	const char *const ask[] = {"merge-base", "--is-ancestor", commit, ref, NULL};
	int error = gitchild_run(path, ask, NULL, NULL, NULL, fault);

	return error == -ENOENT
	               ? fault_set(fault, error, "it has not got commit %.12s in %s", commit, ref)
	               : error;
}

/* As attic_fill(), with libgit2 started, and whatever went wrong. */
static int fill(const char *path, const char *git_directory, const char *const cut[2],
                struct fault *fault)
{
	struct fetch fetch = {.into = path,
	                      .url = git_directory,
	                      .said = git_directory,
	                      .netns = -1,
	                      .refspec = refspecs};
	int error = trust_check(path, NULL, fault);

	/* Only a new archive of a history that is thinned already begins where that does. */
	fetch.whole = !error && has_main(path);
	if (!error && !fetch.whole)
		error = make(path, fault);
	if (!error)
		error = fetch_main(&fetch, fault);
	if (!error)
		error = sync_all(path, fault);
	if (!error && cut[0])
		error = find(path, cut[0], MAIN_REF, fault);
	if (!error && cut[1])
		error = find(path, cut[1], ALERTS_REF, fault);
	return error;
}

int attic_fill(const char *path, const char *git_directory, const char *const cut[2],
               struct fault *fault)
{
	int error = repository_set_up(fault);
	struct fault why;

	if (!error) {
		error = fill(path, git_directory, cut, fault);
		git_libgit2_shutdown();
	}
	if (!error)
		return 0;
	why = *fault;
	return fault_set(
	        fault, -EREMOTEIO,
	        "history.archive %.100s: %.300s; history.keep removes nothing until it has "
	        "taken what is older",
	        path, why.text);
}

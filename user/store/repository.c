// SPDX-License-Identifier: MIT
/*
 * The repository itself. Any that is not the caller's is refused before a byte is written.
 *
 * While one is made, a marker file stands in the folder until everything else is durable. Files
 * beside the marker at a start are of an unfinished repository, in which nothing was acknowledged:
 * they are removed. Without the marker nothing is ever removed.
 */
#include "store/repository.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "pack/pack.h"
#include "store/gitclean.h"
#include "store/leftover.h"
#include "store/multiindex.h"
#include "store/refs.h"
#include "store/trouble.h"
#include "store/trust.h"

#define MARKER           "arpkeeper.making"
#define FILES_AT_ONCE    16
#define LOCK_PATIENCE_MS 500
#define LOCK_STEP_MS     10

/* libgit2 without descriptors says "object not found": keep few packs mapped. */
#define MAPPED_FILES 128
/* Of packs: each page that was touched counts as ours. Whole packs are mapped otherwise. */
#define MAPPED_WINDOW (1 << 20)
#define MAPPED_BYTES  (6 << 20)
#define CACHED_BYTES  (8 << 20) /* libgit2's objects, commits mostly */

/* The folder that holds it. */
static void parent_of(char parent[PATH_MAX], const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(parent, PATH_MAX, "%s", dirname(copy));
}

/* With the folders above it, and their names durable. */
static int make_folder(const char *path)
{
	char parent[PATH_MAX];
	int error;

	parent_of(parent, path);
	if (mkdir(path, 0777) == 0)
		return sync_path(parent);
	if (errno != ENOENT || !strcmp(parent, path))
		return errno == EEXIST ? 0 : -errno;
	error = make_folder(parent);
	if (!error && mkdir(path, 0777) < 0)
		error = -errno;
	return error ? error : sync_path(parent);
}

/* Whether it has nothing in it, and whether a making was cut short there. */
static int look(const char *path, bool *empty, bool *cut)
{
	DIR *folder = opendir(path);
	struct dirent *file;

	*empty = true;
	*cut = false;
	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while ((file = readdir(folder))) {
		if (!strcmp(file->d_name, ".") || !strcmp(file->d_name, ".."))
			continue;
		*empty = false;
		*cut |= !strcmp(file->d_name, MARKER);
	}
	closedir(folder);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	if (walk->level == 0 || (walk->level == 1 && !strcmp(path + walk->base, MARKER)))
		return 0;
	return (type == FTW_DP ? rmdir(path) : unlink(path)) < 0 ? -errno : 0;
}

static int sync_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)walk;
	return type == FTW_DP || (type == FTW_F && S_ISREG(status->st_mode)) ? sync_path(path) : 0;
}

void making_abandon(int making)
{
	if (making >= 0)
		close(making);
}

int making_begin(int *making, const char *path, const char *setting, struct fault *fault)
{
	char marker[PATH_MAX];
	bool empty, cut;
	int descriptor = -1, error = look(path, &empty, &cut);

	*making = -1;
	if (error)
		return fault_set(fault, error, "%s: %s", path, strerror(-error));
	if (!empty && !cut)
		return 0;
	snprintf(marker, sizeof(marker), "%s/" MARKER, path);
	error = make_folder(path);
	if (!error) {
		descriptor = own_open(marker, O_RDWR | O_CREAT, 0644);
		error = descriptor < 0 ? descriptor : 0;
	}
	if (!error && flock(descriptor, LOCK_EX | LOCK_NB) < 0)
		error = -errno;
	if (error == -EWOULDBLOCK) {
		close(descriptor);
		return fault_set(fault, -EBUSY,
		                 "%s is being made by another agent at this moment: stop one of "
		                 "the two, or name another path in %s",
		                 path, setting);
	}
	/* The marker must be durable first. */
	if (!error && fsync(descriptor) < 0)
		error = -errno;
	if (!error)
		error = sync_path(path);
	if (!error && cut)
		error = nftw(path, remove_one, FILES_AT_ONCE, FTW_PHYS | FTW_DEPTH);
	if (error) {
		making_abandon(descriptor);
		return fault_set(fault, error, "%s: a repository cannot be made: %s", path,
		                 strerror(-error));
	}
	*making = descriptor;
	return 0;
}

int making_end(int making, const char *path, struct fault *fault)
{
	char marker[PATH_MAX];
	int error = nftw(path, sync_one, FILES_AT_ONCE, FTW_PHYS | FTW_DEPTH);

	snprintf(marker, sizeof(marker), "%s/" MARKER, path);
	if (!error && unlink(marker) < 0)
		error = -errno;
	if (!error)
		error = sync_path(path);
	making_abandon(making);
	return error ? fault_set(fault, error, "%s: a repository cannot be made: %s", path,
	                         strerror(-error))
	             : 0;
}

static int make(git_repository **repository, const char *path, struct fault *fault)
{
	git_repository_init_options options;
	int error;

	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH |
	                GIT_REPOSITORY_INIT_NO_REINIT;
	options.initial_head = "main";
	error = git_repository_init_ext(repository, path, &options);
	return error < 0 ? trouble_set(fault, error, "%s: a repository cannot be made", path) : 0;
}

static int count_ref(const char *name, void *context)
{
	(void)name;
	++*(size_t *)context;
	return 0;
}

/* The caller's, or without a single reference: then it may become the caller's. */
static int identify(git_repository *repository, const struct repository_options *options,
                    struct fault *fault)
{
	const char *path = options->path;
	git_config *config = NULL;
	int32_t format = 0;
	size_t references = 0;
	git_oid id;
	int error, has_format;

	if (!git_repository_is_bare(repository))
		return fault_set(fault, -EINVAL,
		                 "%s: this is not a bare repository: name another path in %s", path,
		                 options->setting);
	error = git_repository_config_snapshot(&config, repository);
	if (error < 0)
		return trouble_set(fault, error, "%s: its configuration", path);
	has_format = git_config_get_int32(&format, config, options->key);
	git_config_free(config);
	if (has_format == 0 && format == options->format)
		return 0;
	if (has_format == 0)
		return fault_set(fault, -EINVAL,
		                 "%s: its format is %d, this program knows %d: use a newer "
		                 "arpkeeper, or another %s",
		                 path, format, options->format, options->setting);
	if (has_format != GIT_ENOTFOUND)
		return trouble_set(fault, has_format, "%s: %s in its configuration", path,
		                   options->key);
	if (options->reference && refs_read(&id, repository, options->reference, NULL) == 0)
		return 0;
	error = git_reference_foreach_name(repository, count_ref, &references);
	if (error < 0)
		return trouble_set(fault, error, "%s", path);
	if (references > 0)
		return fault_set(fault, -EINVAL,
		                 "%s: this repository holds something else; nothing was written "
		                 "to it: name another path in %s",
		                 path, options->setting);
	return 0;
}

static int open_existing(git_repository **repository, const struct repository_options *options,
                         struct fault *fault)
{
	const char *path = options->path;
	int error = git_repository_open_ext(repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);

	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -EINVAL,
		                 "%s: this is not a git repository, and not empty: name another "
		                 "path in %s",
		                 path, options->setting);
	if (error < 0)
		return trouble_set(fault, error, "%s", path);
	if (strcmp(git_repository_path(*repository), git_repository_commondir(*repository)) != 0)
		error = fault_set(fault, -EPERM,
		                  "%s is a work tree of another repository: name that one in %s",
		                  path, options->setting);
	else
		error = identify(*repository, options, fault);
	if (error) {
		git_repository_free(*repository);
		*repository = NULL;
	}
	return error;
}

/* A killed agent may have just forked a child, which holds the lock until it becomes another
 * program: for a moment. */
static int lock_soon(int descriptor)
{
	for (unsigned waited = 0; flock(descriptor, LOCK_EX | LOCK_NB) < 0;
	     waited += LOCK_STEP_MS) {
		if (errno != EWOULDBLOCK || waited >= LOCK_PATIENCE_MS)
			return -errno;
		uv_sleep(LOCK_STEP_MS);
	}
	return 0;
}

/* One agent at a time. The kernel releases the lock when its holder dies. */
int repository_lock(int *lock, const char *directory, const char *setting, struct fault *fault)
{
	char path[PATH_MAX], pid[32] = "";
	ssize_t length;
	int descriptor, error;

	snprintf(path, sizeof(path), "%s" REPOSITORY_LOCK, directory);
	descriptor = own_open(path, O_RDWR | O_CREAT, 0644);
	if (descriptor < 0)
		return own_fault(fault, descriptor, path);
	error = lock_soon(descriptor);
	if (error) {
		length = read(descriptor, pid, sizeof(pid) - 1);
		close(descriptor);
		if (error != -EWOULDBLOCK)
			return fault_set(fault, error, "%s: %s", path, strerror(-error));
		pid[length > 0 ? strcspn(pid, "\n") : 0] = '\0';
		return fault_set(fault, -EBUSY,
		                 "%s is in use by another agent (pid %s): stop it, or name "
		                 "another path in %s",
		                 directory, pid[0] ? pid : "unknown", setting);
	}
	length = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(descriptor, 0) < 0 || pwrite(descriptor, pid, (size_t)length, 0) != length) {
		error = errno ? -errno : -EIO;
		close(descriptor);
		return fault_set(fault, error, "%s: %s", path, strerror(-error));
	}
	*lock = descriptor;
	return 0;
}

int repository_set_up(struct fault *fault)
{
	int error = gitclean_libgit2();

	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, (size_t)MAPPED_FILES);
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)MAPPED_WINDOW);
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)MAPPED_BYTES);
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, (ssize_t)CACHED_BYTES);
	return error < 0 ? trouble_set(fault, error, "libgit2 cannot be set up") : 0;
}

int repository_open(struct repository *repository, const struct repository_options *options,
                    struct fault *fault)
{
	const char *path = options->path;
	int error = repository_set_up(fault);

	*repository = (struct repository){.lock = -1, .making = -1};
	if (!error)
		error = trust_check(path, options->sections, fault);
	if (error)
		return error;
	/* What is made here must be trusted at the next start. */
	umask(umask(0) | S_IWGRP | S_IWOTH);
	error = making_begin(&repository->making, path, options->setting, fault);
	if (error)
		return error;
	error = repository->making >= 0 ? make(&repository->git, path, fault)
	                                : open_existing(&repository->git, options, fault);
	if (!error)
		error = repository_lock(&repository->lock, git_repository_path(repository->git),
		                        options->setting, fault);
	if (error) {
		repository_abandon(repository);
		return error;
	}
	leftover_remove(git_repository_path(repository->git), LEFTOVER_START, time(NULL));
	pack_prepare(git_repository_path(repository->git));
	return 0;
}

int repository_ready(struct repository *repository, const char *path, struct fault *fault)
{
	int making = repository->making;

	repository->making = -1;
	return making >= 0 ? making_end(making, path, fault) : 0;
}

void repository_abandon(struct repository *repository)
{
	making_abandon(repository->making);
	git_repository_free(repository->git);
	repository_release(repository->lock);
	*repository = (struct repository){.lock = -1, .making = -1};
}

void repository_release(int lock)
{
	if (lock < 0)
		return;
	close(lock);
}

void repository_refresh(git_repository *repository)
{
	git_odb *odb;

	multiindex_drop_stale(git_repository_path(repository));
	if (git_repository_odb(&odb, repository) < 0)
		return;
	(void)git_odb_refresh(odb);
	git_odb_free(odb);
}

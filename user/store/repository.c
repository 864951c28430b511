// SPDX-License-Identifier: MIT
/*
 * The repository itself. What is not ours is refused before a single octet is written to it.
 */
#include "store/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "history/seed.h"
#include "pack/pack.h"
#include "store/leftover.h"
#include "store/making.h"
#include "store/refs.h"
#include "store/trouble.h"
#include "store/writer.h"

#define LOCK_FILE        "arpkeeper.lock"
#define LOCK_PATIENCE_MS 500
#define LOCK_STEP_MS     10

/* Out of descriptors reads as "object not found" (FINDINGS): keep few packs mapped. */
#define MAPPED_FILES 128
/* Of packs: each page that was touched counts as ours. Whole packs are mapped otherwise. */
#define MAPPED_WINDOW (1 << 20)
#define MAPPED_BYTES  (6 << 20)
#define CACHED_BYTES  (8 << 20) /* libgit2's objects, commits mostly */

static const char readme[] = REPOSITORY_README
        "\n"
        "This repository is written by arpkeeper. Its branch `main` is the address table of each\n"
        "segment: one file for each IPv4 address, in `<segment>/<a.b>/<a.b.c>/<a.b.c.d>`, for\n"
        "example `lan/10.0/10.0.3/10.0.3.17`:\n"
        "\n"
        "    mac 02:50:2a:16:6d:01\n"
        "    state dynamic\n"
        "    since 2026-11-22T10:15:00Z\n"
        "    origin host1/eth0\n"
        "    note rack 3, uplink\n"
        "\n"
        "`mac`, `state` (`static` or `dynamic`) and `since` (UTC) are required, in this order;\n"
        "`origin` and `note` may follow, and lines whose key begins with `x-`.\n"
        "\n"
        "- The life of an address: `git log -p -- lan/10.0/10.0.3/10.0.3.17`\n"
        "- The table as it was: `git ls-tree -r 'main@{2026-11-22 14:05}'`\n"
        "- Each change belongs to a task: see the trailers of a commit, and the branches "
        "`task/*`.\n"
        "\n"
        "To change the table, commit and `git push origin HEAD:merge/<anything>`: it is checked,\n"
        "merged into `main` even while `main` moves, applied to the running table, and the\n"
        "branch is removed. What is invalid is refused, with path, line and reason.\n"
        "\n"
        "Files outside the segments' folders are yours: they are left alone.\n";

/* A folder of another group's is that group's to push to: what we create there must let them
 * create more beside it. (The agent's other files say their modes themselves.) */
static bool share(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0 || status.st_gid == getegid())
		return false;
	umask(umask(0) & ~(mode_t)S_IWGRP);
	return true;
}

static int make(git_repository **repository, const char *path, bool shared, struct fault *fault)
{
	git_repository_init_options options;
	int error;

	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	options.flags = GIT_REPOSITORY_INIT_BARE | GIT_REPOSITORY_INIT_MKPATH |
	                GIT_REPOSITORY_INIT_NO_REINIT;
	options.initial_head = "main";
	if (shared)
		options.mode = GIT_REPOSITORY_INIT_SHARED_GROUP;
	error = git_repository_init_ext(repository, path, &options);
	return error < 0 ? trouble_set(fault, error, "%s: a repository cannot be made", path) : 0;
}

static int count_ref(const char *name, void *context)
{
	(void)name;
	++*(size_t *)context;
	return 0;
}

/* Ours, or without a single reference so that it may become ours. */
static int identify(git_repository *repository, const char *path, struct fault *fault)
{
	git_config *config = NULL;
	int32_t format = 0;
	size_t references = 0;
	git_oid id;
	int error, has_format;

	if (!git_repository_is_bare(repository))
		return fault_set(fault, -EINVAL,
		                 "%s: this is not a bare repository: name another path in "
		                 "history.path",
		                 path);
	error = git_repository_config_snapshot(&config, repository);
	if (error < 0)
		return trouble_set(fault, error, "%s: its configuration", path);
	has_format = git_config_get_int32(&format, config, "arpkeeper.format");
	git_config_free(config);
	if (has_format == 0 && format == REPOSITORY_FORMAT)
		return 0;
	if (has_format == 0)
		return fault_set(fault, -EINVAL,
		                 "%s: its format is %d, this program knows %d: use a newer "
		                 "arpkeeper, or another history.path",
		                 path, format, REPOSITORY_FORMAT);
	if (has_format != GIT_ENOTFOUND)
		return trouble_set(fault, has_format, "%s: arpkeeper.format in its configuration",
		                   path);
	if (refs_read(&id, repository, APPLIED_REF, NULL) == 0)
		return 0;
	error = git_reference_foreach_name(repository, count_ref, &references);
	if (error < 0)
		return trouble_set(fault, error, "%s", path);
	if (references > 0)
		return fault_set(fault, -EINVAL,
		                 "%s: this repository holds something else; nothing was written "
		                 "to it: name another path in history.path",
		                 path);
	return 0;
}

static int open_existing(git_repository **repository, const char *path, struct fault *fault)
{
	int error = git_repository_open_ext(repository, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);

	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -EINVAL,
		                 "%s: this is not a git repository, and not empty: name another "
		                 "path in history.path",
		                 path);
	if (error < 0)
		return trouble_set(fault, error, "%s", path);
	error = identify(*repository, path, fault);
	if (error) {
		git_repository_free(*repository);
		*repository = NULL;
	}
	return error;
}

/* A child that an agent had just forked when it was killed has its lock until it becomes another
 * program: a moment. */
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

/* One agent at a time. The kernel lets the lock go when its holder dies. */
static int take_lock(int *lock, git_repository *repository, struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	char path[PATH_MAX], pid[32] = "";
	ssize_t length;
	int descriptor, error;

	snprintf(path, sizeof(path), "%s" LOCK_FILE, directory);
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	error = lock_soon(descriptor);
	if (error) {
		length = read(descriptor, pid, sizeof(pid) - 1);
		close(descriptor);
		if (error != -EWOULDBLOCK)
			return fault_set(fault, error, "%s: %s", path, strerror(-error));
		pid[length > 0 ? strcspn(pid, "\n") : 0] = '\0';
		return fault_set(fault, -EBUSY,
		                 "%s is in use by another agent (pid %s): stop it, or name "
		                 "another path in history.path",
		                 directory, pid[0] ? pid : "unknown");
	}
	/* Whoever ends by himself leaves the file empty. */
	if (read(descriptor, pid, sizeof(pid) - 1) > 0)
		leftover_locks(directory);
	length = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	/* Durable before any lock file of git's is: after a power cut it tells whose that was. */
	if (ftruncate(descriptor, 0) < 0 || pwrite(descriptor, pid, (size_t)length, 0) != length ||
	    fsync(descriptor) < 0) {
		error = errno ? -errno : -EIO;
		close(descriptor);
		return fault_set(fault, error, "%s: %s", path, strerror(-error));
	}
	*lock = descriptor;
	return 0;
}

/* The first commit: something to branch from, and to read. */
static int begin_main(git_repository *repository, const char *host, struct fault *fault)
{
	struct edit edit = {
	        .path = (char *)"README.md", .present = true, .mode = GIT_FILEMODE_BLOB};
	struct commit_spec spec = {.edit = &edit, .edits = 1, .message = REPOSITORY_FIRST};
	struct writer *writer = NULL;
	struct version made;
	char committer[300];
	git_oid id;
	int error = refs_read(&id, repository, MAIN_REF, fault);

	/* Deleted while no agent ran: start-up restores it (load.c). */
	if (error == -ENOENT && refs_read(&id, repository, APPLIED_REF, NULL) == 0)
		return 0;
	if (error != -ENOENT)
		return error;
	snprintf(committer, sizeof(committer), "arpkeeper <arpkeeper@%s>", host);
	error = writer_new(&writer, repository, committer, fault);
	if (!error)
		error = writer_blob(writer, &edit.id, readme, sizeof(readme) - 1, fault);
	if (!error)
		error = writer_commit(writer, &made, &spec, fault);
	if (!error)
		error = writer_flush(writer, fault);
	if (!error)
		error = refs_move(repository, MAIN_REF, NULL, &made.commit, "arpkeeper", fault);
	if (!error)
		error = refs_set(repository, APPLIED_REF, &made.commit, "arpkeeper", fault);
	if (!error) {
		int result = git_repository_set_head(repository, MAIN_REF);

		if (result < 0)
			error = trouble_set(fault, result, "HEAD");
	}
	writer_free(writer);
	return error;
}

int repository_set_up(struct fault *fault)
{
	int error = git_libgit2_init();

	/* The agent often runs as root on a repository that the administrator named and that
	 * belongs to those who push: whose it is says nothing about whether to trust it. */
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
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

int repository_open(git_repository **repository, int *lock, const struct history_options *options,
                    const char *host, struct fault *fault)
{
	const char *path = options->path;
	git_repository *opened = NULL;
	char mail[300];
	int making = -1, error = repository_set_up(fault);
	bool shared;

	*lock = -1;
	if (error)
		return error;
	shared = share(path);
	error = making_begin(&making, path, fault);
	if (error)
		return error;
	error = making >= 0 ? make(&opened, path, shared, fault)
	                    : open_existing(&opened, path, fault);
	if (!error)
		error = take_lock(lock, opened, fault);
	if (error)
		goto out;
	pack_clean(git_repository_path(opened));
	snprintf(mail, sizeof(mail), "arpkeeper@%s", host);
	git_repository_set_ident(opened, "arpkeeper", mail);
	error = settings_write(opened, options, fault);
	if (!error && options->seed)
		error = seed_adopt(options->seed, opened, fault);
	if (!error)
		error = begin_main(opened, host, fault);
	if (!error)
		error = hooks_install(opened, options->program, fault);
	if (!error && making >= 0) {
		error = making_end(making, path, fault);
		making = -1;
	}
out:
	if (error) {
		making_abandon(making);
		git_repository_free(opened);
		repository_release(*lock);
		*lock = -1;
		return error;
	}
	*repository = opened;
	return 0;
}

void repository_release(int lock)
{
	if (lock < 0)
		return;
	/* Empty: we ended by ourselves, and left nothing in anybody's way. */
	if (ftruncate(lock, 0) < 0)
		log_debug("the lock file cannot be emptied: %s", strerror(errno));
	close(lock);
}

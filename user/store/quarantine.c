// SPDX-License-Identifier: MIT
/*
 * The folder aside, and the move out of it. Refused objects go with the folder, without a trace.
 * Judges nothing.
 */
#include "store/quarantine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "store/commits.h"
#include "store/gitchild.h"
#include "store/trouble.h"

#define ASIDE "incoming"

/* Parents as `mkdir -p`; notes where in the path the new ones begin. */
static int make_parents(struct quarantine *quarantine)
{
	char *path = quarantine->path;

	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		int failed;

		*slash = '\0';
		failed = mkdir(path, 0777) < 0 ? errno : 0;
		*slash = '/';
		if (!failed && !quarantine->made_from)
			quarantine->made_from = (size_t)(slash - path);
		if (failed && failed != EEXIST)
			return -failed;
	}
	return 0;
}

static void remove_parents(struct quarantine *quarantine)
{
	char *slash;

	while (quarantine->made_from && (slash = strrchr(quarantine->path, '/')) &&
	       (size_t)(slash - quarantine->path) >= quarantine->made_from) {
		*slash = '\0';
		/* Not empty: the repository is there now. */
		if (rmdir(quarantine->path) < 0)
			break;
	}
}

static int lock(struct quarantine *quarantine, struct fault *fault)
{
	const char *path = quarantine->path;

	quarantine->lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (quarantine->lock < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (flock(quarantine->lock, LOCK_EX | LOCK_NB) < 0) {
		close(quarantine->lock);
		quarantine->lock = -1;
		return fault_set(fault, -EBUSY, "%s: another process is fetching there", path);
	}
	return 0;
}

/* Objects that the repository has are not fetched again. */
static int borrow(const struct quarantine *quarantine, const char *repository, struct fault *fault)
{
	char path[PATH_MAX + 32], objects[PATH_MAX + 32];
	struct stat status;
	FILE *file;
	int error;

	snprintf(objects, sizeof(objects), "%s/objects", repository);
	if (stat(objects, &status) < 0)
		return 0;
	snprintf(path, sizeof(path), "%s/objects/info/alternates", quarantine->path);
	file = fopen(path, "we");
	error = file && fprintf(file, "%s\n", objects) > 0 ? 0 : -EIO;
	if (file && fclose(file) != 0)
		error = -EIO;
	return error ? fault_set(fault, error, "%s cannot be written", path) : 0;
}

int quarantine_make(struct quarantine *quarantine, const char *path, bool borrows,
                    struct fault *fault)
{
	return quarantine_make_as(quarantine, path, ASIDE, borrows, fault);
}

int quarantine_make_as(struct quarantine *quarantine, const char *path, const char *suffix,
                       bool borrows, struct fault *fault)
{
	git_repository *repository = NULL;
	git_repository_init_options options;
	char name[PATH_MAX];
	int error;

	*quarantine = (struct quarantine){.lock = -1};
	if (snprintf(name, sizeof(name), "%s.%s", path, suffix) >= (int)sizeof(name))
		return fault_set(fault, -ENAMETOOLONG, "%s: the path is too long", path);
	memcpy(quarantine->path, name, sizeof(name));
	error = make_parents(quarantine);
	if (!error && mkdir(quarantine->path, 0700) < 0 && errno != EEXIST)
		error = -errno;
	/* One that another user made beforehand would have a configuration, too. */
	if (!error && (error = own_folder(quarantine->path))) {
		own_fault(fault, error, quarantine->path);
		quarantine->path[0] = '\0';
		return error;
	}
	if (error) {
		fault_set(fault, error, "%s: %s", quarantine->path, strerror(-error));
		goto out;
	}
	error = lock(quarantine, fault);
	if (error)
		goto out;
	/* What a killed process left, its locks, too. The folder itself stays, with the lock. */
	git_repository_init_options_init(&options, GIT_REPOSITORY_INIT_OPTIONS_VERSION);
	(void)folder_empty(quarantine->path);
	options.flags = GIT_REPOSITORY_INIT_BARE;
	options.initial_head = "main";
	error = git_repository_init_ext(&repository, quarantine->path, &options);
	git_repository_free(repository);
	if (error < 0)
		trouble_set(fault, error, "%s", quarantine->path);
	else if (borrows)
		error = borrow(quarantine, path, fault);
out:
	if (error == -EBUSY)
		quarantine->path[0] = '\0'; /* another's */
	if (error)
		quarantine_remove(quarantine);
	return error;
}

/* One pack and what belongs to it; the index last, as it is what makes a pack seen. */
static int release_pack(const struct quarantine *quarantine, const char *folder, const char *name,
                        struct pack_keep *keep, struct fault *fault)
{
	static const char *const suffix[] = {"pack", "rev", "idx"};
	char from[2 * PATH_MAX], to[2 * PATH_MAX];
	int stem = (int)(strlen(name) - strlen(".pack")), error;

	snprintf(to, sizeof(to), "%s/%.*s.idx", folder, stem, name);
	if (access(to, F_OK) == 0)
		return 0; /* there already, and whole */
	snprintf(to, sizeof(to), "%s/%.*s.keep", folder, stem, name);
	error = pack_protect(keep, to, fault);
	for (int i = 0; i < 3 && !error; i++) {
		snprintf(from, sizeof(from), "%s/objects/pack/%.*s.%s", quarantine->path, stem,
		         name, suffix[i]);
		snprintf(to, sizeof(to), "%s/%.*s.%s", folder, stem, name, suffix[i]);
		if (rename(from, to) < 0 && errno != ENOENT)
			error = fault_set(fault, -errno, "%s: %s", to, strerror(errno));
	}
	return error;
}

static int take_reached(void *context, char *line)
{
	git_oid id;

	if (git_oid_fromstr(&id, line) < 0)
		return -EINVAL;
	return idmap_add(context, NULL, id.id) < 0 ? -ENOMEM : 0;
}

/* Whether references of ours lead to the commit, or to all that it is based on: then its parents
 * are here, and it has them. */
static bool has_parents(const git_oid *id, git_odb *theirs, const struct idmap *reached)
{
	struct stored_commit commit;
	struct fault why;

	if (idmap_find(reached, id->id) != IDMAP_NONE)
		return true;
	if (stored_commit_read(&commit, theirs, id, &why) < 0)
		return false;
	for (unsigned i = 0; i < commit.parents; i++)
		if (idmap_find(reached, commit.parent[i].id) == IDMAP_NONE)
			return false;
	return commit.parents > 0;
}

/* Where their history begins, unless ours goes on from there: a boundary hides what is behind it,
 * also from us. Returns the number of new ones. */
static size_t choose(struct shallow *theirs, const struct shallow *ours, git_odb *objects,
                     const struct idmap *reached)
{
	size_t kept = 0;

	for (size_t i = 0; i < theirs->count; i++)
		if (!shallow_has(ours, &theirs->id[i]) &&
		    !has_parents(&theirs->id[i], objects, reached))
			theirs->id[kept++] = theirs->id[i];
	theirs->count = kept;
	return kept;
}

/* Both, one a line. */
static int write_shallow(const char *directory, const struct shallow *ours,
                         const struct shallow *theirs, struct fault *fault)
{
	const struct shallow *const list[] = {ours, theirs};
	char path[PATH_MAX + 16], aside[PATH_MAX + 16], *text = NULL;
	size_t size = 0;
	FILE *made = open_memstream(&text, &size);
	int error = made ? 0 : -ENOMEM;

	for (size_t i = 0; made && i < 2; i++)
		for (size_t j = 0; j < list[i]->count; j++)
			fprintf(made, "%s\n", git_oid_tostr_s(&list[i]->id[j]));
	if (made && fclose(made) != 0)
		error = -ENOMEM;
	snprintf(path, sizeof(path), "%sshallow", directory);
	snprintf(aside, sizeof(aside), "%sshallow.lock", directory); /* as git itself does */
	error = error ? fault_set(fault, error, "out of memory")
	              : durable_replace(aside, path, 0666, text, size, fault);
	free(text);
	return error;
}

/* Adds what the repository must know of their boundary. */
static int release_shallow(const struct quarantine *quarantine, const char *directory,
                           struct fault *fault)
{
	static const char *const all[] = {"rev-list", "--all", NULL};
	struct idmap reached = IDMAP(GIT_OID_RAWSZ);
	struct shallow theirs, ours = {0};
	git_repository *aside = NULL;
	git_odb *objects = NULL;
	char path[PATH_MAX + 2];
	int error;

	snprintf(path, sizeof(path), "%s/", quarantine->path);
	error = shallow_read(&theirs, path, fault);
	if (error || theirs.count == 0)
		return error;
	error = shallow_read(&ours, directory, fault);
	if (!error)
		error = gitchild_run(directory, all, NULL, take_reached, &reached, fault);
	if (!error &&
	    (git_repository_open_ext(&aside, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL) < 0 ||
	     git_repository_odb(&objects, aside) < 0))
		error = fault_set(fault, -EIO, "%s cannot be opened", path);
	if (!error && choose(&theirs, &ours, objects, &reached) > 0)
		error = write_shallow(directory, &ours, &theirs, fault);
	git_odb_free(objects);
	git_repository_free(aside);
	idmap_clear(&reached);
	shallow_clear(&ours);
	shallow_clear(&theirs);
	return error;
}

int quarantine_release_objects(struct quarantine *quarantine, const char *directory,
                               struct pack_keep *keep, struct fault *fault)
{
	char from[PATH_MAX + 32], folder[PATH_MAX];
	struct dirent *file;
	DIR *packs;
	int error = 0;

	snprintf(from, sizeof(from), "%s/objects/pack", quarantine->path);
	snprintf(folder, sizeof(folder), "%sobjects/pack", directory);
	packs = opendir(from);
	while (!error && packs && (file = readdir(packs))) {
		size_t length = strlen(file->d_name);

		if (length > 5 && !strcmp(file->d_name + length - 5, ".pack"))
			error = release_pack(quarantine, folder, file->d_name, keep, fault);
	}
	if (packs)
		closedir(packs);
	if (!error && (error = sync_path(folder)))
		fault_set(fault, error, "%s: %s", folder, strerror(-error));
	return error;
}

int quarantine_release(struct quarantine *quarantine, git_repository *repository,
                       struct pack_keep *keep, struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	git_odb *odb = NULL;
	int error = release_shallow(quarantine, directory, fault);

	if (!error)
		error = quarantine_release_objects(quarantine, directory, keep, fault);
	/* libgit2 would find them by itself, but slowly. */
	if (!error && git_repository_odb(&odb, repository) == 0) {
		git_odb_refresh(odb);
		git_odb_free(odb);
	}
	return error;
}

void quarantine_remove(struct quarantine *quarantine)
{
	if (quarantine->path[0]) {
		int error = folder_remove(quarantine->path);

		if (error)
			log_debug("%s: %s", quarantine->path, strerror(-error));
		remove_parents(quarantine);
	}
	if (quarantine->lock >= 0)
		close(quarantine->lock);
	*quarantine = (struct quarantine){.lock = -1};
}

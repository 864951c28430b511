// SPDX-License-Identifier: MIT
/*
 * References. libgit2 writes single ones under git's own lock files, with fsync. Nothing here
 * retries or waits: the caller decides when to try again.
 *
 * Many at once are in the file packed-refs: "<id> <name>" a line, sorted by name, "^<id>" behind an
 * annotated tag. It is written anew as git does it: while packed-refs.lock is held, which only one
 * process can make, packed-refs.new is filled and renamed.
 */
#include "store/refs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/heldlock.h"
#include "store/leftover.h"
#include "store/trouble.h"

#define REFLOG          "arpkeeper" /* libgit2 wants a text; reflogs are off (settings.c) */
#define HEADER          "# pack-refs with: peeled fully-peeled sorted \n"
#define READ_AT_ONCE    65536
#define LASTING_FOLDERS 3 /* refs/heads/merge, for example: others are removed when empty */

/* packed-refs with its lock held: no other process packs references meanwhile. */
struct packedrefs {
	char path[PATH_MAX], new[PATH_MAX];
	struct heldlock lock;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct ref_change *)a)->name, ((const struct ref_change *)b)->name);
}

/* Sorts by name, without moving what is of one name against each other, and keeps the last. */
static size_t sort(struct ref_change *change, size_t changes)
{
	size_t kept = 0;

	/* Few, and nearly sorted. */
	for (size_t i = 1; i < changes; i++) {
		struct ref_change moved = change[i];
		size_t at = i;

		for (; at > 0 && compare(&change[at - 1], &moved) > 0; at--)
			change[at] = change[at - 1];
		change[at] = moved;
	}
	for (size_t i = 0; i < changes; i++)
		if (i + 1 == changes || compare(&change[i], &change[i + 1]) != 0)
			change[kept++] = change[i];
	return kept;
}

/* The whole file, which has no NUL, malloc'ed; NULL: it is empty, or there is none. */
static int read_file(char **text, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	size_t room = 0;
	int error = 0;

	*text = NULL;
	if (!file)
		return errno == ENOENT ? 0
		                       : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (getdelim(text, &room, '\0', file) < 0) {
		if (!feof(file))
			error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
		free(*text);
		*text = NULL;
	}
	fclose(file);
	return error;
}

static void put(FILE *file, const struct ref_change *change)
{
	if (change->present)
		fprintf(file, "%s %s\n", git_oid_tostr_s(&change->id), change->name);
}

/* Where a line ends. */
static size_t line_length(const char *line)
{
	size_t length = strcspn(line, "\n");

	return length + (line[length] == '\n');
}

/* Both are sorted. References without a change are copied, line by line. */
static void merge(FILE *file, const char *line, const struct ref_change *change, size_t changes)
{
	size_t at = 0;

	fputs(HEADER, file);
	while (*line) {
		size_t length = line_length(line), name_length;
		const char *name = line + GIT_OID_HEXSZ + 1;
		int order = 1;

		if (*line == '#' || length < GIT_OID_HEXSZ + 2 || *line == '^') {
			/* A header, or a peeled id whose reference is gone. */
			line += length;
			continue;
		}
		name_length = strcspn(name, "\n");
		while (at < changes) {
			order = strncmp(change[at].name, name, name_length);
			if (order == 0)
				order = change[at].name[name_length] != '\0';
			if (order >= 0)
				break;
			put(file, &change[at++]);
			order = 1;
		}
		if (order == 0) {
			put(file, &change[at++]);
		} else {
			fwrite(line, 1, length, file);
			for (line += length; *line == '^'; line += length) {
				length = line_length(line);
				fwrite(line, 1, length, file);
			}
			continue;
		}
		line += length;
	}
	while (at < changes)
		put(file, &change[at++]);
}

/* -EBUSY: another process has it. */
static int packedrefs_lock(struct packedrefs *held, const char *git_directory, struct fault *fault)
{
	int error;

	snprintf(held->path, sizeof(held->path), "%spacked-refs", git_directory);
	snprintf(held->new, sizeof(held->new), "%spacked-refs.new", git_directory);
	error = heldlock_take(&held->lock, git_directory, "packed-refs.lock", fault);
	if (error == -EEXIST) {
		leftover_remove(git_directory, LEFTOVER_BUSY, time(NULL));
		error = heldlock_take(&held->lock, git_directory, "packed-refs.lock", fault);
	}
	return error == -EEXIST ? -EBUSY : error;
}

/* With the lock. What a dead git left there is not needed. */
static int place(const struct packedrefs *held, const char *text, size_t size)
{
	int file, error;

	unlink(held->new);
	file = open(held->new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (file < 0)
		return -errno;
	error = durable_write(file, text, size);
	if (!error)
		error = durable_place(file, held->new, held->path);
	close(file);
	if (error)
		unlink(held->new);
	return error;
}

/* Rewrites the file with the changes, sorted, one of a name, if it is another one then; what is
 * loose stays. Durable but for the folder. In any case the lock is given back. */
static int packedrefs_write(struct packedrefs *held, const struct ref_change *change,
                            size_t changes, struct fault *fault)
{
	char *old = NULL, *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);
	int error = stream ? read_file(&old, held->path, fault)
	                   : fault_set(fault, -ENOMEM, "out of memory");

	if (!error)
		merge(stream, old ? old : "", change, changes);
	if (stream && fclose(stream) != 0 && !error)
		error = fault_set(fault, -ENOMEM, "out of memory");
	/* A branch that was pushed a moment ago is loose, and removing it changes nothing here. */
	if (!error && (!old || strcmp(old, text) != 0)) {
		error = place(held, text, size);
		if (error)
			fault_set(fault, error, "%s: %s", held->path, strerror(-error));
	}
	free(old);
	free(text);
	heldlock_release(&held->lock);
	return error;
}

int packedrefs_change(const char *git_directory, struct ref_change *change, size_t changes,
                      struct fault *fault)
{
	struct packedrefs held = {.lock.file = -1};
	char path[PATH_MAX];
	int error = packedrefs_lock(&held, git_directory, fault);

	if (error)
		return error;
	changes = sort(change, changes);
	error = packedrefs_write(&held, change, changes, fault);
	if (!error)
		error = sync_folder(git_directory, fault);
	/* A loose file would be read instead. It goes after packed-refs is on the disk, and for
	 * good: after a power cut it would be the reference again. */
	for (size_t i = 0; i < changes && !error; i++) {
		snprintf(path, sizeof(path), "%s%s", git_directory, change[i].name);
		if (unlink(path) < 0)
			continue;
		*strrchr(path, '/') = '\0';
		error = sync_folder(path, fault);
	}
	return error;
}

int refs_read(git_oid *id, git_repository *repository, const char *name, struct fault *fault)
{
	int error = git_reference_name_to_id(id, repository, name);

	return error < 0 ? trouble_set(fault, error, "%s", name) : 0;
}

int refs_move(git_repository *repository, const char *name, const git_oid *before,
              const git_oid *after, struct fault *fault)
{
	git_reference *reference = NULL;
	int error = git_reference_create_matching(&reference, repository, name, after,
	                                          before != NULL, before, REFLOG);

	git_reference_free(reference);
	if (error == 0)
		return 0;
	error = trouble_set(fault, error, "%s", name);
	/* Gone, or unexpectedly there. */
	return error == -ENOENT || error == -EEXIST ? -ESTALE : error;
}

int refs_set(git_repository *repository, const char *name, const git_oid *after,
             struct fault *fault)
{
	git_reference *reference = NULL;
	int error = git_reference_create(&reference, repository, name, after, 1, REFLOG);

	git_reference_free(reference);
	return error < 0 ? trouble_set(fault, error, "%s", name) : 0;
}

/* The folders above a path below the repository's. A group that may push must be able to write in
 * them: they are as the folder above. */
static void make_folders(const char *git_directory, const char *name)
{
	struct stat above = {.st_mode = 0755};
	char path[PATH_MAX];

	for (const char *at = strchr(name, '/'); at; at = strchr(at + 1, '/')) {
		snprintf(path, sizeof(path), "%s%.*s", git_directory, (int)(at - name), name);
		if (mkdir(path, 0755) == 0)
			(void)chmod(path, above.st_mode & ~(mode_t)(S_ISVTX | S_IFMT));
		(void)stat(path, &above);
	}
}

/* git's own lock of one reference. -EBUSY: another process has it. */
static int lock_reference(struct heldlock *lock, const char *git_directory, const char *name,
                          struct fault *fault)
{
	char file[REF_NAME_MAX + sizeof(".lock")];
	int error;

	snprintf(file, sizeof(file), "%.*s.lock", REF_NAME_MAX - 1, name);
	make_folders(git_directory, name);
	error = heldlock_take(lock, git_directory, file, fault);
	return error == -EEXIST ? -EBUSY : error;
}

int refs_swap(git_repository *repository, const struct ref_change *moved, const git_oid *before,
              struct ref_change *change, size_t changes, struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	struct heldlock lock;
	git_oid now;
	int error = lock_reference(&lock, directory, moved->name, fault);

	if (error)
		return error;
	error = refs_read(&now, repository, moved->name, fault);
	/* An earlier attempt may have failed behind the rename. */
	if (error == -ENOENT ||
	    (!error && !git_oid_equal(&now, before) && !git_oid_equal(&now, &moved->id)))
		error = fault_set(fault, -ESTALE, "%s has moved", moved->name);
	if (!error)
		error = packedrefs_change(directory, change, changes, fault);
	heldlock_release(&lock);
	return error;
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
	struct packedrefs packed = {.lock.file = -1};
	struct heldlock lock;
	int error;

	if (strlen(name) >= REF_NAME_MAX)
		return fault_set(fault, -ENAMETOOLONG,
		                 "%s: the name is too long: delete the branch with git", name);
	error = lock_reference(&lock, directory, name, fault);
	if (error)
		return error;
	error = packedrefs_lock(&packed, directory, fault);
	if (!error) {
		error = remove_locked(repository, &packed, name, before, fault);
		heldlock_release(&packed.lock);
	}
	heldlock_release(&lock);
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

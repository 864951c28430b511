// SPDX-License-Identifier: MIT
/*
 * Many objects as one pack, made by libgit2's pack builder from an object database that is
 * only our memory. It decides nothing about which objects, and never reads the repository.
 *
 * The order that survives a crash, and `git gc --prune=now` beside us (FINDINGS): a .keep file,
 * the pack, the index, fsync of the folder; then references; then the .keep goes.
 */
#include "history/pack.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <git2/sys/odb_backend.h>
#include <git2/sys/repository.h>

#include "history/trouble.h"

#define INCOMING  "arpkeeper-incoming" /* in the repository: same file system, not read by git */
#define KEEP_TEXT "arpkeeper: not yet named by a reference\n"

struct memory_backend {
	git_odb_backend parent;
	const struct objects *pending;
};

static int memory_read(void **data, size_t *size, git_object_t *type, git_odb_backend *backend,
                       const git_oid *id)
{
	const struct objects *pending = ((struct memory_backend *)backend)->pending;
	const struct object *object = objects_find_pending(pending, id);

	if (!object)
		return GIT_ENOTFOUND;
	*data = git_odb_backend_data_alloc(backend, object->size + 1);
	if (!*data)
		return GIT_ERROR;
	memcpy(*data, object->data, object->size);
	*size = object->size;
	*type = object->type;
	return 0;
}

static int memory_read_header(size_t *size, git_object_t *type, git_odb_backend *backend,
                              const git_oid *id)
{
	const struct objects *pending = ((struct memory_backend *)backend)->pending;
	const struct object *object = objects_find_pending(pending, id);

	if (!object)
		return GIT_ENOTFOUND;
	*size = object->size;
	*type = object->type;
	return 0;
}

static int memory_exists(git_odb_backend *backend, const git_oid *id)
{
	return objects_find_pending(((struct memory_backend *)backend)->pending, id) != NULL;
}

static void memory_free(git_odb_backend *backend)
{
	free(backend);
}

/* A repository whose objects are those in memory. */
static int open_memory(git_repository **repository, const struct objects *pending)
{
	struct memory_backend *backend = calloc(1, sizeof(*backend));
	git_odb *odb = NULL;
	int error = -1;

	if (!backend) {
		git_error_set_oom();
		return error;
	}
	backend->pending = pending;
	git_odb_init_backend(&backend->parent, GIT_ODB_BACKEND_VERSION);
	backend->parent.read = memory_read;
	backend->parent.read_header = memory_read_header;
	backend->parent.exists = memory_exists;
	backend->parent.free = memory_free;
	error = git_odb_new(&odb);
	if (!error)
		error = git_odb_add_backend(odb, &backend->parent, 1);
	if (error) {
		free(backend);
		goto out;
	}
	error = git_repository_wrap_odb(repository, odb);
out:
	git_odb_free(odb);
	return error;
}

/* Looking for deltas takes ten times as long as all the rest, on the trees of a busy table; git's
 * upkeep finds better ones later. The builder can be told so only by a configuration file. */
static int configure_memory(git_repository *memory, const char *incoming, struct fault *fault)
{
	static const char text[] = "[core]\n\tbigFileThreshold = 1\n";
	char path[PATH_MAX + sizeof("/config")];
	git_config *config = NULL;
	FILE *file;
	int error;

	snprintf(path, sizeof(path), "%s/config", incoming);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	fputs(text, file);
	if (fclose(file) != 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	error = git_config_open_ondisk(&config, path);
	if (!error)
		error = git_repository_set_config(memory, config);
	git_config_free(config);
	return error < 0 ? trouble_set(fault, error, "%s", path) : 0;
}

static int add_keep(struct pack_keep *keep, const char *path, struct fault *fault)
{
	char **grown = realloc(keep->path, (keep->paths + 1) * sizeof(*grown));
	ssize_t written;
	int descriptor;

	if (!grown)
		return fault_set(fault, -ENOMEM, "out of memory");
	keep->path = grown;
	descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	written = write(descriptor, KEEP_TEXT, sizeof(KEEP_TEXT) - 1);
	close(descriptor);
	if (written != sizeof(KEEP_TEXT) - 1) {
		unlink(path);
		return fault_set(fault, -ENOSPC, "%s: cannot be written", path);
	}
	keep->path[keep->paths] = strdup(path);
	if (keep->path[keep->paths])
		keep->paths++;
	return 0;
}

static int sync_path(const char *path, struct fault *fault)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (descriptor < 0 || fsync(descriptor) < 0)
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

/* From the folder aside to where git looks: the index last, as it is what makes a pack seen. */
static int move_in(struct pack_keep *keep, const char *git_directory, const char *name,
                   struct fault *fault)
{
	static const char *const suffix[] = {"pack", "idx"};
	char from[PATH_MAX], to[PATH_MAX];
	int error;

	snprintf(to, sizeof(to), "%sobjects/pack/pack-%s.keep", git_directory, name);
	error = add_keep(keep, to, fault);
	for (int i = 0; i < 2 && !error; i++) {
		snprintf(from, sizeof(from), "%s" INCOMING "/pack-%s.%s", git_directory, name,
		         suffix[i]);
		snprintf(to, sizeof(to), "%sobjects/pack/pack-%s.%s", git_directory, name,
		         suffix[i]);
		error = sync_path(from, fault);
		if (!error && rename(from, to) < 0)
			error = fault_set(fault, -errno, "%s: %s", to, strerror(errno));
	}
	if (error)
		return error;
	snprintf(to, sizeof(to), "%sobjects/pack", git_directory);
	return sync_path(to, fault);
}

int pack_write(struct pack_keep *keep, const char *git_directory, const struct objects *pending,
               struct fault *fault)
{
	git_packbuilder *builder = NULL;
	git_repository *memory = NULL;
	char incoming[PATH_MAX];
	int error;

	snprintf(incoming, sizeof(incoming), "%s" INCOMING, git_directory);
	if (mkdir(incoming, 0777) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", incoming, strerror(errno));
	error = open_memory(&memory, pending);
	if (error < 0)
		return trouble_set(fault, error, "a pack cannot be written");
	error = configure_memory(memory, incoming, fault);
	if (error) {
		git_repository_free(memory);
		return error;
	}
	error = git_packbuilder_new(&builder, memory);
	for (size_t i = 0; i < objects_pending(pending) && !error; i++)
		error = git_packbuilder_insert(builder, &objects_at(pending, i)->id, NULL);
	if (!error)
		error = git_packbuilder_write(builder, incoming, 0444, NULL, NULL);
	if (error < 0) {
		error = trouble_set(fault, error, "a pack cannot be written");
		pack_clean(git_directory);
	} else {
		error = move_in(keep, git_directory, git_packbuilder_name(builder), fault);
	}
	git_packbuilder_free(builder);
	git_repository_free(memory);
	return error;
}

void pack_settle(struct pack_keep *keep)
{
	for (size_t i = 0; i < keep->paths; i++) {
		unlink(keep->path[i]);
		free(keep->path[i]);
	}
	free(keep->path);
	*keep = (struct pack_keep){0};
}

static bool is_our_keep(const char *path)
{
	char text[sizeof(KEEP_TEXT)] = "";
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = -1;

	if (descriptor >= 0) {
		length = read(descriptor, text, sizeof(text));
		close(descriptor);
	}
	return length == sizeof(KEEP_TEXT) - 1 && !memcmp(text, KEEP_TEXT, sizeof(KEEP_TEXT) - 1);
}

static void clean_folder(const char *folder, bool (*ours)(const char *path))
{
	DIR *directory = opendir(folder);
	struct dirent *file;
	char path[PATH_MAX];

	if (!directory)
		return;
	while ((file = readdir(directory))) {
		if (file->d_name[0] == '.')
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", folder, file->d_name) < PATH_MAX &&
		    (!ours || ours(path)))
			unlink(path);
	}
	closedir(directory);
}

void pack_clean(const char *git_directory)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s" INCOMING, git_directory);
	clean_folder(folder, NULL);
}

static bool ends_in_keep(const char *path)
{
	size_t length = strlen(path);

	return length > 5 && !strcmp(path + length - 5, ".keep") && is_our_keep(path);
}

void pack_clean_keeps(const char *git_directory)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	clean_folder(folder, ends_in_keep);
}

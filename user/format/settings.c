// SPDX-License-Identifier: MIT
/*
 * What the repository's configuration says: so that hooks and `check` know segments and the
 * control socket without an agent. Durable when it is in its place; keys that others set stay.
 */
#include "format/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define SEGMENT_KEYS "arpkeeper-segment."

static int set(git_config *config, const char *key, const char *value)
{
	git_buf present = GIT_BUF_INIT;
	int error = git_config_get_string_buf(&present, config, key);
	bool same = !error && !strcmp(present.ptr, value);

	git_buf_dispose(&present);
	return same ? 0 : git_config_set_string(config, key, value);
}

/* Unless the administrator has said something else. */
static int set_once(git_config *config, const char *key, const char *value)
{
	git_buf present = GIT_BUF_INIT;
	int error = git_config_get_string_buf(&present, config, key);

	git_buf_dispose(&present);
	return error == GIT_ENOTFOUND ? git_config_set_string(config, key, value) : error;
}

/* "key=value" lines of all segments' prefixes. malloc'ed. */
static char *wanted_prefixes(const struct history_options *options)
{
	char *text = NULL, prefix[PREFIX_TEXT];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < options->segments; i++)
		for (size_t j = 0; j < options->segment[i].prefixes; j++)
			fprintf(stream, "arpkeeper-segment.%s.prefix=%s\n",
			        options->segment[i].name,
			        prefix_format(prefix, options->segment[i].prefix[j]));
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int print_entry(const git_config_entry *entry, void *context)
{
	if (!strncmp(entry->name, SEGMENT_KEYS, sizeof(SEGMENT_KEYS) - 1))
		fprintf(context, "%s=%s\n", entry->name, entry->value ? entry->value : "");
	return 0;
}

static char *present_prefixes(git_config *config)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	int error;

	if (!stream)
		return NULL;
	error = git_config_foreach(config, print_entry, stream);
	if (fclose(stream) != 0 || error) {
		free(text);
		return NULL;
	}
	return text;
}

static int set_prefixes(git_config *config, const struct history_options *options)
{
	char *wanted = wanted_prefixes(options), *present = present_prefixes(config);
	char prefix[PREFIX_TEXT], key[64 + SEGMENT_NAME_MAX];
	int error = wanted && present ? 0 : GIT_ERROR;

	if (error || !strcmp(wanted, present))
		goto out;
	for (char *line = present, *end; *line && !error; line = end + 1) {
		end = line + strcspn(line, "\n");
		line[strcspn(line, "=")] = '\0';
		error = git_config_delete_multivar(config, line, ".*");
		/* A key with several values is gone with the first. */
		if (error == GIT_ENOTFOUND)
			error = 0;
	}
	for (size_t i = 0; i < options->segments && !error; i++) {
		snprintf(key, sizeof(key), "arpkeeper-segment.%s.prefix", options->segment[i].name);
		/* A pattern that no value matches: each is added. */
		for (size_t j = 0; j < options->segment[i].prefixes && !error; j++)
			error = git_config_set_multivar(
			        config, key, "^$",
			        prefix_format(prefix, options->segment[i].prefix[j]));
	}
out:
	free(wanted);
	free(present);
	return error;
}

/* What the configuration must say, written where it says something else. */
static int set_all(git_config *config, const char *directory, const struct history_options *options)
{
	struct stat status;
	char format[16];
	int error = set(config, "core.logAllRefUpdates", "true");

	snprintf(format, sizeof(format), "%d", SETTINGS_FORMAT);
	if (!error && stat(directory, &status) == 0 && status.st_gid != getegid())
		error = set(config, "core.sharedRepository", "group");
	/* main is never deleted by a push; and what is pushed must be whole. */
	if (!error)
		error = set(config, "receive.denyDeleteCurrent", "refuse");
	if (!error)
		error = set(config, "receive.fsckObjects", "true");
	/* Always as a pack, which git protects until the push's reference names it: loose objects
	 * are taken away by a `git gc --prune=now` at that moment, and the branch left without. */
	if (!error)
		error = set(config, "receive.unpackLimit", "1");
	/* What `git gc --auto` would do after a push, upkeep does at a tenth of the cost. */
	if (!error)
		error = set_once(config, "receive.autogc", "false");
	if (!error)
		error = set_once(config, "gc.auto", "0");
	if (!error && options->control)
		error = set(config, "arpkeeper.control", options->control);
	if (!error && options->instance)
		error = set(config, "arpkeeper.instance", options->instance);
	if (!error)
		error = set_prefixes(config, options);
	/* It says that the repository is ours. */
	if (!error)
		error = set(config, SETTINGS_FORMAT_KEY, format);
	return error;
}

/* Everything that is read from one is written to the other. */
static int copy(int from, int to)
{
	char block[4096];
	ssize_t length;

	while ((length = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)length) != length)
			return errno ? -errno : -ENOSPC;
	return length < 0 ? -errno : 0;
}

/* git's lock on the configuration, with what it says now in it. */
static int begin(const char *config, const char *lock)
{
	int from = open(config, O_RDONLY | O_CLOEXEC), to = -1, error = 0;
	struct stat status = {0};

	if (from < 0 || fstat(from, &status) < 0)
		error = -errno;
	if (!error) {
		to = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		error = to < 0 ? -errno : 0;
	}
	if (!error && fchmod(to, status.st_mode & 0777) < 0)
		error = -errno;
	if (!error)
		error = copy(from, to);
	if (error && to >= 0)
		unlink(lock);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return error;
}

/* Durable, then in its place. */
static int end(const char *directory, const char *config, const char *lock)
{
	const char *const path[] = {lock, directory};
	int error = 0;

	for (int i = 0; i < 2 && !error; i++) {
		int descriptor = open(path[i], O_RDONLY | O_CLOEXEC);

		if (descriptor < 0 || fsync(descriptor) < 0)
			error = -errno;
		if (descriptor >= 0)
			close(descriptor);
		if (i == 0 && !error && rename(lock, config) < 0)
			error = -errno;
	}
	return error;
}

/* libgit2 writes a file anew for every key, and syncs none: a power cut would leave a repository
 * without a configuration, which is none. So it writes into the lock file. */
int settings_write(git_repository *repository, const struct history_options *options,
                   struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	char path[PATH_MAX], lock[PATH_MAX];
	git_config *config = NULL;
	int error, result;

	snprintf(path, sizeof(path), "%sconfig", directory);
	snprintf(lock, sizeof(lock), "%sconfig.lock", directory);
	error = begin(path, lock);
	if (error == -EEXIST)
		return fault_set(fault, error,
		                 "%s is there: a git process is writing the configuration, or died "
		                 "doing so; if none is running, remove it",
		                 lock);
	if (error)
		return fault_set(fault, error, "%s cannot be written: %s", path, strerror(-error));
	result = git_config_open_ondisk(&config, lock);
	if (!result)
		result = set_all(config, directory, options);
	git_config_free(config);
	if (result < 0)
		error = trouble_set(fault, result, "%s cannot be written", path);
	else if ((error = end(directory, path, lock)))
		fault_set(fault, error, "%s cannot be written: %s", path, strerror(-error));
	if (error)
		unlink(lock);
	return error;
}

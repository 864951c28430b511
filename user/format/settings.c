/* SPDX-License-Identifier: MIT */
/* The repository's configuration: reads its segments, and writes it under git's own lock. It is
 * durable before it is in place. */
#include "format/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entry/entry.h"
#include "store/store.h"

#define SECTION    "arpkeeper-segment."
#define KEY        ".prefix"
#define GUARD_KEY  "arpkeeper.guard"
#define COPY_BYTES 4096

const char *const settings_sections[] = {"arpkeeper", "arpkeeper-segment", "fleet", NULL};

int segments_config(git_config **config, git_repository *repository)
{
	git_config *all = NULL;
	int error = git_repository_config(&all, repository);

	if (error == 0)
		error = git_config_open_level(config, all, GIT_CONFIG_LEVEL_LOCAL);
	git_config_free(all);
	return error;
}

uint32_t settings_guard(git_repository *repository)
{
	git_buf value = GIT_BUF_INIT;
	git_config *config = NULL;
	uint32_t guard;

	if (segments_config(&config, repository) < 0 ||
	    git_config_get_string_buf(&value, config, GUARD_KEY) < 0 ||
	    guard_parse(&guard, value.ptr) < 0)
		guard = GUARD_AUTO;
	git_buf_dispose(&value);
	git_config_free(config);
	return guard;
}

/* The segment called `name`; added when it is new. */
static struct segment *find(struct segment **segment, size_t *segments, const char *name)
{
	struct segment *larger;
	char *copy;

	for (size_t i = 0; i < *segments; i++)
		if (strcmp((*segment)[i].name, name) == 0)
			return &(*segment)[i];
	larger = realloc(*segment, (*segments + 1) * sizeof(*larger));
	if (!larger)
		return NULL;
	*segment = larger;
	copy = strdup(name);
	if (!copy)
		return NULL;
	larger[*segments] = (struct segment){.name = copy};
	return &larger[(*segments)++];
}

static int add(struct segment **segment, size_t *segments, const git_config_entry *entry,
               struct fault *fault)
{
	size_t length = strlen(entry->name) - strlen(SECTION) - strlen(KEY);
	char name[SEGMENT_NAME_MAX + 1];
	struct segment *found;
	struct prefix prefix;
	struct fault why;

	if (length > SEGMENT_NAME_MAX)
		return fault_set(fault, -EINVAL, "%s: the name of a segment has at most %d letters",
		                 entry->name, SEGMENT_NAME_MAX);
	memcpy(name, entry->name + strlen(SECTION), length);
	name[length] = '\0';
	if (!segment_name_is_valid(name))
		return fault_set(fault, -EINVAL, "%s: '%s' is not a segment's name", entry->name,
		                 name);
	if (prefix_parse(&prefix, entry->value ? entry->value : "", &why) < 0)
		return fault_set(fault, -EINVAL, "%s: %s", entry->name, why.text);
	found = find(segment, segments, name);
	if (!found || segment_add_prefix(found, prefix) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	return 0;
}

/* Whether a key is arpkeeper-segment.<name>.prefix. (Not by libgit2's own filter: its regular
 * expressions leak memory, 1.5 with PCRE2.) */
static bool is_ours(const char *key)
{
	size_t length = strlen(key);

	return length > strlen(SECTION) + strlen(KEY) &&
	       strncmp(key, SECTION, strlen(SECTION)) == 0 &&
	       strcmp(key + length - strlen(KEY), KEY) == 0;
}

int segments_read(struct segment **segment, size_t *segments, git_repository *repository,
                  struct fault *fault)
{
	git_config_iterator *iterator = NULL;
	git_config_entry *entry;
	git_config *config = NULL;
	int error = 0;

	*segment = NULL;
	*segments = 0;
	if (segments_config(&config, repository) < 0 ||
	    git_config_iterator_new(&iterator, config) < 0) {
		error = fault_set(fault, -EIO, "the repository's configuration cannot be read: %s",
		                  git_error_last()->message);
		goto out;
	}
	while (error == 0 && git_config_next(&entry, iterator) == 0)
		if (is_ours(entry->name))
			error = add(segment, segments, entry, fault);
out:
	git_config_iterator_free(iterator);
	git_config_free(config);
	if (error < 0) {
		segments_free(*segment, *segments);
		*segment = NULL;
		*segments = 0;
	}
	return error;
}

/* Whether a name is two numbers of an IPv4 address, like 10.0. */
static bool is_network4(const char *name)
{
	unsigned a, b;
	char end;

	return sscanf(name, "%3u.%3u%c", &a, &b, &end) == 2 && a < 256 && b < 256;
}

/* Whether a folder in another are those of an IPv6 address, like 2001-db8-0-7/1f. */
static bool is_place6(const char *outer, const char *inner)
{
	char text[ADDRESS_TEXT], path[ENTRY_PATH_MAX], folders[ENTRY_PATH_MAX];
	struct address address;

	if (strlen(outer) > strlen("ffff-ffff-ffff-ffff") || strlen(inner) != 2)
		return false;
	snprintf(text, sizeof(text), "%s::", strcmp(outer, "0") != 0 ? outer : "");
	for (char *at = text; *at; at++)
		*at = (char)(*at == '-' ? ':' : *at);
	if (address_parse(&address, text) < 0)
		return false;
	address.low = strtoul(inner, NULL, 16);
	snprintf(folders, sizeof(folders), "x/%s/%s/", outer, inner);
	return !strncmp(entry_path(path, "x", address), folders, strlen(folders));
}

/* By what is in it: other folders may have names of hexadecimal digits, too. */
static bool is_network6(git_repository *repository, const git_tree_entry *folder)
{
	git_tree *tree;
	bool found = false;

	if (git_tree_lookup(&tree, repository, git_tree_entry_id(folder)) < 0)
		return false;
	for (size_t i = 0; i < git_tree_entrycount(tree) && !found; i++) {
		const git_tree_entry *child = git_tree_entry_byindex(tree, i);

		found = git_tree_entry_type(child) == GIT_OBJECT_TREE &&
		        is_place6(git_tree_entry_name(folder), git_tree_entry_name(child));
	}
	git_tree_free(tree);
	return found;
}

/* Whether a folder holds folders that are called like a network. */
static bool looks_like_segment(git_repository *repository, const git_tree_entry *folder)
{
	git_tree *tree;
	bool found = false;

	if (git_tree_entry_type(folder) != GIT_OBJECT_TREE ||
	    !segment_name_is_valid(git_tree_entry_name(folder)) ||
	    git_tree_lookup(&tree, repository, git_tree_entry_id(folder)) < 0)
		return false;
	for (size_t i = 0; i < git_tree_entrycount(tree) && !found; i++) {
		const git_tree_entry *child = git_tree_entry_byindex(tree, i);

		found = git_tree_entry_type(child) == GIT_OBJECT_TREE &&
		        (is_network4(git_tree_entry_name(child)) || is_network6(repository, child));
	}
	git_tree_free(tree);
	return found;
}

int segments_guess(struct segment **segment, size_t *segments, git_repository *repository,
                   const git_tree *root, struct fault *fault)
{
	static const struct prefix everything4 = {ADDRESS_V4(0), 0}, everything6 = {{0, 0}, 0};

	*segment = NULL;
	*segments = 0;
	for (size_t i = 0; i < git_tree_entrycount(root); i++) {
		const git_tree_entry *folder = git_tree_entry_byindex(root, i);
		struct segment *found;

		if (!looks_like_segment(repository, folder))
			continue;
		found = find(segment, segments, git_tree_entry_name(folder));
		if (!found || segment_add_prefix(found, everything4) < 0 ||
		    segment_add_prefix(found, everything6) < 0) {
			segments_free(*segment, *segments);
			*segment = NULL;
			*segments = 0;
			return fault_set(fault, -ENOMEM, "out of memory");
		}
	}
	return 0;
}

/* With `once` the administrator's own value stays. */
static int set(git_config *config, const char *key, const char *value, bool once)
{
	git_buf present = GIT_BUF_INIT;
	int error = git_config_get_string_buf(&present, config, key);
	bool stays = !error && (once || !strcmp(present.ptr, value));

	git_buf_dispose(&present);
	return stays ? 0 : git_config_set_string(config, key, value);
}

/* "key=value" lines of all segments' prefixes; malloc'ed. */
static char *wanted_prefixes(const struct repository_settings *settings)
{
	char *text = NULL, prefix[PREFIX_TEXT];
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	for (size_t i = 0; i < settings->segments; i++)
		for (size_t j = 0; j < settings->segment[i].prefixes; j++)
			fprintf(stream, SECTION "%s" KEY "=%s\n", settings->segment[i].name,
			        prefix_format(prefix, settings->segment[i].prefix[j]));
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static int print_entry(const git_config_entry *entry, void *context)
{
	if (!strncmp(entry->name, SECTION, strlen(SECTION)))
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

static int set_prefixes(git_config *config, const struct repository_settings *settings)
{
	char *wanted = wanted_prefixes(settings), *present = present_prefixes(config);
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
	for (char *line = wanted, *end; *line && !error; line = end + 1) {
		char *value = line + strcspn(line, "=");

		end = line + strcspn(line, "\n");
		*value++ = *end = '\0';
		/* A pattern that no value matches: each is added. */
		error = git_config_set_multivar(config, line, "^$", value);
	}
out:
	free(wanted);
	free(present);
	return error;
}

/* Whether a group pushes into it: trust.h says what of it the group may write. */
static bool is_shared(const char *directory)
{
	char refs[PATH_MAX];
	struct stat status;

	snprintf(refs, sizeof(refs), "%.4000srefs", directory);
	return stat(refs, &status) == 0 && (status.st_mode & S_IWGRP);
}

static int set_all(git_config *config, const char *directory,
                   const struct repository_settings *settings)
{
	bool shared = is_shared(directory);
	char guard[GUARD_TEXT];
	const struct {
		const char *key, *value; /* NULL: not set */
		bool once;
	} wanted[] = {
	        /* As in any bare repository. `git fsck` lists the objects before it reads a log:
	         * what was written between is invalid to it. */
	        {"core.logAllRefUpdates", "false", false},
	        {"core.sharedRepository", shared ? "group" : NULL, false},
	        /* No push of a shallow clone adds a boundary, behind which history would be cut. */
	        {"receive.shallowUpdate", "false", false},
	        /* No push deletes main, and what is pushed must be complete. */
	        {"receive.denyDeleteCurrent", "refuse", false},
	        {"receive.fsckObjects", "true", false},
	        /* Always as a pack, which git protects until the push's reference names it. At that
	         * moment `git gc --prune=now` would remove loose objects, and leave the branch
	         * without them. */
	        {"receive.unpackLimit", "1", false},
	        /* Upkeep does the work of `git gc --auto`, at a tenth of the cost. */
	        {"receive.autogc", "false", true},
	        {"gc.auto", "0", true},
	        /* An index over several packs that git began before upkeep joined some would hide
	         * their objects, and `multi-pack-index expire` could remove the joined pack. */
	        {"core.multiPackIndex", "false", false},
	        /* A push confirms a mass change with `-o confirm=N`. */
	        {"receive.advertisePushOptions", "true", false},
	        {GUARD_KEY, guard_print(guard, settings->guard), false},
	        {"arpkeeper.control", settings->control, false},
	        {"arpkeeper.instance", settings->instance, false},
	        {SETTINGS_BOOT_KEY, settings->boot, true},
	};
	char format[16];
	int error = 0;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted) && !error; i++)
		if (wanted[i].value)
			error = set(config, wanted[i].key, wanted[i].value, wanted[i].once);
	if (!error)
		error = set_prefixes(config, settings);
	/* The last: it marks the repository as arpkeeper's. */
	snprintf(format, sizeof(format), "%d", SETTINGS_FORMAT);
	return error ? error : set(config, SETTINGS_FORMAT_KEY, format, false);
}

/* Takes git's lock on the configuration: a file that begins as a copy of it. */
static int begin(const char *config, const char *lock)
{
	int from = open(config, O_RDONLY | O_CLOEXEC), to = -1, error = 0;
	char bytes[COPY_BYTES];
	struct stat status = {0};
	ssize_t length;

	if (from < 0 || fstat(from, &status) < 0)
		error = -errno;
	if (!error) {
		to = open(lock, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		error = to < 0 ? -errno : 0;
	}
	if (!error && fchmod(to, status.st_mode & 0755) < 0)
		error = -errno;
	while (!error && (length = read(from, bytes, sizeof(bytes))) != 0)
		if (length < 0 || write(to, bytes, (size_t)length) != length)
			error = errno ? -errno : -EIO;
	if (error && to >= 0)
		unlink(lock);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	return error;
}

/* libgit2 rewrites the file for every key, and syncs none: a power cut would leave a repository
 * without a configuration, which git does not accept. So libgit2 edits the lock file. */
int settings_write(git_repository *repository, const struct repository_settings *settings,
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
		result = set_all(config, directory, settings);
	git_config_free(config);
	if (result < 0)
		error = trouble_set(fault, result, "%s cannot be written", path);
	else
		error = durable_move(lock, path, fault);
	if (error)
		unlink(lock);
	return error;
}

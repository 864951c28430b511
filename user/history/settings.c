// SPDX-License-Identifier: MIT
/*
 * What the repository's configuration says: so that hooks and `check` know segments and the
 * control socket without an agent. Written only where it differs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history/repository.h"
#include "history/trouble.h"

#define SEGMENT_KEYS "arpkeeper-segment."

static int set(git_config *config, const char *key, const char *value)
{
	git_buf present = GIT_BUF_INIT;
	int error = git_config_get_string_buf(&present, config, key);
	bool same = !error && !strcmp(present.ptr, value);

	git_buf_dispose(&present);
	return same ? 0 : git_config_set_string(config, key, value);
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

int settings_write(git_repository *repository, const struct history_options *options,
                   struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	git_config *all = NULL, *config = NULL;
	struct stat status;
	char format[16];
	int error = git_repository_config(&all, repository);

	/* Only what the repository itself says counts, and is written. */
	if (!error)
		error = git_config_open_level(&config, all, GIT_CONFIG_LEVEL_LOCAL);
	snprintf(format, sizeof(format), "%d", REPOSITORY_FORMAT);
	if (!error)
		error = set(config, "core.logAllRefUpdates", "true");
	if (!error && stat(directory, &status) == 0 && status.st_gid != getegid())
		error = set(config, "core.sharedRepository", "group");
	/* main is never deleted by a push; and what is pushed must be whole. */
	if (!error)
		error = set(config, "receive.denyDeleteCurrent", "refuse");
	if (!error)
		error = set(config, "receive.fsckObjects", "true");
	if (!error && options->control)
		error = set(config, "arpkeeper.control", options->control);
	if (!error && options->instance)
		error = set(config, "arpkeeper.instance", options->instance);
	if (!error)
		error = set_prefixes(config, options);
	/* Last: it says that the repository is ours. */
	if (!error)
		error = set(config, "arpkeeper.format", format);
	git_config_free(config);
	git_config_free(all);
	return error < 0 ? trouble_set(fault, error, "%sconfig cannot be written", directory) : 0;
}

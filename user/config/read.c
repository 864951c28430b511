/* SPDX-License-Identifier: MIT */
/*
 * Reads the configuration file: libgit2 parses it, keys.c sets the values, scan.c knows the lines.
 * A fault begins with `file:line: `. Never reads other files that this one names.
 */
#include "config/read.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/scan.h"
#include "config/values.h"

#define FILE_MAX (1 << 20)

/* What is being read. */
struct source {
	const char *path;
	struct scan scan;
	size_t next; /* the first item that libgit2 has not reached */
};

static int fault_at(struct fault *fault, int error, const char *path, unsigned line,
                    const char *reason)
{
	if (!line)
		return fault_set(fault, error, "%s: %s", path, reason);
	return fault_set(fault, error, "%s:%u: %s", path, line, reason);
}

/* Reads the whole file, which ends in a NUL then. The caller's to free. */
static int load_text(char **text, const char *path, struct fault *fault)
{
	FILE *file = fopen(path, "re");
	char *buffer = file ? malloc(FILE_MAX + 1) : NULL;
	size_t length = buffer ? fread(buffer, 1, FILE_MAX + 1, file) : 0;
	int error = 0;

	if (!buffer || ferror(file))
		error = fault_set(fault, -errno, "%s: cannot be read: %s", path, strerror(errno));
	else if (length > FILE_MAX)
		error = fault_set(fault, -EFBIG, "%s: larger than %d bytes: not a configuration",
		                  path, FILE_MAX);
	else if (memchr(buffer, '\0', length))
		error = fault_set(fault, -EINVAL, "%s: contains a NUL byte: not a configuration",
		                  path);
	else
		buffer[length] = '\0';
	if (file)
		fclose(file);
	if (error)
		free(buffer);
	else
		*text = buffer;
	return error;
}

/* libgit2 says "failed to parse config file: REASON (in PATH:LINE, column N)". */
static int syntax_fault(const struct source *source, struct fault *fault)
{
	static const char prefix[] = "failed to parse config file: ", in[] = " (in ";
	const git_error *last = git_error_last();
	const char *message = last ? last->message : "not a valid git-config file";
	const char *where = strstr(message, in);
	const char *reason = message;
	char text[FAULT_TEXT];
	unsigned line = 0;

	if (!strncmp(message, prefix, sizeof(prefix) - 1))
		reason += sizeof(prefix) - 1;
	if (where && !strncmp(where + sizeof(in) - 1, source->path, strlen(source->path)) &&
	    sscanf(where + sizeof(in) - 1 + strlen(source->path), ":%u", &line) == 1)
		snprintf(text, sizeof(text), "%.*s", (int)(where - reason), reason);
	else
		snprintf(text, sizeof(text), "%s", reason);
	return fault_at(fault, -EINVAL, source->path, line, text);
}

/* The segment called `name`; added if missing. */
static struct config_segment *find_segment(struct config *config, const char *name,
                                           struct fault *fault)
{
	int index = config_find_segment(config, name);

	return index < 0 ? config_add_segment(config, name, fault) : &config->segment[index];
}

/* libgit2 would follow an include while it parses, so this comes first. */
static int refuse_include(struct config *config, const char *name, struct fault *fault)
{
	size_t length = strcspn(name, ".");

	(void)config;
	if ((length != strlen("include") || strncmp(name, "include", length) != 0) &&
	    (length != strlen("includeif") || strncmp(name, "includeif", length) != 0))
		return 0;
	return fault_set(
	        fault, -EINVAL,
	        "unknown section 'include': other files are not included; write everything "
	        "into this one");
}

/* An empty section counts: a bare [segment "lan"] is a segment with every default. */
static int read_header(struct config *config, const char *name, struct fault *fault)
{
	size_t length = strcspn(name, ".");
	bool named = name[length] == '.';
	char section[16];

	snprintf(section, sizeof(section), "%.*s", (int)(length < 16 ? length : 15), name);
	if (!keys_has_section(section) || strlen(section) != length)
		return fault_set(fault, -EINVAL,
		                 "unknown section '%.60s'; there are history, agent and segment",
		                 name);
	if (strcmp(section, "segment") != 0)
		return named ? fault_set(fault, -EINVAL, "section '%s' takes no name: write [%s]",
		                         section, section)
		             : 0;
	if (!named)
		return fault_set(fault, -EINVAL, "a segment needs a name: write [segment \"lan\"]");
	return find_segment(config, name + length + 1, fault) ? 0 : -EINVAL;
}

static int for_each_header(struct config *config, const struct source *source,
                           int (*handle)(struct config *, const char *, struct fault *),
                           struct fault *fault)
{
	struct fault reason = {""};

	for (size_t i = 0; i < source->scan.items; i++) {
		const struct scan_item *item = &source->scan.item[i];

		if (item->header && handle(config, item->name, &reason) < 0)
			return fault_at(fault, -EINVAL, source->path, item->line, reason.text);
	}
	return 0;
}

/* libgit2 and the scan walk the file in the same order: the next item of that name is the one. */
static unsigned find_line(struct source *source, const char *name)
{
	for (size_t i = source->next; i < source->scan.items; i++) {
		const struct scan_item *item = &source->scan.item[i];

		if (!item->header && !strcmp(item->name, name)) {
			source->next = i + 1;
			return item->line;
		}
	}
	return 0;
}

/* One variable, `section.key` or `segment.NAME.key`. */
static int read_variable(struct config *config, const char *name, const char *value,
                         struct fault *fault)
{
	const char *first = strchr(name, '.'), *last = strrchr(name, '.');
	struct config_segment *segment = NULL;
	char section[16], title[128]; /* what is cut is not valid either */
	bool is_segment;
	int error;

	if (!first)
		return fault_set(fault, -EINVAL, "a variable outside every section");
	snprintf(section, sizeof(section), "%.*s", (int)(first - name), name);
	is_segment = !strcmp(section, "segment");
	/* The scan has checked the headers, but may disagree with libgit2. */
	if (is_segment != (first < last))
		return fault_set(fault, -EINVAL, "unknown section of '%.80s'", name);
	if (is_segment) {
		snprintf(title, sizeof(title), "%.*s", (int)(last - first - 1), first + 1);
		segment = find_segment(config, title, fault);
		if (!segment)
			return -EINVAL;
	}
	error = keys_set(config, segment, section, last + 1, value, fault);
	if (!error && !strcmp(last, ".prefix"))
		error = config_check_prefixes(config, fault);
	return error;
}

static int read_variables(struct config *config, struct source *source, git_config *file,
                          struct fault *fault)
{
	git_config_iterator *iterator = NULL;
	struct fault reason = {""};
	git_config_entry *entry;
	int error = 0, status;

	if (git_config_iterator_new(&iterator, file) < 0)
		return syntax_fault(source, fault);
	while ((status = git_config_next(&entry, iterator)) == 0) {
		unsigned line = find_line(source, entry->name);

		error = read_variable(config, entry->name, entry->value, &reason);
		if (error) {
			fault_at(fault, error, source->path, line, reason.text);
			break;
		}
	}
	if (!error && status != GIT_ITEROVER)
		error = syntax_fault(source, fault);
	git_config_iterator_free(iterator);
	return error;
}

static int check_ports(const struct config *config, const struct source *source,
                       struct fault *fault)
{
	struct config_port culprit;
	struct fault reason = {""};
	char name[sizeof("segment..interface") + SEGMENT_NAME_MAX];
	int error = config_check_ports(config, &culprit, &reason);

	if (!error)
		return 0;
	snprintf(name, sizeof(name), "segment.%s.interface", config->segment[culprit.segment].name);
	return fault_at(fault, error, source->path,
	                scan_line(&source->scan, name, culprit.interface), reason.text);
}

int config_read(struct config *config, const char *path, struct fault *fault)
{
	struct source source = {.path = path};
	git_config *file = NULL;
	char *text = NULL;
	int error;

	if (libgit2_start() < 0)
		return fault_set(fault, -ENOMEM, "%s: libgit2 cannot be started", path);
	error = load_text(&text, path, fault);
	if (error)
		goto out;
	error = scan_read(&source.scan, text);
	if (error) {
		fault_set(fault, error, "%s: out of memory", path);
		goto out;
	}
	error = for_each_header(config, &source, refuse_include, fault);
	if (error)
		goto out;
	if (git_config_open_ondisk(&file, path) < 0) {
		error = syntax_fault(&source, fault);
		goto out;
	}
	/* git refuses this; libgit2 1.5 ignores it. */
	if (source.scan.unclosed) {
		error = fault_at(fault, -EINVAL, path, source.scan.unclosed,
		                 "a quote (\") is not closed");
		goto out;
	}
	error = for_each_header(config, &source, read_header, fault);
	if (!error)
		error = read_variables(config, &source, file, fault);
	if (!error)
		error = check_ports(config, &source, fault);
out:
	git_config_free(file);
	scan_clear(&source.scan);
	free(text);
	git_libgit2_shutdown();
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * Reads the configuration file: parse.c parses it, keys.c sets the values. It goes on after a
 * mistake, so that all of them are found in one run.
 */
#include "config/read.h"

#include <errno.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "config/parse.h"
#include "config/remote.h"
#include "config/values.h"

/* The segment called `name`; added if missing. */
static struct config_segment *find_segment(struct config *config, const char *name,
                                           struct fault *fault)
{
	int index = config_find_segment(config, name);

	return index < 0 ? config_add_segment(config, name, fault) : &config->segment[index];
}

static struct config_remote *find_remote(struct config *config, const char *name,
                                         struct fault *fault)
{
	int index = config_find_remote(config, name);

	return index < 0 ? config_add_remote(config, name, fault) : &config->remote[index];
}

/* The segment or remote that a named section stands for; NULL: neither, or a fault. */
static void *find_part(struct config *config, const char *section, const char *name,
                       struct fault *fault)
{
	if (!strcmp(section, "segment"))
		return find_segment(config, name, fault);
	return !strcmp(section, "remote") ? find_remote(config, name, fault) : NULL;
}

static bool is_named(const char *section)
{
	return !strcmp(section, "segment") || !strcmp(section, "remote");
}

/* An empty section counts: a bare [segment "lan"] is a segment with every default. */
static int read_header(struct config *config, const char *name, struct fault *fault)
{
	size_t length = strcspn(name, ".");
	bool named = name[length] == '.';
	char section[16];

	snprintf(section, sizeof(section), "%.*s", (int)(length < 16 ? length : 15), name);
	if (!keys_has_section(section) || strlen(section) != length)
		return fault_set(
		        fault, -EINVAL,
		        "unknown section '%.60s'; there are history, agent, web, fleet, remote "
		        "and segment",
		        name);
	if (!is_named(section))
		return named ? fault_set(fault, -EINVAL, "section '%s' takes no name: write [%s]",
		                         section, section)
		             : 0;
	if (!named)
		return fault_set(fault, -EINVAL, "a %s needs a name: write [%s \"%s\"]", section,
		                 section, strcmp(section, "remote") != 0 ? "lan" : "hub");
	return find_part(config, section, name + length + 1, fault) ? 0 : -EINVAL;
}

/* The variables of a section that is refused have no place, and are no problems of their own. */
static void read_headers(struct config *config, struct source *source)
{
	struct fault reason = {""};
	bool bad = false;

	for (size_t i = 0; i < source->scan.items; i++) {
		struct scan_item *item = &source->scan.item[i];

		if (item->header) {
			bad = read_header(config, item->name, &reason) < 0;
			if (bad)
				problems_add(source->problems, item->line, -EINVAL, reason.text);
		}
		item->bad = bad;
	}
}

/* The segment's last prefix, after those so far. One that is refused goes. */
static int check_prefix(const struct config *config, struct layout *layout,
                        struct config_segment *segment, struct fault *fault)
{
	struct fault reason;
	int error = layout_add(layout, (unsigned)(segment - config->segment),
	                       segment->prefix[segment->prefixes - 1], &reason);

	if (!error)
		return 0;
	segment->prefixes--;
	return fault_set(fault, error, "segment '%s': %s", segment->name, reason.text);
}

/* One variable, `section.key`, `segment.NAME.key` or `remote.NAME.key`. */
static int read_variable(struct config *config, struct layout *layout, const char *name,
                         const char *value, struct fault *fault)
{
	const char *first = strchr(name, '.'), *last = strrchr(name, '.');
	char section[16], title[128]; /* what is cut is not valid either */
	void *part = NULL;
	int error;

	if (!first)
		return fault_set(fault, -EINVAL, "a variable outside every section");
	snprintf(section, sizeof(section), "%.*s", (int)(first - name), name);
	/* The scan has checked the headers, but may disagree with libgit2. */
	if (is_named(section) != (first < last))
		return fault_set(fault, -EINVAL, "unknown section of '%.80s'", name);
	if (first < last) {
		snprintf(title, sizeof(title), "%.*s", (int)(last - first - 1), first + 1);
		part = find_part(config, section, title, fault);
		if (!part)
			return -EINVAL;
	}
	error = keys_set(config, part, section, last + 1, value, fault);
	return !error && part && !strcmp(section, "segment") && !strcmp(last, ".prefix")
	               ? check_prefix(config, layout, part, fault)
	               : error;
}

static void read_variables(struct config *config, struct source *source, git_config *file)
{
	git_config_iterator *iterator = NULL;
	struct fault reason = {""};
	struct layout layout = {0};
	git_config_entry *entry;
	int error, status = git_config_iterator_new(&iterator, file);

	while (status == 0 && (status = git_config_next(&entry, iterator)) == 0) {
		const struct scan_item *item = parse_next(source, entry->name);

		if (item && (item->bad || item->unclosed))
			continue;
		error = read_variable(config, &layout, entry->name, entry->value, &reason);
		if (error)
			problems_add(source->problems, item ? item->line : 0, error, reason.text);
	}
	if (status != GIT_ITEROVER)
		problems_add(source->problems, 0, -EINVAL, "libgit2 cannot read all of it");
	error = layout_add_sparse(&layout, config->neighbours6, &reason);
	if (error)
		problems_add(source->problems, scan_line(&source->scan, "agent.neighbours6", 0),
		             error, reason.text);
	git_config_iterator_free(iterator);
	layout_clear(&layout);
}

static void drop_interface(struct config_segment *segment, size_t index)
{
	free(segment->interface[index]);
	memmove(&segment->interface[index], &segment->interface[index + 1],
	        (--segment->interfaces - index) * sizeof(*segment->interface));
}

/* Each is switched off, so that the next one is found. A prefix that was refused is not missing. */
static void check_guards(struct config *config, struct source *source)
{
	struct fault reason = {""};
	const size_t before = source->problems->count;
	size_t culprit;
	int error;

	while ((error = config_check_guards(config, &culprit, &reason)) != 0) {
		struct config_segment *segment = &config->segment[culprit];
		char name[sizeof("segment..ra-guard") + SEGMENT_NAME_MAX];

		snprintf(name, sizeof(name), "segment.%s.ra-guard", segment->name);
		if (!before)
			problems_add(source->problems, scan_line(&source->scan, name, 0), error,
			             reason.text);
		segment->ra_guard = false;
	}
}

/* Each interface that is refused is dropped, so that the next one is found. */
static void check_ports(struct config *config, struct source *source)
{
	struct config_port culprit, last = {0};
	struct fault reason = {""};
	size_t dropped = 0; /* of this segment: culprits come in the order of segments */
	int error;

	while ((error = config_check_ports(config, &culprit, &reason)) != 0) {
		struct config_segment *segment = &config->segment[culprit.segment];
		char name[sizeof("segment..interface") + SEGMENT_NAME_MAX];

		dropped = culprit.segment == last.segment ? dropped : 0;
		snprintf(name, sizeof(name), "segment.%s.interface", segment->name);
		problems_add(source->problems,
		             scan_line(&source->scan, name, culprit.interface + dropped), error,
		             reason.text);
		drop_interface(segment, culprit.interface);
		dropped++;
		last = culprit;
	}
}

/* At the header of the first part that lacks something. An url that was refused is not missing. */
static void check_fleet(const struct config *config, struct source *source)
{
	char section[CONFIG_SECTION], url[CONFIG_SECTION + sizeof(".url")];
	struct fault reason = {""};
	int error = config_check_fleet(config, section, &reason);
	unsigned line = 0;

	if (!error)
		return;
	snprintf(url, sizeof(url), "%s.url", section);
	if (source->problems->count > 0 && scan_line(&source->scan, url, 0))
		return;
	for (size_t i = 0; !line && i < source->scan.items; i++)
		if (source->scan.item[i].header && !strcmp(source->scan.item[i].name, section))
			line = source->scan.item[i].line;
	problems_add(source->problems, line, error, reason.text);
}

int config_read_all(struct config *config, const char *path, struct config_problems *problems)
{
	struct source source = {.path = path, .problems = problems};
	git_config *file = NULL;
	int error;

	if (libgit2_start() < 0)
		return -ENOMEM;
	error = parse_open(&source, &file);
	if (!error && file) {
		read_headers(config, &source);
		read_variables(config, &source, file);
		check_guards(config, &source);
		check_ports(config, &source);
		check_fleet(config, &source);
	}
	parse_close(&source, file);
	git_libgit2_shutdown();
	return error ? error : problems->lost;
}

int config_read(struct config *config, const char *path, struct config_problems *problems,
                struct fault *fault)
{
	struct config_problems own = {0}, *found = problems ? problems : &own;
	int error = config_read_all(config, path, found);

	if (error)
		fault_set(fault, error, "%s: out of memory", path);
	else if (found->items > 0)
		error = problem_fault(found->item, path, fault);
	problems_clear(&own);
	return error;
}

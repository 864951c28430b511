/* SPDX-License-Identifier: MIT */
/* Reads the segments of a repository. Never writes. */
#include "format/segments.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"

#define SECTION "arpkeeper-segment."
#define KEY     ".prefix"

int segments_config(git_config **config, git_repository *repository)
{
	git_config *all = NULL;
	int error = git_repository_config(&all, repository);

	if (error == 0)
		error = git_config_open_level(config, all, GIT_CONFIG_LEVEL_LOCAL);
	git_config_free(all);
	return error;
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

static int add_prefix(struct segment *segment, struct prefix prefix)
{
	struct prefix *larger = realloc((struct prefix *)segment->prefix,
	                                (segment->prefixes + 1) * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	larger[segment->prefixes++] = prefix;
	segment->prefix = larger;
	return 0;
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
	if (!found || add_prefix(found, prefix) < 0)
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

/* Whether a folder holds folders that are called like 10.0. */
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
		unsigned a, b;
		char end;

		found = git_tree_entry_type(child) == GIT_OBJECT_TREE &&
		        sscanf(git_tree_entry_name(child), "%3u.%3u%c", &a, &b, &end) == 2 &&
		        a < 256 && b < 256;
	}
	git_tree_free(tree);
	return found;
}

int segments_guess(struct segment **segment, size_t *segments, git_repository *repository,
                   const git_tree *root, struct fault *fault)
{
	static const struct prefix everything = {0};

	*segment = NULL;
	*segments = 0;
	for (size_t i = 0; i < git_tree_entrycount(root); i++) {
		const git_tree_entry *folder = git_tree_entry_byindex(root, i);
		struct segment *found;

		if (!looks_like_segment(repository, folder))
			continue;
		found = find(segment, segments, git_tree_entry_name(folder));
		if (!found || add_prefix(found, everything) < 0) {
			segments_free(*segment, *segments);
			*segment = NULL;
			*segments = 0;
			return fault_set(fault, -ENOMEM, "out of memory");
		}
	}
	return 0;
}

struct segment *segments_copy(const struct segment *segment, size_t segments)
{
	struct segment *copy = calloc(segments + 1, sizeof(*copy));
	bool failed = !copy;

	for (size_t i = 0; i < segments && !failed; i++) {
		copy[i].name = strdup(segment[i].name);
		failed = !copy[i].name;
		for (size_t j = 0; j < segment[i].prefixes && !failed; j++)
			failed = add_prefix(&copy[i], segment[i].prefix[j]) < 0;
	}
	if (!failed)
		return copy;
	segments_free(copy, copy ? segments : 0);
	return NULL;
}

void segments_free(struct segment *segment, size_t segments)
{
	for (size_t i = 0; i < segments; i++) {
		free((char *)segment[i].name);
		free((struct prefix *)segment[i].prefix);
	}
	free(segment);
}

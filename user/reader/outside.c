/* SPDX-License-Identifier: MIT */
#include "reader/outside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "reader/network.h"
#include "reader/state.h"

#define LEVELS    3 /* a.b, a.b.c, a.b.c.d; or a network, a last byte, an address */
#define PATH_ROOM 512

struct search {
	const struct reader *reader;
	const struct segment *segment; /* that the folder belongs to; NULL: not a configured one */
	bool contents;
	int (*handle)(void *context, const struct reader_entry *entry);
	void *context;
	struct fault *fault;
};

/* The addresses below a folder "a.b" or "a.b.c". */
static bool folder_v4(struct prefix *prefix, const char *name, unsigned level)
{
	unsigned a, b, c = 0;
	int used = 0;

	if ((level == 1 && sscanf(name, "%3u.%3u%n", &a, &b, &used) != 2) ||
	    (level == 2 && sscanf(name, "%3u.%3u.%3u%n", &a, &b, &c, &used) != 3) || name[used] ||
	    a > 255 || b > 255 || c > 255)
		return false;
	*prefix = (struct prefix){address_v4(a << 24 | b << 16 | c << 8), (uint8_t)(8 + 8 * level)};
	return true;
}

/* The addresses below a folder like "2001-db8-0-7"; below one of a last byte, they are any. */
static bool folder_v6(struct prefix *prefix, const char *name, unsigned level)
{
	*prefix = (struct prefix){.length = level == 1 ? 64 : 0};
	if (level == 1)
		return network_parse(&prefix->network, name) == 0;
	return strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

/* False: not such a folder. */
static bool folder_prefix(struct prefix *prefix, const char *name, unsigned level)
{
	return strchr(name, '.') ? folder_v4(prefix, name, level) : folder_v6(prefix, name, level);
}

static bool is_covered(const struct segment *segment, struct prefix prefix)
{
	for (size_t i = 0; segment && i < segment->prefixes; i++)
		if (prefix_covers(segment->prefix[i], prefix))
			return true;
	return false;
}

/* The prefix that has an address only. */
static struct prefix alone(struct address address)
{
	return prefix_around(address, (uint8_t)address_bits(address));
}

static int hand_over(const struct search *search, const git_tree_entry *file, const char *path)
{
	char segment[SEGMENT_NAME_MAX + 1];
	struct reader_entry found = {.segment = segment};
	struct entry *entry = NULL;
	struct fault why;
	int error = 0;

	if (entry_path_parse(segment, &found.address, path, &why) < 0 ||
	    is_covered(search->segment, alone(found.address)))
		return 0;
	if (search->contents)
		error = validate_blob(&entry, search->reader->repository, git_tree_entry_id(file),
		                      &why);
	if (error && error != -EINVAL)
		return fault_set(search->fault, error, "repository %s: %s", search->reader->path,
		                 why.text);
	found.entry = entry;
	error = search->handle(search->context, &found);
	entry_free(entry);
	return error;
}

static int search_folder(const struct search *search, const git_oid *id, const char *path,
                         unsigned level)
{
	git_tree *tree = NULL;
	int error = 0;

	if (git_tree_lookup(&tree, search->reader->repository, id) < 0)
		return reader_git_fault(search->fault, search->reader);
	for (size_t i = 0; !error && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);
		const char *name = git_tree_entry_name(entry);
		bool folder = git_tree_entry_type(entry) == GIT_OBJECT_TREE;
		struct prefix prefix;
		char below[PATH_ROOM];

		snprintf(below, sizeof(below), "%s/%s", path, name);
		if (level == LEVELS && !folder)
			error = hand_over(search, entry, below);
		else if (level < LEVELS && folder && folder_prefix(&prefix, name, level) &&
		         !is_covered(search->segment, prefix))
			error = search_folder(search, git_tree_entry_id(entry), below, level + 1);
	}
	git_tree_free(tree);
	return error;
}

static const struct segment *find(const struct segment *segment, size_t segments, const char *name)
{
	for (size_t i = 0; i < segments; i++)
		if (strcmp(segment[i].name, name) == 0)
			return &segment[i];
	return NULL;
}

int reader_outside(struct reader *reader, bool contents,
                   int (*handle)(void *context, const struct reader_entry *entry), void *context,
                   struct fault *fault)
{
	struct search search = {.reader = reader,
	                        .contents = contents,
	                        .handle = handle,
	                        .context = context,
	                        .fault = fault};
	struct segment *segment = NULL;
	size_t segments = 0;
	git_tree *root = NULL;
	int error = reader_root(&root, &segment, &segments, reader, fault);

	for (size_t i = 0; !error && i < git_tree_entrycount(root); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(root, i);
		const char *name = git_tree_entry_name(entry);

		if (git_tree_entry_type(entry) != GIT_OBJECT_TREE)
			continue;
		search.segment = find(segment, segments, name);
		error = search_folder(&search, git_tree_entry_id(entry), name, 1);
	}
	segments_free(segment, segments);
	git_tree_free(root);
	return error;
}

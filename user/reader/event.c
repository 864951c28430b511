/* SPDX-License-Identifier: MIT */
/*
 * What one commit did to addresses, read from its trees. Each transition is told once, from the
 * commit that made it. A merge commit tells only what it decided itself: where it differs from all
 * of its parents.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/validate.h"
#include "reader/internal.h"
#include "store/store.h"

#define PARENTS_MAX 16 /* an octopus with more arms than that is nobody's work */
#define LEVELS      4  /* <segment>/<a.b>/<a.b.c>/<a.b.c.d> */

struct walk {
	struct reader *reader;
	const struct reader_query *query;
	struct reader_events *events;

	/* of the commit at hand */
	git_commit *commit;
	bool begins;
	git_oid parent[PARENTS_MAX]; /* their trees */
	unsigned parents;
	git_message_trailer_array trailers;
	bool trailers_read;
};

static const char *trailer(struct walk *walk, const char *key)
{
	if (!walk->trailers_read) {
		if (git_message_trailers(&walk->trailers, git_commit_message(walk->commit)) < 0)
			walk->trailers = (git_message_trailer_array){0};
		walk->trailers_read = true;
	}
	for (size_t i = 0; i < walk->trailers.count; i++)
		if (strcmp(walk->trailers.trailers[i].key, key) == 0)
			return walk->trailers.trailers[i].value;
	return "";
}

/* The file at `path` in a tree: false when there is none. */
static bool file_of(git_oid *id, struct walk *walk, const git_oid *tree_id, const char *path)
{
	git_tree_entry *entry = NULL;
	git_tree *tree = NULL;
	bool found = git_tree_lookup(&tree, walk->reader->repository, tree_id) == 0 &&
	             git_tree_entry_bypath(&entry, tree, path) == 0 &&
	             git_tree_entry_type(entry) == GIT_OBJECT_BLOB;

	if (found)
		git_oid_cpy(id, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return found;
}

/* Whether one of the other parents has the file just so: then it was told from there. */
static bool is_inherited(struct walk *walk, const struct tree_difference *difference)
{
	for (unsigned i = 1; i < walk->parents; i++) {
		git_oid id;
		bool there = file_of(&id, walk, &walk->parent[i], difference->path);

		if (there == (difference->after != NULL) &&
		    (!there || git_oid_equal(&id, difference->after)))
			return true;
	}
	return false;
}

/* -EINVAL when what is there is no entry: it never reached a table. */
static int read_side(struct entry **entry, struct walk *walk, const git_oid *id,
                     git_filemode_t mode)
{
	*entry = NULL;
	if (!id)
		return 0;
	if (mode != GIT_FILEMODE_BLOB)
		return -EINVAL;
	return validate_blob(entry, walk->reader->repository, id, &walk->events->reason);
}

static bool is_wanted(const struct walk *walk, const struct entry *before,
                      const struct entry *after)
{
	const struct mac *mac = walk->query->mac;

	if (entry_equal(before, after))
		return false;
	return !mac || (before && mac_equal(before->mac, *mac)) ||
	       (after && mac_equal(after->mac, *mac));
}

static void tell(struct walk *walk, const char *segment, uint32_t address,
                 const struct entry *before, const struct entry *after)
{
	const char *summary = git_commit_summary(walk->commit);
	struct reader_event event = {
	        .time = git_commit_time(walk->commit),
	        .segment = segment,
	        .address = address,
	        .before = before,
	        .after = after,
	        .begins = walk->begins,
	        .task = trailer(walk, "Task"),
	        .interface = trailer(walk, "Interface"),
	        .trigger = trailer(walk, "Trigger"),
	        .author = git_commit_author(walk->commit)->name,
	        .subject = summary ? summary : "",
	};

	git_oid_tostr(event.commit, sizeof(event.commit), git_commit_id(walk->commit));
	walk->events->stop = walk->events->handle(walk->events->context, &event);
	walk->events->told++;
}

static int handle_difference(void *context, const struct tree_difference *difference)
{
	struct walk *walk = context;
	const struct reader_query *query = walk->query;
	struct entry *before = NULL, *after = NULL;
	char segment[SEGMENT_NAME_MAX + 1];
	uint32_t address;
	int error;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0 ||
	    (query->segment && strcmp(query->segment, segment) != 0) ||
	    is_inherited(walk, difference))
		return 0;
	error = read_side(&before, walk, difference->before, difference->before_mode);
	if (error == 0)
		error = read_side(&after, walk, difference->after, difference->after_mode);
	if (error == 0 && is_wanted(walk, before, after))
		tell(walk, segment, address, before, after);
	entry_free(after);
	entry_free(before);
	if (error < 0)
		return error == -EINVAL ? 0 : error;
	return walk->events->stop || (query->limit && walk->events->told >= query->limit)
	               ? READER_STOPPED
	               : 0;
}

static const git_tree_entry *child_of(const git_tree *tree, const char *name)
{
	return tree ? git_tree_entry_byname(tree, name) : NULL;
}

static bool is_tree(const git_tree_entry *entry)
{
	return entry && git_tree_entry_type(entry) == GIT_OBJECT_TREE;
}

static bool is_same(const git_tree_entry *a, const git_tree_entry *b)
{
	return a && b ? git_oid_equal(git_tree_entry_id(a), git_tree_entry_id(b)) : a == b;
}

/*
 * Goes down one path, in both trees at once, as long as they differ: most commits change
 * other addresses, and are done with after a level or two.
 */
static int address_diff(struct walk *walk, const git_tree *before, const git_tree *after,
                        const char *path, unsigned level)
{
	struct tree_difference difference = {.path = path};
	const char *name = path;
	char component[SEGMENT_NAME_MAX + 1];
	const git_tree_entry *a, *b;
	git_tree *old = NULL, *new = NULL;
	int error = 0;

	for (unsigned i = 0; i < level; i++)
		name = strchr(name, '/') + 1;
	snprintf(component, sizeof(component), "%.*s", (int)strcspn(name, "/"), name);
	a = child_of(before, component);
	b = child_of(after, component);
	if (is_same(a, b))
		return 0;
	if (level == LEVELS - 1) {
		if (a && !is_tree(a)) {
			difference.before = git_tree_entry_id(a);
			difference.before_mode = git_tree_entry_filemode(a);
		}
		if (b && !is_tree(b)) {
			difference.after = git_tree_entry_id(b);
			difference.after_mode = git_tree_entry_filemode(b);
		}
		return handle_difference(walk, &difference);
	}
	if (is_tree(a))
		error = git_tree_lookup(&old, walk->reader->repository, git_tree_entry_id(a));
	if (error == 0 && is_tree(b))
		error = git_tree_lookup(&new, walk->reader->repository, git_tree_entry_id(b));
	if (error == 0)
		error = address_diff(walk, old, new, path, level + 1);
	git_tree_free(new);
	git_tree_free(old);
	return error;
}

/* The one address, in every folder at the top that could be a segment. */
static int address_diff_all(struct walk *walk, const git_tree *before, const git_tree *after)
{
	const git_tree *side[] = {before, after};
	char path[ENTRY_PATH_MAX];
	int error = 0;

	for (unsigned s = 0; s < 2; s++) {
		size_t count = side[s] ? git_tree_entrycount(side[s]) : 0;

		for (size_t i = 0; i < count && error == 0; i++) {
			const git_tree_entry *folder = git_tree_entry_byindex(side[s], i);
			const char *name = git_tree_entry_name(folder);

			if (!is_tree(folder) || !segment_name_is_valid(name) ||
			    (s == 1 && child_of(before, name)))
				continue;
			error = address_diff(walk, before, after,
			                     entry_path(path, name, *walk->query->address), 0);
		}
	}
	return error;
}

static int trees_diff(struct walk *walk, const git_oid *before_id, const git_oid *after_id)
{
	git_repository *repository = walk->reader->repository;
	const struct reader_query *query = walk->query;
	git_tree *before = NULL, *after = NULL;
	char path[ENTRY_PATH_MAX];
	int error;

	if (!query->address)
		return tree_diff(repository, before_id, after_id, handle_difference, walk);
	error = git_tree_lookup(&after, repository, after_id);
	if (error == 0 && before_id)
		error = git_tree_lookup(&before, repository, before_id);
	if (error == 0 && query->segment)
		error = address_diff(walk, before, after,
		                     entry_path(path, query->segment, *query->address), 0);
	else if (error == 0)
		error = address_diff_all(walk, before, after);
	git_tree_free(before);
	git_tree_free(after);
	return error;
}

static int read_commit(struct walk *walk)
{
	const git_oid *tree = git_commit_tree_id(walk->commit);
	unsigned parents = git_commit_parentcount(walk->commit);
	int error = 0;

	walk->begins = shallow_has(&walk->reader->shallow, git_commit_id(walk->commit));
	if (walk->begins)
		parents = 0;
	walk->parents = parents < PARENTS_MAX ? parents : PARENTS_MAX;
	for (unsigned i = 0; i < walk->parents; i++) {
		git_commit *parent = NULL;

		error = git_commit_parent(&parent, walk->commit, i);
		if (error < 0)
			return error;
		git_oid_cpy(&walk->parent[i], git_commit_tree_id(parent));
		git_commit_free(parent);
		if (git_oid_equal(&walk->parent[i], tree))
			return 0; /* all that is here came from there */
	}
	return trees_diff(walk, walk->parents ? &walk->parent[0] : NULL, tree);
}

int reader_events_of(struct reader_events *events, const git_oid *commit)
{
	struct walk walk = {.reader = events->reader, .query = &events->query, .events = events};
	int error = git_commit_lookup(&walk.commit, events->reader->repository, commit);

	if (error == 0)
		error = read_commit(&walk);
	if (walk.trailers_read)
		git_message_trailer_array_free(&walk.trailers);
	git_commit_free(walk.commit);
	return error;
}

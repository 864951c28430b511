/* SPDX-License-Identifier: MIT */
/*
 * What one commit did to addresses, read from its trees. Each transition is reported once, by the
 * commit that made it. A merge commit reports only where it differs from all of its parents.
 */
#include "reader/event.h"

#include <errno.h>
#include <string.h>

#include "reader/compare.h"
#include "reader/state.h"

#define PARENTS_MAX 16 /* further parents of an octopus merge are left out */

struct walk {
	struct reader_events *events;
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
	bool found = git_tree_lookup(&tree, walk->events->reader->repository, tree_id) == 0 &&
	             git_tree_entry_bypath(&entry, tree, path) == 0 &&
	             git_tree_entry_type(entry) == GIT_OBJECT_BLOB;

	if (found)
		git_oid_cpy(id, git_tree_entry_id(entry));
	git_tree_entry_free(entry);
	git_tree_free(tree);
	return found;
}

/* Whether another parent has the same file: then that side of the merge reports it. */
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

static bool is_wanted(const struct walk *walk, const struct entry *before,
                      const struct entry *after)
{
	const struct mac *mac = walk->events->query.mac;

	if (entry_equal(before, after))
		return false;
	return !mac || (before && mac_equal(before->mac, *mac)) ||
	       (after && mac_equal(after->mac, *mac));
}

static void report(struct walk *walk, const char *segment, uint32_t address,
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
	walk->events->reported++;
}

static int handle_difference(void *context, const struct tree_difference *difference)
{
	struct walk *walk = context;
	const struct reader_query *query = &walk->events->query;
	struct entry *before, *after;
	char segment[SEGMENT_NAME_MAX + 1];
	uint32_t address;
	int error;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0 ||
	    (query->segment && strcmp(query->segment, segment) != 0) ||
	    is_inherited(walk, difference))
		return 0;
	error = reader_sides(&before, &after, walk->events->reader->repository, difference,
	                     &walk->events->reason);
	if (error == 0 && is_wanted(walk, before, after))
		report(walk, segment, address, before, after);
	entry_free(after);
	entry_free(before);
	/* An invalid entry never reached a table. */
	if (error < 0)
		return error == -EINVAL ? 0 : error;
	return walk->events->stop || (query->limit && walk->events->reported >= query->limit)
	               ? READER_STOPPED
	               : 0;
}

static int read_commit(struct walk *walk)
{
	const git_oid *tree = git_commit_tree_id(walk->commit);
	unsigned parents = git_commit_parentcount(walk->commit);
	int error = 0;

	walk->begins = shallow_has(&walk->events->reader->shallow, git_commit_id(walk->commit));
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
	return reader_compare(
	        walk->events->reader->repository, walk->parents ? &walk->parent[0] : NULL, tree,
	        walk->events->query.address, walk->events->query.segment, handle_difference, walk);
}

int reader_events_of(struct reader_events *events, const git_oid *commit)
{
	struct walk walk = {.events = events};
	int error = git_commit_lookup(&walk.commit, events->reader->repository, commit);

	if (error == 0)
		error = read_commit(&walk);
	if (walk.trailers_read)
		git_message_trailer_array_free(&walk.trailers);
	git_commit_free(walk.commit);
	return error;
}

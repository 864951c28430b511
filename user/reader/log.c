/* SPDX-License-Identifier: MIT */
/*
 * The life of addresses. The index says which commits to read, and their trees say what they did: a
 * wrong index can waste time, but never gives a wrong answer. A question about all addresses needs
 * no index, and its answer begins at once. Each transition is reported once, by the commit that
 * made it. A merge commit reports only where it differs from all of its parents.
 */
#include "reader/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/compare.h"
#include "reader/state.h"
#include "reader/walk.h"

#define PARENTS_MAX 16 /* further parents of an octopus merge are left out */

struct events {
	struct reader *reader;
	struct reader_query query;
	size_t reported;
	int (*handle)(void *context, const struct reader_event *event);
	void *context;
	int stop; /* what handle returned */
	struct fault reason;
};

struct walk {
	struct events *events;
	git_commit *commit;
	bool begins;
	git_oid parent[PARENTS_MAX]; /* their trees */
	unsigned parents;
	git_message_trailer_array trailers;
	bool trailers_read;
};

/* "" also if another than the agent wrote it. */
static const char *trailer(struct walk *walk, const char *key)
{
	if (!own_commit(walk->commit))
		return "";
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

/* Calls `handle` for each change of the commit that the query wants. 0; READER_STOPPED when the
 * caller has enough; or a negative libgit2 error. */
static int read_events(struct events *events, const git_oid *commit)
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

/* Something that a commit may have done. */
struct candidate {
	uint32_t commit; /* ordinal in the index */
	uint32_t address;
	uint16_t segment;
};

struct candidates {
	struct candidate *item; /* owned */
	size_t count, room;
};

static int add_candidate(void *context, const struct index_change *change)
{
	struct candidates *candidates = context;

	if (array_reserve(&candidates->item, &candidates->room, candidates->count + 1))
		return -ENOMEM;
	candidates->item[candidates->count++] =
	        (struct candidate){change->commit, change->address, change->segment};
	return 0;
}

/* Newest first; within a commit as paths are sorted. */
static int compare(const void *first, const void *second, void *context)
{
	const struct candidate *a = first, *b = second;
	char path_a[ENTRY_PATH_MAX], path_b[ENTRY_PATH_MAX];
	const struct index *index = context;

	if (a->commit != b->commit)
		return a->commit > b->commit ? -1 : 1;
	entry_path(path_a, index_segment_name(index, a->segment), a->address);
	entry_path(path_b, index_segment_name(index, b->segment), b->address);
	return strcmp(path_a, path_b);
}

static bool is_same(const struct candidate *a, const struct candidate *b)
{
	return a->commit == b->commit && a->address == b->address && a->segment == b->segment;
}

static int report_candidates(struct events *events, struct candidates *candidates)
{
	struct index *index = events->reader->index;
	const char *wanted = events->query.segment;
	int error = 0;

	for (size_t i = 0; i < candidates->count && error == 0; i++) {
		const struct candidate *item = &candidates->item[i];
		struct index_commit commit;

		if (i > 0 && is_same(item, item - 1))
			continue;
		events->query.address = &item->address;
		events->query.segment = index_segment_name(index, item->segment);
		if (wanted && strcmp(wanted, events->query.segment) != 0)
			continue;
		error = index_commit_at(index, item->commit, &commit);
		if (error == 0)
			error = read_events(events, &commit.id);
		/* Thinned away since the index was made. */
		if (error == GIT_ENOTFOUND)
			error = 0;
	}
	return error;
}

/* -EBADMSG: the index is damaged, and nothing has been reported. */
static int log_by_index(struct events *events)
{
	struct index *index = events->reader->index;
	struct candidates candidates = {0};
	int error = index_scan(index, events->query.address, events->query.mac, add_candidate,
	                       &candidates);

	for (size_t i = 0; i < candidates.count && error == 0; i++)
		if (!index_segment_name(index, candidates.item[i].segment))
			error = -EBADMSG;
	if (error == 0 && candidates.count > 0) {
		qsort_r(candidates.item, candidates.count, sizeof(*candidates.item), compare,
		        index);
		error = report_candidates(events, &candidates);
	}
	free(candidates.item);
	return error;
}

static int log_by_walk(struct events *events, const git_commit *tip)
{
	struct reader_walk *walk = NULL;
	int error = reader_walk_new(&walk, events->reader, tip);
	git_oid id;

	while (error == 0 && (error = reader_walk_next(&id, walk)) == 0)
		error = read_events(events, &id);
	reader_walk_free(walk);
	return error == GIT_ITEROVER ? 0 : error;
}

int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault)
{
	struct events events = {
	        .reader = reader, .query = *query, .handle = handle, .context = context};
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);
	bool indexed = query->address || query->mac;

	if (error < 0)
		goto out;
	for (int i = 0; i < 2 && indexed; i++) {
		indexed = reader_index(reader, tip, true) == 0;
		error = indexed ? log_by_index(&events) : 0;
		if (error != -EBADMSG)
			break;
		reader_index_drop(reader);
	}
	if (!indexed || (error == -EBADMSG && events.reported == 0))
		error = log_by_walk(&events, tip);
	error = reader_result(reader, error, events.stop, &events.reason, fault);
out:
	git_commit_free(tip);
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * The life of addresses. The index says which commits to read, and event.c reads from them what
 * they did: a wrong index can waste time, but never gives a wrong answer. A question about all
 * addresses needs no index, and its answer begins at once.
 */
#include "reader/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/event.h"
#include "reader/index.h"
#include "reader/state.h"
#include "reader/walk.h"

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

static int report_candidates(struct reader_events *events, struct candidates *candidates)
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
			error = reader_events_of(events, &commit.id);
		/* Thinned away since the index was made. */
		if (error == GIT_ENOTFOUND)
			error = 0;
	}
	return error;
}

/* -EBADMSG: the index is damaged, and nothing has been reported. */
static int log_by_index(struct reader_events *events)
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

static int log_by_walk(struct reader_events *events, const git_commit *tip)
{
	struct reader_walk *walk = NULL;
	int error = reader_walk_new(&walk, events->reader, tip);
	git_oid id;

	while (error == 0 && (error = reader_walk_next(&id, walk)) == 0)
		error = reader_events_of(events, &id);
	reader_walk_free(walk);
	return error == GIT_ITEROVER ? 0 : error;
}

int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault)
{
	struct reader_events events = {
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

// SPDX-License-Identifier: MIT
/*
 * Goes along main's first parents. It needs no index, and its answer begins at once. It keeps no
 * more than what one merge brought.
 */
#include "reader/lineage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"
#include "reader/compare.h"
#include "reader/side.h"

#define DAY_S 86400

/* An address that a merge changed, or a commit that it brought. */
struct touch {
	uint32_t segment; /* its number among the names */
	struct address address;
	uint32_t order; /* of the commit, newest first; UINT32_MAX: the merge itself */
};

struct merge {
	struct landing landing;
	struct side side;
	struct touch *touch; /* owned */
	size_t touches, room;
	char (*name)[SEGMENT_NAME_MAX + 1]; /* owned */
	size_t names, name_room;
	uint32_t order; /* of the commit that is being read */
};

static int no_memory(void)
{
	git_error_set_oom();
	return GIT_ERROR;
}

static bool is_asked(const struct reader_query *query, const char *segment)
{
	return !query->segment || !strcmp(query->segment, segment);
}

static int report_difference(void *context, const struct tree_difference *difference)
{
	struct landing *landing = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct landed landed = {.segment = segment};

	if (entry_path_parse(segment, &landed.address, difference->path, NULL) < 0 ||
	    !is_asked(&landing->teller->query, segment))
		return 0;
	return landing_report(landing, &landed);
}

static int number_of(struct merge *merge, uint32_t *number, const char *segment)
{
	for (*number = 0; *number < merge->names; (*number)++)
		if (!strcmp(merge->name[*number], segment))
			return 0;
	if (array_reserve(&merge->name, &merge->name_room, merge->names + 1))
		return no_memory();
	snprintf(merge->name[merge->names++], sizeof(*merge->name), "%s", segment);
	return 0;
}

static int touch(void *context, const struct tree_difference *difference)
{
	struct merge *merge = context;
	struct touch found = {.order = merge->order};
	char segment[SEGMENT_NAME_MAX + 1];
	int error;

	if (entry_path_parse(segment, &found.address, difference->path, NULL) < 0 ||
	    !is_asked(&merge->landing.teller->query, segment))
		return 0;
	error = number_of(merge, &found.segment, segment);
	if (error)
		return error;
	if (array_reserve(&merge->touch, &merge->room, merge->touches + 1))
		return no_memory();
	merge->touch[merge->touches++] = found;
	return 0;
}

/* What a commit changed that the merge brought. */
static int touch_commit(struct merge *merge, const git_oid *id)
{
	const struct teller *teller = merge->landing.teller;
	git_commit *commit = NULL, *parent = NULL;
	struct prefix alone;
	int error = 0;

	/* What is before it was removed: nobody knows what it changed. */
	if (shallow_has(&teller->reader->shallow, id))
		return 0;
	error = git_commit_lookup(&commit, teller->reader->repository, id);
	if (!error && git_commit_parentcount(commit) > 0)
		error = git_commit_parent(&parent, commit, 0);
	if (!error)
		error = reader_compare(
		        teller->reader->repository, parent ? git_commit_tree_id(parent) : NULL,
		        git_commit_tree_id(commit), reader_alone(&alone, &teller->query),
		        teller->query.segment, touch, merge);
	git_commit_free(parent);
	git_commit_free(commit);
	return error;
}

/* As their paths are sorted; the commits of each newest first. */
static int compare(const void *first, const void *second, void *context)
{
	const struct touch *a = first, *b = second;
	const struct merge *merge = context;
	char path_a[ENTRY_PATH_MAX], path_b[ENTRY_PATH_MAX];

	if (a->segment == b->segment && address_equal(a->address, b->address))
		return (a->order > b->order) - (a->order < b->order);
	entry_path(path_a, merge->name[a->segment], a->address);
	entry_path(path_b, merge->name[b->segment], b->address);
	return strcmp(path_a, path_b);
}

static int report_touches(struct merge *merge)
{
	git_oid *side = calloc(merge->side.count + 1, sizeof(*side));
	int error = side ? 0 : no_memory();

	if (!error && merge->touches > 0)
		qsort_r(merge->touch, merge->touches, sizeof(*merge->touch), compare, merge);
	for (size_t i = 0; i < merge->touches && !error;) {
		const struct touch *first = &merge->touch[i], *item = first;
		struct landed landed = {.segment = merge->name[first->segment],
		                        .address = first->address,
		                        .side = side};

		for (; i < merge->touches && item->segment == first->segment &&
		       address_equal(item->address, first->address);
		     item = &merge->touch[++i])
			if (item->order != UINT32_MAX)
				side[landed.sides++] = merge->side.id[item->order];
		error = landing_report(&merge->landing, &landed);
	}
	free(side);
	return error;
}

static int report_merge(struct merge *merge)
{
	struct landing *landing = &merge->landing;
	const struct teller *teller = landing->teller;
	struct prefix alone;
	int error = side_find(&merge->side, teller->reader, landing->commit);

	for (size_t i = 0; i < merge->side.count && !error; i++) {
		merge->order = (uint32_t)i;
		error = touch_commit(merge, &merge->side.id[i]);
	}
	merge->order = UINT32_MAX;
	if (!error)
		error = reader_compare(
		        teller->reader->repository, git_commit_tree_id(landing->parent),
		        git_commit_tree_id(landing->commit), reader_alone(&alone, &teller->query),
		        teller->query.segment, touch, merge);
	if (!error)
		error = report_touches(merge);
	return error;
}

static int report_one(struct merge *merge)
{
	struct landing *landing = &merge->landing;
	const struct reader_query *query = &landing->teller->query;
	struct prefix alone;

	if (landing->merge)
		return report_merge(merge);
	return reader_compare(landing->teller->reader->repository,
	                      landing->parent ? git_commit_tree_id(landing->parent) : NULL,
	                      git_commit_tree_id(landing->commit), reader_alone(&alone, query),
	                      query->segment, report_difference, landing);
}

/* Clocks may have been set back, but not by more than a day. */
static bool is_too_old(const struct teller *teller, const git_commit *commit)
{
	return teller->query.since && git_commit_time(commit) < teller->query.since - DAY_S;
}

int lineage_tell(struct teller *teller, const git_oid *commit, git_oid *parent)
{
	struct merge merge = {.order = UINT32_MAX};
	int error = landing_open(&merge.landing, teller, commit);

	*parent = (git_oid){{0}};
	if (!error)
		error = report_one(&merge);
	if (!error && merge.landing.parent && !is_too_old(teller, merge.landing.commit))
		*parent = *git_commit_id(merge.landing.parent);
	landing_close(&merge.landing);
	side_clear(&merge.side);
	free(merge.touch);
	free(merge.name);
	return error;
}

int lineage_walk(struct teller *teller, const git_commit *tip)
{
	git_oid at = *git_commit_id(tip), parent;
	int error = 0;

	for (; !error && !git_oid_is_zero(&at); at = parent)
		error = lineage_tell(teller, &at, &parent);
	return error;
}

// SPDX-License-Identifier: MIT
/*
 * Between a commit of the line and the one before it, the index has all commits that the former
 * brought. A commit that joined the line again has its changes at its first row.
 */
#include "reader/points.h"

#include <errno.h>
#include <stdlib.h>

#define DAY_S 86400

/* A commit that joined the line again, and the number of its point. */
struct again {
	git_oid id;
	size_t number;
};

struct walk {
	struct line_points *points;
	const struct shallow *shallow;
	int64_t since, until;
	uint32_t row;        /* of the commit before this one, on the way back */
	bool inside;         /* and whether that is a point */
	struct again *again; /* owned */
	size_t agains, room;
};

/* The rows down to `row`, which is not among them, are the last point's. */
static void close_point(struct walk *walk, uint32_t row)
{
	struct line_points *points = walk->points;

	if (!walk->inside)
		return;
	for (uint32_t i = row; i <= walk->row; i++)
		points->number[i] = (uint32_t)points->count;
	points->oldest = row;
	walk->inside = false;
}

static int add_point(void *context, uint32_t row, const struct index_commit *commit)
{
	struct walk *walk = context;
	struct line_points *points = walk->points;

	close_point(walk, row + 1);
	walk->row = row;
	points->turned |= (commit->flags & (INDEX_AGAIN | INDEX_DROP)) != 0;
	if (commit->time < walk->since && walk->since - commit->time > DAY_S)
		return 1;
	if (commit->time < walk->since || commit->time > walk->until)
		return 0;
	if (commit->flags & INDEX_AGAIN) {
		if (array_reserve(&walk->again, &walk->room, walk->agains + 1))
			return -ENOMEM;
		walk->again[walk->agains++] =
		        (struct again){.id = commit->id, .number = points->count};
	}
	points->point[points->count++] = (struct line_point){
	        .time = commit->time,
	        .ordinal = row,
	        .brings = commit->flags & INDEX_BRINGS,
	        .begins = walk->shallow->count > 0 && shallow_has(walk->shallow, &commit->id)};
	walk->inside = true;
	return 0;
}

/* Its changes are where its first row is; so is whether it has any of its own. */
static int place_again(struct walk *walk, struct index *index, const struct again *again)
{
	struct line_points *points = walk->points;
	struct line_point *point = &points->point[again->number];
	struct index_commit first;
	int error = index_find(index, &again->id, &point->ordinal);

	if (!error)
		error = index_commit_at(index, point->ordinal, &first);
	if (error)
		return error == -ENOENT ? -EBADMSG : error;
	point->brings = first.flags & INDEX_BRINGS;
	points->number[point->ordinal] = (uint32_t)again->number + 1;
	if (point->ordinal < points->oldest)
		points->oldest = point->ordinal;
	return 0;
}

int points_read(struct line_points *points, struct reader *reader, int64_t since, int64_t until)
{
	uint32_t rows = index_commits(reader->index);
	struct walk walk = {
	        .points = points, .shallow = &reader->shallow, .since = since, .until = until};
	int error;

	/* Pages that no point needs are never touched. */
	*points = (struct line_points){.oldest = UINT32_MAX,
	                               .point = malloc((rows + 1) * sizeof(*points->point)),
	                               .number = calloc(rows + 1, sizeof(*points->number))};
	if (!points->point || !points->number)
		return -ENOMEM;
	error = index_line(reader->index, INT64_MAX, add_point, &walk);
	if (error >= 0)
		close_point(&walk, 0);
	for (size_t i = 0; i < walk.agains && error >= 0; i++)
		error = place_again(&walk, reader->index, &walk.again[i]);
	free(walk.again);
	return error < 0 ? error : 0;
}

const struct line_point *points_of(const struct line_points *points, uint32_t row)
{
	uint32_t number = points->number[row];

	return number ? &points->point[number - 1] : NULL;
}

void points_clear(struct line_points *points)
{
	free(points->point);
	free(points->number);
	*points = (struct line_points){.count = 0};
}

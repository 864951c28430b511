// SPDX-License-Identifier: MIT
/*
 * What a change left is taken from its row. What it found is what the one before it left, so that
 * the spans are a chain. A thousand trees, each at the end of other deltas, would take 0.3 s.
 */
#include "reader/strip.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/landing.h"
#include "reader/points.h"

/* What a commit of the line, or one that it brought, did to the address. */
struct mark {
	size_t point; /* newest first */
	uint32_t row; /* of the commit */
	uint16_t segment;
	bool own, begins;
	struct mac before, after; /* zero: absent */
};

struct strip {
	struct reader *reader;
	struct lives *lives;
	const char *segment;
	struct address address;
	struct line_points points;
	size_t first;      /* the points before this one are not wanted */
	struct mark *mark; /* owned */
	size_t count, room;
};

static int add_mark(void *context, const struct index_change *change)
{
	struct strip *strip = context;
	const char *segment = index_segment_name(strip->reader->index, change->segment);
	const struct line_point *point;
	size_t number;

	if (change->commit < strip->points.oldest)
		return 1;
	point = points_of(&strip->points, change->commit);
	if (!point || !segment || (strip->segment && strcmp(strip->segment, segment) != 0))
		return 0;
	number = (size_t)(point - strip->points.point);
	if (number < strip->first)
		return 0;
	if (array_reserve(&strip->mark, &strip->room, strip->count + 1))
		return -ENOMEM;
	strip->mark[strip->count++] = (struct mark){.point = number,
	                                            .row = change->commit,
	                                            .segment = change->segment,
	                                            .own = change->commit == point->ordinal,
	                                            .begins = point->begins,
	                                            .before = change->before,
	                                            .after = change->after};
	return 0;
}

/* By segment; then the newest first. */
static int compare_marks(const void *first, const void *second)
{
	const struct mark *a = first, *b = second;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	return (a->row < b->row) - (a->row > b->row);
}

/* Makes one mark of those of one point: the outcome, and the newest commit that has it. False:
 * main took nothing of it. */
static bool join(struct mark *joined, const struct strip *strip, const struct mark *mark,
                 size_t count)
{
	const struct mark *own = NULL;

	for (size_t i = 0; i < count; i++)
		if (mark[i].own)
			own = &mark[i];
	if (!own && !strip->points.point[mark->point].brings)
		return false;
	*joined = own ? *own : mark[0];
	if (!own)
		joined->before = mark[count - 1].before;
	for (size_t i = count; i-- > 0;)
		if (own && !mark[i].own && mac_equal(mark[i].after, own->after))
			joined->row = mark[i].row;
	return true;
}

static void join_marks(struct strip *strip)
{
	size_t kept = 0, next;

	if (strip->count > 0)
		qsort(strip->mark, strip->count, sizeof(*strip->mark), compare_marks);
	for (size_t i = 0; i < strip->count; i = next) {
		struct mark joined;

		for (next = i + 1;
		     next < strip->count && strip->mark[next].segment == strip->mark[i].segment &&
		     strip->mark[next].point == strip->mark[i].point;
		     next++)
			;
		if (join(&joined, strip, &strip->mark[i], next - i))
			strip->mark[kept++] = joined;
	}
	strip->count = kept;
	for (size_t i = 1; i < kept; i++)
		if (strip->mark[i].segment == strip->mark[i - 1].segment)
			strip->mark[i - 1].before = strip->mark[i].after;
}

static int tell(const struct strip *strip, const struct mark *mark)
{
	const struct entry before = {.mac = mark->before}, after = {.mac = mark->after};
	struct reader_event event = {
	        .time = strip->points.point[mark->point].time,
	        .segment = index_segment_name(strip->reader->index, mark->segment),
	        .address = strip->address,
	        .before = mac_is_zero(before.mac) || mark->begins ? NULL : &before,
	        .after = mac_is_zero(after.mac) ? NULL : &after,
	        .fate = READER_TOOK,
	        .begins = mark->begins};
	char task[TASK_ID_MAX];
	struct index_commit row;
	git_commit *commit = NULL;
	int error;

	if (mac_equal(mark->before, mark->after) && !mark->begins)
		return 0;
	error = index_commit_at(strip->reader->index, mark->row, &row);
	if (!error && git_commit_lookup(&commit, strip->reader->repository, &row.id) < 0)
		error = -EBADMSG;
	if (!error) {
		landing_task(task, commit);
		event.task = task;
		event.author = git_commit_author(commit)->name;
		git_oid_tostr(event.commit, sizeof(event.commit), &row.id);
		error = lives_add(strip->lives, &event);
	}
	git_commit_free(commit);
	return error;
}

/* The point from which on marks are wanted. */
static int find_first(struct strip *strip, const char *before)
{
	const struct line_point *point;
	git_oid id;
	uint32_t row;
	int error;

	if (!before)
		return 0;
	if (git_oid_fromstr(&id, before) < 0)
		return -EBADMSG;
	error = index_find(strip->reader->index, &id, &row);
	point = error ? NULL : points_of(&strip->points, row);
	if (!point)
		return error && error != -ENOENT ? error : -EBADMSG;
	strip->first = (size_t)(point - strip->points.point) + 1;
	return 0;
}

static int tell_all(struct strip *strip, const char *before, size_t most, bool *more)
{
	int error = points_read(&strip->points, strip->reader, INT64_MIN, INT64_MAX);

	if (!error)
		error = find_first(strip, before);
	if (!error)
		error = index_scan(strip->reader->index, &strip->address, NULL, add_mark, strip);
	if (error < 0)
		return error;
	join_marks(strip);
	strip->lives->stateless = true;
	error = 0;
	for (size_t i = 0; i < strip->count && !error; i++) {
		*more = strip->lives->count >= most;
		if (*more)
			break;
		error = tell(strip, &strip->mark[i]);
	}
	return error;
}

int reader_strip(struct reader *reader, struct lives *lives, struct address address,
                 const char *segment, const char *before, size_t most, bool *more,
                 struct fault *fault)
{
	struct strip strip = {
	        .reader = reader, .lives = lives, .segment = segment, .address = address};
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);

	*more = false;
	if (error)
		goto out;
	error = reader_index(reader, tip, true);
	if (!error)
		error = tell_all(&strip, before, most, more);
	if (error)
		error = reader_index_fault(fault, reader, error);
out:
	free(strip.mark);
	points_clear(&strip.points);
	git_commit_free(tip);
	return error;
}

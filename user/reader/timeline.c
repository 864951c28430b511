// SPDX-License-Identifier: MIT
/*
 * The rows of the index say what each commit changed, and by which MACs. A merge of the agent's has
 * no rows of its own; what it brought counts then, each address once.
 */
#include "reader/timeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reader/incidents.h"
#include "reader/points.h"

struct count {
	const struct timeline_query *query;
	struct timeline *timeline;
	struct index *index;
	struct line_points points;
	bool any_segment;
	uint16_t segment; /* else only this one */
	/* What one merge brought, newest first. */
	const struct line_point *merge;
	struct index_change *brought; /* owned */
	size_t brought_count, room;
};

static struct timeline_bucket *bucket_at(const struct timeline *timeline, int64_t time)
{
	return &timeline->bucket[(time - timeline->since) / timeline->seconds];
}

static bool is_absent(struct mac mac)
{
	return mac_equal(mac, (struct mac){{0}});
}

static void add_change(struct timeline_bucket *bucket, const struct index_change *change)
{
	bool unknown = change->flags & INDEX_BEFORE_UNKNOWN;

	if (is_absent(change->after))
		bucket->gone += unknown || !is_absent(change->before);
	else if (unknown || mac_equal(change->before, change->after))
		bucket->changed++;
	else if (is_absent(change->before))
		bucket->appeared++;
	else
		bucket->moved++;
}

static int compare_brought(const void *first, const void *second)
{
	const struct index_change *a = first, *b = second;

	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	if (!address_equal(a->address, b->address))
		return address_compare(a->address, b->address);
	return (a->commit < b->commit) - (a->commit > b->commit);
}

static bool is_same_address(const struct index_change *a, const struct index_change *b)
{
	return a->segment == b->segment && address_equal(a->address, b->address);
}

/* Each address once: from what its oldest change found to what its newest one left. */
static void add_brought(struct count *count)
{
	const size_t changes = count->brought_count;
	struct index_change *change = count->brought;
	bool several = changes > 0 && change[0].commit != change[changes - 1].commit;

	if (several)
		qsort(change, changes, sizeof(*change), compare_brought);
	for (size_t i = 0, next; i < changes; i = next) {
		struct index_change net = change[i];

		for (next = i + 1;
		     several && next < changes && is_same_address(&change[next], &change[i]);
		     next++) {
			net.before = change[next].before;
			net.flags = change[next].flags;
		}
		if (next == i + 1 || !mac_equal(net.before, net.after))
			add_change(bucket_at(count->timeline, count->merge->time), &net);
	}
	count->brought_count = 0;
}

static int add_to_merge(struct count *count, const struct line_point *merge,
                        const struct index_change *change)
{
	if (count->merge != merge)
		add_brought(count);
	count->merge = merge;
	if (array_reserve(&count->brought, &count->room, count->brought_count + 1))
		return -ENOMEM;
	count->brought[count->brought_count++] = *change;
	return 0;
}

static int count_change(void *context, const struct index_change *change)
{
	struct count *count = context;
	const struct prefix *prefix = count->query->prefix;
	const struct line_point *point;

	if (change->commit < count->points.oldest)
		return 1;
	point = points_of(&count->points, change->commit);
	if (!point || point->begins || (!count->any_segment && change->segment != count->segment) ||
	    (prefix && !prefix_contains(*prefix, change->address)))
		return 0;
	if (point->brings)
		return change->commit == point->ordinal ? 0 : add_to_merge(count, point, change);
	if (change->commit == point->ordinal)
		add_change(bucket_at(count->timeline, point->time), change);
	return 0;
}

/* Whether the index has a segment, and its number. */
static bool find_segment(struct index *index, uint16_t *number, const char *name)
{
	const char *present;

	for (*number = 0; (present = index_segment_name(index, *number)); (*number)++)
		if (strcmp(present, name) == 0)
			return true;
	return false;
}

static int count_changes(struct count *count, struct reader *reader)
{
	const struct timeline *timeline = count->timeline;
	int error = 0;

	count->any_segment = !count->query->segment;
	if (!count->any_segment &&
	    !find_segment(reader->index, &count->segment, count->query->segment))
		return 0;
	error = points_read(&count->points, reader, timeline->since, timeline->until);
	if (!error && count->points.count > 0)
		error = index_scan(reader->index, NULL, NULL, count_change, count);
	if (error >= 0)
		add_brought(count);
	free(count->brought);
	points_clear(&count->points);
	return error < 0 ? error : 0;
}

static int count_alerts(struct timeline *timeline, struct reader *reader,
                        const struct timeline_query *wanted, struct fault *fault)
{
	const struct reader_query query = {.prefix = wanted->prefix,
	                                   .segment = wanted->segment,
	                                   .since = timeline->since,
	                                   .until = timeline->until};
	struct incidents *incidents = NULL;
	struct incident incident;
	int error = incidents_open(&incidents, reader, &query, fault);

	if (!error)
		incidents_bound(incidents, TIMELINE_ALERTS);
	/* Clocks may have been set back. */
	while (!error && incidents_next(incidents, &incident) > 0)
		if (incident.time >= timeline->since)
			bucket_at(timeline, incident.time)->alerts++;
	timeline->alerts_since = timeline->since;
	if (!error && incidents_left(incidents, &timeline->alerts_since) &&
	    timeline->alerts_since < timeline->since)
		timeline->alerts_since = timeline->since;
	incidents_close(incidents);
	return error;
}

/* Divides the time from the query's since, or the first commit, to its until. */
static int divide(struct timeline *timeline, const struct index *index,
                  const struct timeline_query *query, struct fault *fault)
{
	char since[TIME_TEXT], until[TIME_TEXT];
	int64_t least = index_least(index);

	*timeline = (struct timeline){.since = query->since, .until = query->until};
	if (query->since == 0)
		timeline->since = least < query->until ? least : query->until;
	if (timeline->since > timeline->until)
		return fault_set(fault, -EINVAL, "since: %s is later than until, %s",
		                 time_format(since, timeline->since),
		                 time_format(until, timeline->until));
	timeline->seconds = (timeline->until - timeline->since) / query->buckets + 1;
	timeline->buckets = (size_t)((timeline->until - timeline->since) / timeline->seconds) + 1;
	timeline->bucket = calloc(timeline->buckets, sizeof(*timeline->bucket));
	return timeline->bucket ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

static int count_all(struct timeline *timeline, struct reader *reader,
                     const struct timeline_query *query, struct fault *fault)
{
	struct count count = {.query = query, .timeline = timeline, .index = reader->index};
	int error = divide(timeline, reader->index, query, fault);

	if (error)
		return error;
	error = count_changes(&count, reader);
	return error ? reader_index_fault(fault, reader, error) : 0;
}

int reader_timeline(struct reader *reader, struct timeline *timeline,
                    const struct timeline_query *query, struct fault *fault)
{
	git_commit *tip = NULL;
	int error;

	*timeline = (struct timeline){.bucket = NULL};
	error = reader_tip(&tip, reader, fault);
	if (error)
		goto out;
	error = reader_index(reader, tip, true);
	error = error ? reader_index_fault(fault, reader, error)
	              : count_all(timeline, reader, query, fault);
	if (error == -EBADMSG && reader_index_renew(reader, tip) == 0) {
		timeline_clear(timeline);
		error = count_all(timeline, reader, query, fault);
	}
	if (!error)
		error = count_alerts(timeline, reader, query, fault);
out:
	git_commit_free(tip);
	return error;
}

void timeline_clear(struct timeline *timeline)
{
	free(timeline->bucket);
	*timeline = (struct timeline){.bucket = NULL};
}

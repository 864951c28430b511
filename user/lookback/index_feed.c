// SPDX-License-Identifier: MIT
/* Keeps commits and their changes by id. Reads nothing. */
#include "lookback/index_feed.h"

#include <stdlib.h>

#include "base/base.h"

#define COMMIT_COUNTS 4  /* a commit takes as much memory as so many changes */
#define GAPS_MIN      64 /* fewer are not closed */

struct index_feed {
	struct idmap ids;
	struct index_fed **fed; /* owned; by number in `ids`; NULL: removed */
	size_t room;
	size_t commits, changes;
	struct index_fed *next; /* begun, not yet a commit */
};

struct index_feed *index_feed_new(void)
{
	struct index_feed *feed = calloc(1, sizeof(*feed));

	if (feed)
		feed->ids = (struct idmap)IDMAP(GIT_OID_RAWSZ);
	return feed;
}

void index_feed_clear(struct index_feed *feed)
{
	for (uint32_t i = 0; i < feed->ids.count; i++)
		free(feed->fed[i]);
	idmap_empty(&feed->ids);
	free(feed->next);
	feed->next = NULL;
	feed->commits = feed->changes = 0;
}

void index_feed_free(struct index_feed *feed)
{
	if (!feed)
		return;
	index_feed_clear(feed);
	idmap_clear(&feed->ids);
	free(feed->fed);
	free(feed);
}

struct index_fed_change *index_feed_begin(struct index_feed *feed, size_t changes)
{
	free(feed->next);
	feed->next = malloc(sizeof(*feed->next) + changes * sizeof(struct index_fed_change));
	if (!feed->next)
		return NULL;
	feed->next->change = (struct index_fed_change *)(feed->next + 1);
	return feed->next->change;
}

/* Numbers the commits anew, without those that were removed. */
static void close_gaps(struct index_feed *feed)
{
	uint32_t count = feed->ids.count, number;

	if (count < 2 * feed->commits + GAPS_MIN)
		return;
	idmap_empty(&feed->ids);
	for (uint32_t i = 0; i < count; i++) {
		struct index_fed *fed = feed->fed[i];

		if (!fed)
			continue;
		/* There were more of them before: the map does not grow, and adds every id. */
		idmap_add(&feed->ids, &number, fed->id.id);
		feed->fed[number] = fed;
	}
}

void index_feed_commit(struct index_feed *feed, const git_oid *id, const git_oid *tree,
                       const git_oid *const *parent, unsigned parents, int64_t time, size_t changes)
{
	struct index_fed *fed = feed->next;
	uint32_t number;
	int added;

	close_gaps(feed);
	if (!fed || parents > 2 ||
	    array_reserve_items((void **)&feed->fed, &feed->room, feed->ids.count + 1,
	                        sizeof(struct index_fed *)))
		return;
	added = idmap_add(&feed->ids, &number, id->id);
	if (added < 0 || (!added && feed->fed[number]))
		return;
	feed->next = NULL;
	fed->id = *id;
	fed->tree = *tree;
	fed->parents = parents;
	for (unsigned i = 0; i < parents; i++)
		fed->parent[i] = *parent[i];
	fed->time = time;
	fed->changes = changes;
	feed->fed[number] = fed;
	feed->commits++;
	feed->changes += changes;
}

const struct index_fed *index_feed_find(const struct index_feed *feed, const git_oid *id)
{
	uint32_t number = idmap_find(&feed->ids, id->id);

	return number == IDMAP_NONE ? NULL : feed->fed[number];
}

void index_feed_remove(struct index_feed *feed, const git_oid *id)
{
	uint32_t number = idmap_find(&feed->ids, id->id);

	if (number == IDMAP_NONE || !feed->fed[number])
		return;
	feed->commits--;
	feed->changes -= feed->fed[number]->changes;
	free(feed->fed[number]);
	feed->fed[number] = NULL;
}

size_t index_feed_size(const struct index_feed *feed)
{
	return feed->changes + COMMIT_COUNTS * feed->commits;
}

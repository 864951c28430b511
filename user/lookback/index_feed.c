// SPDX-License-Identifier: MIT
/* Commits and their changes that wait for main: a hash table, and what it owns. Reads nothing. */
#include "lookback/index_feed.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST   ((size_t)64)
#define COMMIT_COUNTS 4 /* as much memory as so many changes */

struct index_feed {
	struct index_fed **slot; /* by id; NULL: free */
	size_t slots;            /* a power of two, at least twice the commits */
	size_t commits, changes;
	struct index_fed *next; /* begun, not yet a commit */
};

struct index_feed *index_feed_new(void)
{
	struct index_feed *feed = calloc(1, sizeof(*feed));

	if (!feed)
		return NULL;
	feed->slots = SLOTS_FIRST;
	feed->slot = calloc(feed->slots, sizeof(struct index_fed *));
	if (!feed->slot) {
		free(feed);
		return NULL;
	}
	return feed;
}

void index_feed_clear(struct index_feed *feed)
{
	for (size_t i = 0; i < feed->slots; i++) {
		free(feed->slot[i]);
		feed->slot[i] = NULL;
	}
	free(feed->next);
	feed->next = NULL;
	feed->commits = feed->changes = 0;
}

void index_feed_free(struct index_feed *feed)
{
	if (!feed)
		return;
	index_feed_clear(feed);
	free(feed->slot);
	free(feed);
}

static size_t home_of(const struct index_feed *feed, const git_oid *id)
{
	size_t key;

	memcpy(&key, id->id, sizeof(key));
	return key & (feed->slots - 1);
}

static size_t slot_of(const struct index_feed *feed, const git_oid *id)
{
	size_t slot = home_of(feed, id);

	while (feed->slot[slot] && !git_oid_equal(&feed->slot[slot]->id, id))
		slot = (slot + 1) & (feed->slots - 1);
	return slot;
}

static void grow(struct index_feed *feed)
{
	struct index_fed **old = feed->slot;
	size_t slots = feed->slots;
	struct index_fed **larger = calloc(2 * slots, sizeof(struct index_fed *));

	if (!larger)
		return;
	feed->slot = larger;
	feed->slots = 2 * slots;
	for (size_t i = 0; i < slots; i++)
		if (old[i])
			larger[slot_of(feed, &old[i]->id)] = old[i];
	free(old);
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

void index_feed_commit(struct index_feed *feed, const git_oid *id, const git_oid *tree,
                       const git_oid *const *parent, unsigned parents, int64_t time, size_t changes)
{
	struct index_fed *fed = feed->next;
	size_t slot;

	if (feed->commits * 2 >= feed->slots)
		grow(feed);
	slot = slot_of(feed, id);
	/* Without room, or fed before, or an octopus: read when its turn comes. */
	if (!fed || feed->commits * 2 >= feed->slots || feed->slot[slot] || parents > 2)
		return;
	feed->next = NULL;
	fed->id = *id;
	fed->tree = *tree;
	fed->parents = parents;
	for (unsigned i = 0; i < parents; i++)
		fed->parent[i] = *parent[i];
	fed->time = time;
	fed->changes = changes;
	feed->slot[slot] = fed;
	feed->commits++;
	feed->changes += changes;
}

const struct index_fed *index_feed_find(const struct index_feed *feed, const git_oid *id)
{
	return feed->slot[slot_of(feed, id)];
}

void index_feed_remove(struct index_feed *feed, const git_oid *id)
{
	size_t hole = slot_of(feed, id), slot = hole;

	if (!feed->slot[hole])
		return;
	feed->commits--;
	feed->changes -= feed->slot[hole]->changes;
	free(feed->slot[hole]);
	feed->slot[hole] = NULL;
	/* Whoever was put behind it moves up, unless it would come before its own place. */
	for (;;) {
		size_t home;

		slot = (slot + 1) & (feed->slots - 1);
		if (!feed->slot[slot])
			return;
		home = home_of(feed, &feed->slot[slot]->id);
		if (((slot - home) & (feed->slots - 1)) < ((slot - hole) & (feed->slots - 1)))
			continue;
		feed->slot[hole] = feed->slot[slot];
		feed->slot[slot] = NULL;
		hole = slot;
	}
}

size_t index_feed_waiting(const struct index_feed *feed)
{
	return feed->changes + COMMIT_COUNTS * feed->commits;
}

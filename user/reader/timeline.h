/* SPDX-License-Identifier: MIT */
/* How much happened when: changes and alerts, counted by equal spans of time. */
#ifndef USER_READER_TIMELINE_H
#define USER_READER_TIMELINE_H

#include "entry/entry.h"

struct reader;

#define TIMELINE_BUCKETS 2000
#define TIMELINE_ALERTS  10000 /* that are read at most; older ones are not counted */

struct timeline_query {
	const struct prefix *prefix; /* NULL: all */
	const char *segment;         /* NULL: all */
	int64_t since, until;        /* Unix seconds, both included; since 0: the first commit */
	unsigned buckets;            /* 1 to TIMELINE_BUCKETS */
};

/* Addresses. An address that a task's branch or a push changed counts once, when main took it. */
struct timeline_bucket {
	uint32_t appeared, moved, gone;
	uint32_t changed; /* the same MAC; its state, note or another line changed */
	uint32_t alerts;
};

struct timeline {
	int64_t since, until;
	int64_t seconds;                /* of a bucket; the first begins at `since` */
	int64_t alerts_since;           /* alerts are counted from here on */
	struct timeline_bucket *bucket; /* owned */
	size_t buckets;
};

/* Counts what main took, by the look-back index alone: no commit is read. A file that is not an
 * entry counts as absent. What the first commit of a thinned history has is not counted.
 * -EINVAL: the repository is not one of arpkeeper's, or `since` is later than `until`.
 * timeline_clear() in any case. */
int reader_timeline(struct reader *reader, struct timeline *timeline,
                    const struct timeline_query *query, struct fault *fault);
void timeline_clear(struct timeline *timeline);

#endif

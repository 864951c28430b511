/* SPDX-License-Identifier: MIT */
/*
 * Which alerts are reported, and which only counted. Pure: the clock is passed in, nothing is
 * allocated, and all zeros is a limiter at its beginning.
 *
 * The same alert is reported once a minute. All together have a budget, whose last part each kind
 * uses only slowly: a thousand new stations do not hide one conflict.
 */
#ifndef USER_AGENT_ALERTLIMIT_H
#define USER_AGENT_ALERTLIMIT_H

#include "neighbour/neighbour.h"

#define ALERTLIMIT_REPEAT_MS 60000 /* the same kind, segment, address and MAC: once in this */
#define ALERTLIMIT_BURST     100   /* all together: so many at once, */
#define ALERTLIMIT_EVERY_MS  100   /* then one in this */
#define ALERTLIMIT_RESERVE   20    /* of the burst: for kinds that are rare, */
#define ALERTLIMIT_OWN_BURST 5     /* each of which may take so many at once, */
#define ALERTLIMIT_OWN_MS    1000  /* then one in this */
#define ALERTLIMIT_KNOWN     4096  /* reported lately; the oldest is forgotten first */

struct alertlimit_key {
	enum alert_kind kind;
	unsigned segment;
	struct address address;
	struct mac mac;
};

struct alertlimit_told {
	struct alertlimit_key key;
	uint64_t at;   /* milliseconds */
	uint16_t next; /* in the bucket: index + 1; 0: the last */
};

struct alertlimit {
	struct alertlimit_told told[ALERTLIMIT_KNOWN]; /* a ring */
	uint16_t bucket[ALERTLIMIT_KNOWN];             /* index + 1 of the newest; 0: none */
	uint32_t known, next;                          /* so many are used; where the next goes */
	/* When each budget is whole again, in milliseconds: a leaky bucket, as a time. */
	uint64_t whole, own_whole[ALERT_KINDS];
};

/* True: report it; it is remembered. `now_ms` never goes back. */
bool alertlimit_pass(struct alertlimit *limit, const struct alertlimit_key *key, uint64_t now_ms);

#endif

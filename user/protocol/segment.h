/* SPDX-License-Identifier: MIT */
/* A segment as history knows it: a name, and its on-link prefixes. */
#ifndef USER_PROTOCOL_SEGMENT_H
#define USER_PROTOCOL_SEGMENT_H

#include "wire/wire.h"

struct segment {
	const char *name;
	const struct prefix *prefix;
	size_t prefixes;
};

/* Whether it is on-link in one of the segment's prefixes, and a host may have it. */
bool segment_has_host(const struct segment *segment, struct address address);
/* Of a list that owns what it holds. 0 or -ENOMEM. */
int segment_add_prefix(struct segment *segment, struct prefix prefix);
/* A copy of its own, for segments_free(); NULL: out of memory. */
struct segment *segments_copy(const struct segment *segment, size_t segments);
void segments_free(struct segment *segment, size_t segments);

#endif

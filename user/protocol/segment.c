/* SPDX-License-Identifier: MIT */
/* Lists of segments: copied, extended, freed. */
#include "protocol/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool segment_has_host(const struct segment *segment, struct address address)
{
	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_is_host(segment->prefix[i], address))
			return true;
	return false;
}

int segment_add_prefix(struct segment *segment, struct prefix prefix)
{
	struct prefix *larger = realloc((struct prefix *)segment->prefix,
	                                (segment->prefixes + 1) * sizeof(*larger));

	if (!larger)
		return -ENOMEM;
	larger[segment->prefixes++] = prefix;
	segment->prefix = larger;
	return 0;
}

struct segment *segments_copy(const struct segment *segment, size_t segments)
{
	struct segment *copy = calloc(segments + 1, sizeof(*copy));
	bool failed = !copy;

	for (size_t i = 0; i < segments && !failed; i++) {
		copy[i].name = strdup(segment[i].name);
		failed = !copy[i].name;
		for (size_t j = 0; j < segment[i].prefixes && !failed; j++)
			failed = segment_add_prefix(&copy[i], segment[i].prefix[j]) < 0;
	}
	if (!failed)
		return copy;
	segments_free(copy, copy ? segments : 0);
	return NULL;
}

void segments_free(struct segment *segment, size_t segments)
{
	for (size_t i = 0; i < segments; i++) {
		free((char *)segment[i].name);
		free((struct prefix *)segment[i].prefix);
	}
	free(segment);
}

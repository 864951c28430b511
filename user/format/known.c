// SPDX-License-Identifier: MIT
/* Counts by path: no file is opened, and what is invalid was judged before it came in. */
#include "format/known.h"

#include <string.h>

#include "store/store.h"

struct counting {
	struct guard_part *part;
	const struct segment *segment;
	size_t segments;
	size_t last; /* found: the walk is in path order */
};

static bool is_in(const char *path, const char *segment)
{
	size_t length = strlen(segment);

	return strncmp(path, segment, length) == 0 && path[length] == '/';
}

static int count_one(void *context, const struct tree_difference *file)
{
	struct counting *counting = context;
	size_t i = counting->last;

	if (i >= counting->segments || !is_in(file->path, counting->segment[i].name))
		for (i = 0; i < counting->segments; i++)
			if (is_in(file->path, counting->segment[i].name))
				break;
	counting->last = i;
	if (i < counting->segments)
		counting->part[i].known++;
	return 0;
}

int known_count(struct guard_part *part, git_repository *repository, const git_oid *tree,
                const struct segment *segment, size_t segments)
{
	struct counting counting = {
	        .part = part, .segment = segment, .segments = segments, .last = segments};

	for (size_t i = 0; i < segments; i++)
		part[i].known = 0;
	return tree_walk(repository, NULL, tree, count_one, NULL, &counting);
}

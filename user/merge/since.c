// SPDX-License-Identifier: MIT
/* Compares ids in folders, and opens no file. */
#include "merge/since.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define STOPPED 1

struct search {
	struct since *since;
	const struct merge_scope *scope;
};

static int add(void *context, const struct tree_difference *difference)
{
	const struct search *search = context;
	struct since *since = search->since;
	const struct merge_scope *scope = search->scope;
	char name[SEGMENT_NAME_MAX + 1];
	struct address address;
	unsigned segment = 0;

	/* What is not an entry's path is not an item's. */
	if (entry_path_parse(name, &address, difference->path, NULL) < 0)
		return 0;
	while (segment < scope->segments && strcmp(scope->segment[segment].name, name) != 0)
		segment++;
	if (segment == scope->segments)
		return 0;
	if (addresses_count(&since->differ) == SINCE_MOST)
		return STOPPED;
	return addresses_add(&since->differ, segment, address);
}

int since_find(struct since *since, const struct merge_scope *scope, const struct theirs *theirs,
               const struct changes *changes, const git_oid *main, struct fault *fault)
{
	struct search search = {since, scope};
	int error;

	*since = (struct since){0};
	/* An invalid file is no base, and yet it is there. */
	if (!theirs->plain || !theirs->has_base || changes->invalid_bases > 0)
		return 0;
	error = tree_diff(scope->repository, &theirs->base.tree, main, add, &search);
	if (error == -ENOMEM)
		return fault_set(fault, error, "out of memory");
	if (error < 0)
		return trouble_set(fault, error, "main");
	since->known = error == 0;
	return 0;
}

void since_clear(struct since *since)
{
	addresses_clear(&since->differ);
	*since = (struct since){0};
}

bool since_is_base(const struct since *since, const struct history_item *item)
{
	return since && since->known &&
	       !addresses_have(&since->differ, item->segment, item->address);
}

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

static uint64_t key_of(unsigned segment, uint32_t address)
{
	return (uint64_t)segment << 32 | address;
}

static int add(void *context, const struct tree_difference *difference)
{
	const struct search *search = context;
	struct since *since = search->since;
	const struct merge_scope *scope = search->scope;
	char name[SEGMENT_NAME_MAX + 1];
	uint32_t address;
	unsigned segment = 0;

	/* What is not an entry's path is not an item's. */
	if (entry_path_parse(name, &address, difference->path, NULL) < 0)
		return 0;
	while (segment < scope->segments && strcmp(scope->segment[segment].name, name) != 0)
		segment++;
	if (segment == scope->segments)
		return 0;
	if (since->count == SINCE_MOST)
		return STOPPED;
	if (array_reserve(&since->key, &since->room, since->count + 1))
		return -ENOMEM;
	since->key[since->count++] = key_of(segment, address);
	return 0;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

	return (left > right) - (left < right);
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
	if (since->count > 1)
		qsort(since->key, since->count, sizeof(*since->key), compare);
	return 0;
}

void since_clear(struct since *since)
{
	free(since->key);
	*since = (struct since){0};
}

bool since_is_base(const struct since *since, const struct history_item *item)
{
	uint64_t key = key_of(item->segment, item->address);

	return since && since->known &&
	       (since->count == 0 ||
	        !bsearch(&key, since->key, since->count, sizeof(key), compare));
}

// SPDX-License-Identifier: MIT
/* Collects and sorts edits. The forest applies them. */
#include "store/edits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode)
{
	return edits_add_keyed(edits, path, 0, id, mode);
}

int edits_add_keyed(struct edits *edits, const char *path, uint64_t key, const git_oid *id,
                    uint32_t mode)
{
	struct edit edit = {.present = id != NULL, .mode = mode, .key = key};

	if (array_reserve(&edits->edit, &edits->room, edits->count + 1))
		return -ENOMEM;
	edit.path = strdup(path);
	if (!edit.path)
		return -ENOMEM;
	if (id)
		edit.id = *id;
	edits->edit[edits->count++] = edit;
	return 0;
}

void edits_clear(struct edits *edits)
{
	for (size_t i = 0; i < edits->count; i++)
		free(edits->edit[i].path);
	free(edits->edit);
	*edits = (struct edits){0};
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct edit *)a)->path, ((const struct edit *)b)->path);
}

static int compare_keys(const void *a, const void *b)
{
	uint64_t left = ((const struct edit *)a)->key, right = ((const struct edit *)b)->key;

	if (left != right)
		return left < right ? -1 : 1;
	return compare_paths(a, b);
}

size_t edits_sort(struct edit *edit, size_t edits)
{
	int (*compare)(const void *, const void *) = compare_keys;
	size_t kept = 0;

	for (size_t i = 0; i < edits; i++)
		if (!edit[i].key)
			compare = compare_paths;
	if (edits > 1)
		qsort(edit, edits, sizeof(*edit), compare);
	for (size_t i = 0; i < edits; i++) {
		struct edit moved = edit[i];

		if (kept > 0 && compare(&edit[kept - 1], &moved) == 0)
			continue;
		edit[i] = edit[kept];
		edit[kept++] = moved;
	}
	return kept;
}

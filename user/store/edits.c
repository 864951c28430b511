// SPDX-License-Identifier: MIT
/* A list of edits. Only collects and sorts: the forest applies them. */
#include "store/edits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/writer.h"

static struct edit *add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode)
{
	struct edit *edit;

	if (edits->count == edits->room) {
		size_t room = edits->room ? 2 * edits->room : 16;
		struct edit *grown = realloc(edits->edit, room * sizeof(*grown));

		if (!grown)
			return NULL;
		edits->edit = grown;
		edits->room = room;
	}
	edit = &edits->edit[edits->count];
	*edit = (struct edit){.path = strdup(path), .present = id != NULL, .mode = mode};
	if (!edit->path)
		return NULL;
	if (id)
		edit->id = *id;
	edits->count++;
	return edit;
}

int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode)
{
	return add(edits, path, id, mode) ? 0 : -ENOMEM;
}

int edits_add_blob(struct edits *edits, const char *segment, uint32_t address, const git_oid *id)
{
	char path[ENTRY_PATH_MAX];
	struct edit *edit = add(edits, entry_path(path, segment, address), id, GIT_FILEMODE_BLOB);

	if (!edit)
		return -ENOMEM;
	edit->segment = segment;
	edit->address = address;
	return 0;
}

int edits_add_entry(struct edits *edits, struct writer *writer, const char *segment,
                    uint32_t address, const struct entry *entry, struct fault *fault)
{
	char *text = NULL;
	git_oid id;
	int error = 0;

	if (entry) {
		text = entry_print(entry);
		error = text ? writer_blob(writer, &id, text, strlen(text), fault)
		             : fault_set(fault, -ENOMEM, "out of memory");
		free(text);
	}
	if (!error && edits_add_blob(edits, segment, address, entry ? &id : NULL) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	return error;
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

/* In another order than that of paths, but addresses of one directory stand together, too. */
static int compare_addresses(const void *a, const void *b)
{
	const struct edit *left = a, *right = b;

	if (left->segment != right->segment)
		return strcmp(left->segment, right->segment);
	return (left->address > right->address) - (left->address < right->address);
}

size_t edits_sort(struct edit *edit, size_t edits)
{
	int (*compare)(const void *, const void *) = compare_addresses;
	size_t kept = 0;

	for (size_t i = 0; i < edits; i++)
		if (!edit[i].segment)
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

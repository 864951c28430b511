// SPDX-License-Identifier: MIT
/* A list of edits. Only collects: the writer applies them. */
#include "history/edits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode)
{
	struct edit *edit;

	if (edits->count == edits->room) {
		size_t room = edits->room ? 2 * edits->room : 16;
		struct edit *grown = realloc(edits->edit, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		edits->edit = grown;
		edits->room = room;
	}
	edit = &edits->edit[edits->count];
	*edit = (struct edit){.path = strdup(path), .present = id != NULL, .mode = mode};
	if (!edit->path)
		return -ENOMEM;
	if (id)
		edit->id = *id;
	edits->count++;
	return 0;
}

int edits_add_entry(struct edits *edits, struct writer *writer, const char *segment,
                    uint32_t address, const struct entry *entry, struct fault *fault)
{
	char path[ENTRY_PATH_MAX], *text = NULL;
	git_oid id;
	int error = 0;

	if (entry) {
		text = entry_print(entry);
		error = text ? writer_blob(writer, &id, text, strlen(text), fault)
		             : fault_set(fault, -ENOMEM, "out of memory");
		free(text);
	}
	if (!error && edits_add(edits, entry_path(path, segment, address), entry ? &id : NULL,
	                        GIT_FILEMODE_BLOB) < 0)
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

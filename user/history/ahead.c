// SPDX-License-Identifier: MIT
/* Collects the entries, and corrects all of them in one commit. Judges nothing. */
#include "history/ahead.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int ahead_add(struct ahead *ahead, const char *path, const git_oid *id, const struct entry *entry)
{
	struct ahead_item item = {.id = *id};

	if (array_reserve(&ahead->item, &ahead->room, ahead->count + 1))
		return -ENOMEM;
	item.path = strdup(path);
	item.entry = entry_copy(entry);
	if (!item.path || !item.entry) {
		free(item.path);
		entry_free(item.entry);
		return -ENOMEM;
	}
	ahead->item[ahead->count++] = item;
	return 0;
}

/* An edit, such that it begins now. */
static int correct(struct edits *edits, struct writer *writer, const struct ahead_item *item,
                   int64_t now, struct fault *fault)
{
	char *text;
	git_oid id;
	int error;

	item->entry->since = now;
	text = entry_print(item->entry);
	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = writer_blob(writer, &id, text, strlen(text), fault);
	free(text);
	if (!error && edits_add(edits, item->path, &id, GIT_FILEMODE_BLOB) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	return error;
}

static int commit(struct archive *archive, struct version *theirs, struct edits *edits,
                  const char *source, struct fault *fault)
{
	const git_oid parent = theirs->commit;
	struct commit_spec spec = {.base = &theirs->tree,
	                           .edit = edits->edit,
	                           .edits = edits->count,
	                           .parent = {&parent},
	                           .parents = 1};
	char *message = NULL, id[TASK_ID_MAX];
	struct version made;
	size_t size;
	FILE *stream = open_memstream(&message, &size);
	int error;

	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	fprintf(stream, "sync: %zu addresses of ", edits->count);
	wording_clean(stream, source);
	fputs(" begin now\n\nThere they begin in the future: its clock is ahead.\n\n", stream);
	branches_next_id(&archive->branches, id, "sync", time(NULL));
	wording_trailers(stream, id, NULL, NULL);
	if (!wording_finish(stream, &message))
		return fault_set(fault, -ENOMEM, "out of memory");
	spec.message = message;
	error = writer_commit(archive->writer, &made, &spec, fault);
	free(message);
	if (error)
		return error;
	*theirs = made;
	log_warning("%s: %zu entries begin in the future, as if its clock were ahead of ours: they "
	            "are taken as of now",
	            source, edits->count);
	return 0;
}

int ahead_correct(const struct ahead *ahead, struct archive *archive, struct version *theirs,
                  const git_oid *base, const char *source, struct fault *fault)
{
	const int64_t now = time(NULL);
	struct edits edits = {0};
	int error = 0;

	for (size_t i = 0; i < ahead->count && !error; i++) {
		const struct ahead_item *item = &ahead->item[i];
		git_oid before;

		if (base) {
			error = writer_find(archive->writer, &before, NULL, base, item->path,
			                    fault);
			if (!error && git_oid_equal(&before, &item->id))
				continue;
			if (error == -ENOENT)
				error = 0;
		}
		if (!error)
			error = correct(&edits, archive->writer, item, now, fault);
	}
	if (!error && edits.count > 0)
		error = commit(archive, theirs, &edits, source, fault);
	edits_clear(&edits);
	return error;
}

void ahead_clear(struct ahead *ahead)
{
	for (size_t i = 0; i < ahead->count; i++) {
		free(ahead->item[i].path);
		entry_free(ahead->item[i].entry);
	}
	free(ahead->item);
	*ahead = (struct ahead){0};
}

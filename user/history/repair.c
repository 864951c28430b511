// SPDX-License-Identifier: MIT
/* The commit that makes invalid files what they were before. Judges nothing. */
#include "history/repair.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/store.h"

/* malloc'ed; NULL: out of memory. */
static char *word(const struct changes *changes, const git_oid *on)
{
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);

	if (!stream)
		return NULL;
	if (changes->problems == 1) {
		fprintf(stream, "repair: %s\n", changes->problem[0].text);
	} else {
		fprintf(stream, "repair: %zu files\n\n", changes->problems);
		for (size_t i = 0; i < changes->problems && i < PROBLEMS_KEPT; i++)
			fprintf(stream, "%s\n", changes->problem[i].text);
	}
	fprintf(stream, "\nEach is as it was before %s.\n", git_oid_tostr_s(on));
	if (fclose(stream) == 0)
		return message;
	free(message);
	return NULL;
}

int repair_main(struct archive *archive, struct version *main, const struct changes *changes,
                struct fault *fault)
{
	struct commit_spec spec = {.base = &main->tree,
	                           .edit = changes->restore.edit,
	                           .edits = changes->restore.count,
	                           .parent = {&main->commit},
	                           .parents = 1};
	char *message = word(changes, &main->commit);
	struct version made;
	int error;

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	spec.message = message;
	error = writer_commit(archive->writer, &made, &spec, fault);
	if (!error)
		error = writer_flush(archive->writer, fault);
	if (!error)
		error = refs_move(archive->repository, MAIN_REF, &main->commit, &made.commit,
		                  "arpkeeper: repair", fault);
	if (!error)
		*main = made;
	free(message);
	return error;
}

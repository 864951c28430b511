// SPDX-License-Identifier: MIT
/* Makes a commit, makes it durable, and moves main to it. Needs no table. */
#include "history/adopt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int adopt_commit(struct archive *archive, struct version *main, const struct version *made,
                 struct fault *fault)
{
	int error = writer_flush(archive->writer, fault);

	if (!error)
		error = refs_move(archive->repository, MAIN_REF, &main->commit, &made->commit,
		                  fault);
	if (!error)
		*main = *made;
	return error;
}

int adopt_merge(struct archive *archive, struct version *main, struct mergecommit *commit,
                const struct adoption *adoption, struct fault *fault)
{
	const struct version *ours = adoption->ours, *base = adoption->base;
	bool behind = base && git_oid_equal(&base->commit, &ours->commit);
	struct changes changes = {.keep_outside = true,
	                          .carry_outside = adoption->foreign || adoption->edits};
	struct mergecommit_request request = {.kind = adoption->kind,
	                                      .source = adoption->source,
	                                      .ours = ours,
	                                      .others = &changes.others,
	                                      .others_before = &changes.others_before,
	                                      .first = &main->commit,
	                                      .second = adoption->other ? &adoption->other->commit
	                                                                : NULL,
	                                      .forward = behind ? adoption->theirs : NULL};
	const struct authored difference =
	        authored_of_trees(base ? &base->tree : NULL, &adoption->theirs->tree);
	struct history_proposal *proposal = NULL;
	const struct merge_scope scope = archive_scope(archive);
	int error = changes_find(&scope, &changes, adoption->edits ? adoption->edits : &difference,
	                         fault);

	if (!error && adoption->foreign && changes.problems > 0)
		error = fault_set(fault, -EINVAL, "%s", changes.problem[0].text);
	if (!error)
		error = changes_propose(&proposal, &changes, adoption->source, fault);
	if (!error)
		error = mergecommit_decide(archive, proposal, &ours->tree, fault);
	request.proposal = proposal;
	if (!error)
		error = mergecommit_make(archive, commit, &request, fault);
	if (!error)
		error = adopt_commit(archive, main, &commit->made, fault);
	proposal_free(proposal);
	changes_clear(&changes);
	return error;
}

/* The message of a repair, malloc'ed; NULL: out of memory. */
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
	return wording_finish(stream, &message);
}

int adopt_repair(struct archive *archive, struct version *main, const struct changes *changes,
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
		error = adopt_commit(archive, main, &made, fault);
	free(message);
	return error;
}

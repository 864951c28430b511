// SPDX-License-Identifier: MIT
/* Changes, decided by the rule, committed, flushed, and named by main. Needs no table. */
#include "history/adopt.h"

#include <errno.h>

#include "history/changes.h"
#include "history/proposal.h"
#include "store/store.h"

int adopt(struct archive *archive, struct version *main, struct mergecommit *commit,
          const struct adoption *adoption, struct fault *fault)
{
	const struct version *ours = adoption->ours, *base = adoption->base;
	bool behind = base && git_oid_equal(&base->commit, &ours->commit);
	struct changes changes = {.keep_outside = true, .carry_outside = adoption->foreign};
	struct mergecommit_request request = {.kind = adoption->kind,
	                                      .source = adoption->source,
	                                      .ours = ours,
	                                      .base = base ? &base->tree : NULL,
	                                      .others = &changes.others,
	                                      .first = &main->commit,
	                                      .second = &adoption->other->commit,
	                                      .forward = behind ? adoption->theirs : NULL};
	struct history_proposal *proposal = NULL;
	int error = changes_find(archive, &changes, request.base, &adoption->theirs->tree, fault);

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
		error = writer_flush(archive->writer, fault);
	if (!error)
		error = refs_move(archive->repository, MAIN_REF, &main->commit,
		                  &commit->made.commit, adoption->reason, fault);
	if (!error)
		*main = commit->made;
	proposal_free(proposal);
	changes_clear(&changes);
	return error;
}

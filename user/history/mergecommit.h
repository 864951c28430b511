/* SPDX-License-Identifier: MIT */
/* A decided proposal becomes a commit: of a merge, or of a revert. Moves no reference. */
#ifndef USER_HISTORY_MERGECOMMIT_H
#define USER_HISTORY_MERGECOMMIT_H

#include "history/archive.h"
#include "history/message.h"
#include "history/types.h"

struct mergecommit_request {
	const char *kind;           /* the task's: "operator" */
	const char *source;         /* "main", "merge/x" */
	const struct version *ours; /* what the proposal is merged into */
	const struct history_proposal *proposal;
	const struct edits *others;        /* files that are not entries, */
	const struct edits *others_before; /* and what each of them was in the base */
	const git_oid *first, *second;     /* parents; second NULL: one */
	const git_oid *pushed;             /* by whose author the merge is; NULL: by the agent */
	const struct version *forward; /* the result, if its tree is the result's tree; or NULL */
	const struct request *revert;  /* what is undone; NULL: a merge */
	size_t outside;                /* files of a revert that are left alone, */
	const char *outside_path;      /* such as this one */
};

struct mergecommit {
	struct version made;  /* `ours` if a revert changes nothing */
	char id[TASK_ID_MAX]; /* of the task */
	struct history_outcome outcome;
};

int mergecommit_make(struct archive *archive, struct mergecommit *commit,
                     const struct mergecommit_request *request, struct fault *fault);
/* Decides the items that the owner has not merged, by the rule, against the entries in `tree`. */
int mergecommit_decide(struct archive *archive, struct history_proposal *proposal,
                       const git_oid *tree, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* Changes of the table become commits. Moves no reference. */
#ifndef USER_HISTORY_COMMIT_H
#define USER_HISTORY_COMMIT_H

#include "history/archive.h"
#include "history/task.h"

struct commit_request {
	const char *kind, *id;
	const struct context *context;
	const struct version *on; /* its parent, and the tree that it changes */
	const struct transitions *transitions;
};

/* -EALREADY: nothing would change. */
int commit_changes(struct archive *archive, struct version *made,
                   const struct commit_request *request, struct fault *fault);
/* The commit that brings a task's changes to the log's end. */
int commit_merge(struct archive *archive, struct version *made, const struct version *head,
                 const struct task *task, struct fault *fault);

#endif

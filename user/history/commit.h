/* SPDX-License-Identifier: MIT */
/* Changes of the table become commits. Moves no reference. */
#ifndef USER_HISTORY_COMMIT_H
#define USER_HISTORY_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "format/format.h"
#include "history/archive.h"

/* A task between history_begin() and history_end(). */
struct task {
	struct task *next;
	uint64_t token;
	char *kind;             /* owned */
	char id[TASK_ID_MAX];   /* "" until the first commit */
	struct version base;    /* where its branch starts */
	struct version tip;     /* its last commit */
	bool commits;           /* tip is not base */
	struct context context; /* of its first change */
	bool context_known;
	struct transitions pending; /* not yet committed */
	uint64_t last, committed;   /* numbers of changes: of `pending`, and of the branch */
	uint64_t done;              /* changes committed on the branch, and not yet on main */
	struct addresses fresh;     /* of `pending` */
	struct addresses held;      /* of all that is not yet on main */
};

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

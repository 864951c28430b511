/* SPDX-License-Identifier: MIT */
/* A request of a person: to merge a branch, to look at everything, or to undo a task. */
#ifndef USER_HISTORY_REQUEST_H
#define USER_HISTORY_REQUEST_H

#include <git2.h>

#include "history/mailbox.h"
#include "history/types.h"

struct request {
	struct request *next;
	char *ref; /* owned: "refs/heads/merge/x"; NULL: everything, or a task to undo */
	/* What to undo, as in struct history_revert; all owned. NULL name: nothing. */
	char *name, *author, *message;
	git_oid *commit;
	size_t commits;
	struct mails waiters; /* for the outcome */
};

/* To merge main as others moved it; history's own. NULL: out of memory. */
struct request *request_main(void);
/* `branch` as in history_merge(). 0 or -ENOMEM. */
int request_merge(struct request **request, const char *branch);
/* 0, -ENOMEM, or -EINVAL: a commit's id is invalid. */
int request_revert(struct request **request, const struct history_revert *revert);
/* The waiters must be gone. NULL is fine. */
void request_free(struct request *request);

#endif

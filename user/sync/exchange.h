/* SPDX-License-Identifier: MIT */
/* What fetching and pushing share while an exchange runs. */
#ifndef USER_SYNC_EXCHANGE_H
#define USER_SYNC_EXCHANGE_H

#include "sync/report.h"
#include "sync/tips.h"

struct exchange {
	const struct sync_request *request;
	struct sync_report *report;
	const char *directory;              /* the agent's repository; ends in '/' */
	struct quarantine aside;            /* where git fetches to and pushes from */
	char aside_directory[PATH_MAX + 1]; /* the same, ending in '/' */
	struct remotegit git;
	struct tips tips;
	unsigned failed; /* fetches in a row of which nothing came, for no reason of theirs */
};

/* Sets references below SYNC_FROM, durably: each branch's to `id`, and its `held`. */
int exchange_hold(struct exchange *exchange, struct sync_branch *const *branch,
                  const char (*id)[SYNC_ID], size_t count, struct fault *fault);
/* Whether the commit `old` is an ancestor of `new`, as git in the scratch repository says. false
 * also if one of them is missing. */
bool exchange_follows(const struct exchange *exchange, const char *new, const char *old);

#endif

/* SPDX-License-Identifier: MIT */
/* Start-up: one commit on main that has both main's commits and others. */
#ifndef USER_HISTORY_ADOPT_H
#define USER_HISTORY_ADOPT_H

#include "history/mergecommit.h"

struct adoption {
	const char *kind;            /* the task's: "operator", "sync" */
	const char *source;          /* whose changes are merged: "main", or another repository */
	const char *reason;          /* for the reflog */
	const struct version *other; /* what main lacks */
	const struct version *ours, *theirs; /* main and `other`, or the other way round */
	const struct version *base;          /* NULL: they have none */
	bool foreign; /* another host's: entries outside the configuration are kept, and anything
	                 invalid is refused (-EINVAL) */
};

/* The rule decides. Makes the commit durable and moves main to it; then `main` is that commit. A
 * fast-forward, if main has nothing that `other` lacks. -ESTALE: main has moved. */
int adopt(struct archive *archive, struct version *main, struct mergecommit *commit,
          const struct adoption *adoption, struct fault *fault);

#endif

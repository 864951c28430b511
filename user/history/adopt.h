/* SPDX-License-Identifier: MIT */
/* New commits on main, also where no table is there to be asked. */
#ifndef USER_HISTORY_ADOPT_H
#define USER_HISTORY_ADOPT_H

#include "history/mergecommit.h"
#include "merge/merge.h"

/* Makes `made` durable and moves main to it; then `main` is that commit. -ESTALE: main has moved.
 * So do the others. */
int adopt_commit(struct archive *archive, struct version *main, const struct version *made,
                 struct fault *fault);

/* Start-up: one commit that has both main's commits and others. */
struct adoption {
	const char *kind;            /* the task's: "operator", "sync" */
	const char *source;          /* whose changes are merged: "main", or another repository */
	const struct version *other; /* what main lacks; NULL: nothing */
	const struct version *ours, *theirs; /* main and `other`, or the other way round */
	const struct version *base;          /* their merge base; NULL: they have none */
	const struct authored *edits; /* what `theirs` changed; NULL: its difference from `base` */
	bool foreign; /* another host's: entries outside the configuration are kept, and anything
	                 invalid is refused (-EINVAL) */
};

/* The rule decides. A fast-forward, if main has nothing that `other` lacks. */
int adopt_merge(struct archive *archive, struct version *main, struct mergecommit *commit,
                const struct adoption *adoption, struct fault *fault);

/* Takes back invalid files in main: they become what they were before. */
int adopt_repair(struct archive *archive, struct version *main, const struct changes *changes,
                 struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * history.keep: what is older is thinned. The commits that remain are untouched; those at the
 * boundary are named in git's own file `shallow`, and have no parents from then on. Nothing is
 * rewritten.
 */
#ifndef USER_UPKEEP_RETAIN_H
#define USER_UPKEEP_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct retain {
	const char *git_directory; /* ends in '/' */
	uint32_t keep;             /* seconds; 0: everything */
	bool now;                  /* even if it is not due */
	bool may_remove;           /* no pack is kept (.keep) that holds old history */
};

/*
 * Moves the boundary to `keep` seconds ago, at most once a day and if a tenth of the history would
 * go; and, a while later, when no push that was judged before can be under way any more, removes
 * what is beyond it.
 */
int retain_run(const struct retain *retain, struct fault *fault);
/* Whether what is beyond the boundary is to be removed, or is just being removed. */
bool retain_is_removing(const char *git_directory);
/* Whether retain_run() would remove something now. */
bool retain_is_due(const char *git_directory, bool now);
/* When the history begins that is kept: UTC seconds; 0: it was never thinned. */
int64_t retain_since(const char *git_directory);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Thins history older than `history.keep`. The commits that remain are untouched. Git's own file
 * `shallow` names those at the boundary, and for git they have no parents from then on.
 */
#ifndef USER_UPKEEP_RETAIN_H
#define USER_UPKEEP_RETAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "upkeep/walltime.h"

struct retain {
	const char *git_directory;   /* ends in '/' */
	uint32_t keep;               /* seconds; 0: everything */
	const char *archive;         /* a repository for what goes (attic.h); NULL: none */
	bool now;                    /* even if it is not due, and as if the clock were right */
	const struct walltime *time; /* now */
};

/*
 * Moves the boundary to `keep` seconds ago, at most once a day, and only if a tenth of the history
 * would go. At most half of it goes at once. Ten minutes later, when every push that was judged
 * before has ended, removes what is beyond the boundary. As long as the clock is not believed
 * (walltime.h), neither happens, and a warning says so, once a day. An archive is
 * brought up to date once a day, and before the boundary moves; -EREMOTEIO: it could not be, and
 * the boundary stays.
 */
int retain_run(const struct retain *retain, struct fault *fault);
/* Whether something beyond the boundary is to be removed, or is being removed. */
bool retain_is_removing(const char *git_directory);
/* Whether retain_run() would remove something now. */
bool retain_is_due(const struct retain *retain);
/* When the kept history begins, in UTC seconds; 0: it was never thinned. */
int64_t retain_since(const char *git_directory);

#endif

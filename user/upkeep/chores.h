/* SPDX-License-Identifier: MIT */
/* What the upkeep process does (`arpkeeper hook upkeep`). */
#ifndef USER_UPKEEP_CHORES_H
#define USER_UPKEEP_CHORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "upkeep/walltime.h"

#define UPKEEP_NO_ARCHIVE 3 /* the process's status: see -EREMOTEIO */

struct chores {
	const char *git_directory; /* ends in '/' */
	uint32_t keep;             /* history.keep, seconds; 0: everything */
	const char *archive; /* what is older goes there before it is removed; NULL: nowhere */
	bool now; /* join all packs and thin history, even if neither is due, whatever the clock */
	const struct walltime *time; /* NULL: the machine's */
	/* The caller's own chore, done before packs are joined; NULL: none. */
	int (*own)(const char *git_directory, struct fault *fault);
};

/*
 * Lowers the process's priority and does the chores. A chore that fails does not stop the others;
 * the first failure is returned. -EREMOTEIO: the archive could not take what is older, which stays.
 * 0 at once if another process does them already.
 */
int chores_run(const struct chores *chores, struct fault *fault);

#endif

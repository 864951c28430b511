/* SPDX-License-Identifier: MIT */
/* What the upkeep process does (`arpkeeper hook upkeep`): see upkeep.h for when. */
#ifndef USER_UPKEEP_CHORES_H
#define USER_UPKEEP_CHORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/fault.h"

struct chores {
	const char *git_directory; /* ends in '/' */
	uint32_t keep;             /* history.keep, seconds; 0: everything */
	bool now;                  /* join all packs, thin history: even if neither is due */
};

/* At low priority; at once back with 0 if another one is at it. May be killed at any moment. */
int chores_run(const struct chores *chores, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* What a person is told once, with the answer to the first push. Forgotten when the agent ends. */
#ifndef USER_HISTORY_HINTS_H
#define USER_HISTORY_HINTS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HINTS_MAX 256 /* persons; further ones are told nothing */

struct hints {
	uint32_t told[HINTS_MAX]; /* a hash of the mail address */
	size_t count;
};

#define HINT_PRUNE                                                                                 \
	"hint: task branches come and go. `git config fetch.prune true` lets them go from a "      \
	"clone, too"

/* Whether the author of this commit has not been told yet; it is now. */
bool hints_first(struct hints *hints, git_repository *repository, const git_oid *commit);

#endif

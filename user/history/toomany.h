/* SPDX-License-Identifier: MIT */
/*
 * The guard for mass changes, where a command merges a branch or reverts a task. What is in main,
 * or under merge/, was judged by the hook when it was pushed, and is not judged here: nobody could
 * confirm it any more.
 */
#ifndef USER_HISTORY_TOOMANY_H
#define USER_HISTORY_TOOMANY_H

#include "history/changes.h"
#include "history/state.h"

struct toomany {
	struct guard_part *part; /* owned: one for each segment */
};

/* toomany_clear() in any case. 0 or -ENOMEM. */
int toomany_begin(struct toomany *mass, const struct state *state);
void toomany_clear(struct toomany *mass);

/* Counts an address that would go from what it is in the log to `after` (NULL: removed), if it is
 * known, and if it is `before` (NULL: whatever it is). 0, or a fault. */
int toomany_add(struct toomany *mass, struct state *state, unsigned segment, const char *path,
                const git_oid *before, const git_oid *after, struct fault *fault);
/* 0: goes on. -EPERM: too many, and the fault says how to confirm. */
int toomany_decide(const struct toomany *mass, struct state *state, struct fault *fault);
/* All of it for the merge in the door. */
int toomany_decide_merge(struct state *state, const struct changes *changes, struct fault *fault);

#endif

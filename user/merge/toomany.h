/* SPDX-License-Identifier: MIT */
/*
 * The guard for mass changes, where a command merges a branch or reverts a task. What is in main,
 * or under merge/, was judged by the hook when it was pushed, and is not judged here: nobody could
 * confirm it any more.
 */
#ifndef USER_MERGE_TOOMANY_H
#define USER_MERGE_TOOMANY_H

#include "merge/ours.h"

struct toomany {
	const struct merge_scope *scope;
	const struct merge_ours *ours;
	struct guard_part *part; /* owned: one for each segment */
};

struct toomany_request {
	const char *reference; /* what is merged; NULL: not a merge */
	const char *doing;     /* "merging rack3"; fit for a terminal */
	uint32_t guard;        /* history.guard */
	uint32_t confirmed;    /* so many may change beyond it */
};

/* toomany_clear() in any case. 0 or -ENOMEM. */
int toomany_begin(struct toomany *mass, const struct merge_scope *scope,
                  const struct merge_ours *ours);
void toomany_clear(struct toomany *mass);

/* Counts an address that would go from what it is in main to `after` (NULL: removed), if it is
 * known, and if it is `before` (NULL: whatever it is). 0, or a fault. */
int toomany_add(struct toomany *mass, unsigned segment, const char *path, const git_oid *before,
                const git_oid *after, struct fault *fault);
/* So many were counted. */
size_t toomany_total(const struct toomany *mass);
/* 0: goes on. -EPERM: too many, and the fault says how to confirm. */
int toomany_decide(const struct toomany *mass, const struct toomany_request *request,
                   struct fault *fault);

/* Whether the hook has judged what the reference names. */
bool toomany_was_judged(const char *reference);
/* All of it for a merge; nothing is counted where the guard cannot refuse. */
int toomany_decide_merge(struct toomany *mass, const struct toomany_request *request,
                         const struct changes *changes, struct fault *fault);

#endif

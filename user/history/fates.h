/* SPDX-License-Identifier: MIT */
/*
 * What became of references. A refused merge request is not looked at again until it changes, and a
 * hook may ask a moment later what came of a push. A merged branch is removed once main holds it.
 */
#ifndef USER_HISTORY_FATES_H
#define USER_HISTORY_FATES_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "history/types.h"

#define FATES 64 /* the oldest is replaced */

struct fate {
	char *ref; /* owned; NULL: free */
	git_oid at;
	uint64_t time; /* uv_now() */
	struct history_outcome outcome;
};

struct fates {
	struct fate item[FATES];
	unsigned next;
};

/* 0 or -ENOMEM. */
int fates_add(struct fates *fates, const char *ref, const git_oid *at, uint64_t now,
              const struct history_outcome *outcome);
/* NULL: unknown, or the reference was not at `at`. */
const struct fate *fates_find_at(const struct fates *fates, const char *ref, const git_oid *at);
/* The outcome, if it is at most 30 seconds old; else NULL. */
const struct history_outcome *fates_find_recent(const struct fates *fates, const char *ref,
                                                uint64_t now);
void fates_clear(struct fates *fates);

/* A branch that is merged, and waits to be removed. */
struct removal {
	struct removal *next;
	char *ref; /* owned */
	git_oid at;
	uint64_t busy_since; /* uv_now(); 0: its lock was free */
};

/* Only a branch under merge/ is ever removed; others are ignored. 0 or -ENOMEM. */
int removals_add(struct removal **removals, const char *ref, const git_oid *at);
bool removals_have(const struct removal *removals, const char *ref, const git_oid *at);
/* main holds all of them. Returns true if a branch has moved on, and must be looked at again. A
 * branch whose lock is held stays for the next call, for a while, unless this is the `last`. */
bool removals_run(struct removal **removals, git_repository *repository, uint64_t now, bool last);
void removals_clear(struct removal **removals);

#endif

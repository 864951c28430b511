/* SPDX-License-Identifier: MIT */
/* Branches of merge requests that are merged: they are removed once main holds them. */
#ifndef USER_HISTORY_REMOVALS_H
#define USER_HISTORY_REMOVALS_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

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

/* SPDX-License-Identifier: MIT */
/*
 * A repository in which something cannot be read: a pack is missing, or the disk has changed it.
 * The table goes on with what was read, and nothing is written, since what is written builds on
 * what is there. As soon as all of it can be read again, another start takes it up.
 */
#ifndef USER_HISTORY_DAMAGE_H
#define USER_HISTORY_DAMAGE_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct damage {
	char text[FAULT_TEXT]; /* what is lost, and what to do; "": nothing is */
	uint64_t seen;         /* the files, when they were last looked at */
	bool changed;          /* since it began */
};

/* `lost`: what of main; "": `why` says what else is wrong. */
void damage_begin(struct damage *damage, git_repository *repository, const char *lost,
                  const char *why);
/* Whether files have changed since, and not since the last call: then another process finds out
 * whether all can be read. In this one, libgit2 would go on with the packs that it has open. */
bool damage_has_changed(struct damage *damage, git_repository *repository);

#endif

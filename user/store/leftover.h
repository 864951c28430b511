/* SPDX-License-Identifier: MIT */
/* What a killed process may leave in a git directory, and when it is removed: one table. */
#ifndef USER_STORE_LEFTOVER_H
#define USER_STORE_LEFTOVER_H

#include <stdint.h>

enum leftover_when {
	LEFTOVER_START = 1,  /* the caller has taken the repository's lock */
	LEFTOVER_UPKEEP = 2, /* upkeep begins; the caller has its lock */
	LEFTOVER_BUSY = 4,   /* the lock that the caller wants is taken */
};

/* Removes the files of that moment. `git_directory` ends in '/'; `now` is in Unix seconds. */
void leftover_remove(const char *git_directory, enum leftover_when when, int64_t now);

#endif

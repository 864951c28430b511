/* SPDX-License-Identifier: MIT */
/* The lock files that a dead process left. */
#ifndef USER_STORE_LEFTOVER_H
#define USER_STORE_LEFTOVER_H

/*
 * For start-up with the repository's lock held, if the last holder did not end by itself. Removes
 * locks that only agents take. Removes others if they stay unchanged for a second: a git command
 * holds one for moments.
 */
void leftover_locks(const char *git_directory);

#endif

/* SPDX-License-Identifier: MIT */
/* What an agent that died left in the repository's way. */
#ifndef USER_STORE_LEFTOVER_H
#define USER_STORE_LEFTOVER_H

/*
 * Called with the repository's lock held, when the last agent did not end by itself: removes
 * lock files of references. Those that only agents write go at once; those that others write
 * too, only when they do not change for a while: a git command holds one for moments.
 */
void leftover_locks(const char *git_directory);

#endif

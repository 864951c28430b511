/* SPDX-License-Identifier: MIT */
/* Durability of what a path names. */
#ifndef USER_HISTORY_SYNC_H
#define USER_HISTORY_SYNC_H

/* fsync of a file, or of a folder (its names are durable then). 0 or a negative errno. */
int sync_path(const char *path);

#endif

/* SPDX-License-Identifier: MIT */
/* Removes folders with everything in them. Links are removed, and not followed. */
#ifndef USER_BASE_FOLDER_H
#define USER_BASE_FOLDER_H

/* Removes what is in it; the folder stays. 0 or the negative errno of the first failure. */
int folder_empty(const char *path);
/* And the folder, or a file. */
int folder_remove(const char *path);

#endif

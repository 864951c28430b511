/* SPDX-License-Identifier: MIT */
/* Durability of what a path names. */
#ifndef USER_BASE_SYNC_H
#define USER_BASE_SYNC_H

#include "base/fault.h"

/* fsync of a file, or of a folder (its names are durable then). 0 or a negative errno. */
int sync_path(const char *path);
/* Of a folder, with a fault that names it. */
int sync_folder(const char *path, struct fault *fault);

#endif

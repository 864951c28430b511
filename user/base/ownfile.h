/* SPDX-License-Identifier: MIT */
/*
 * Files in a folder of ours alone, such as locks and half written files. Each is opened relative to
 * its folder's descriptor, after a look at the folder: a link in its place is not followed, and
 * neither is one in the file's. A folder that others may write is not written to.
 *
 * All take the file's path. They return a negative errno on error: -ELOOP for a symbolic link,
 * -EPERM for a folder of others. own_fault() puts it into words.
 */
#ifndef USER_BASE_OWNFILE_H
#define USER_BASE_OWNFILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/fault.h"

/* Makes the folder if it is missing, for us to write and all to read. */
int own_folder(const char *path);
/* A descriptor, closed on exec. A file that is only read may be in others' folder. */
int own_open(const char *path, int flags, mode_t mode);
/* A stream: "r", or "w" for a new file in place of an old one. NULL, with errno: an error. */
FILE *own_stream(const char *path, const char *mode);
/* A new file with these bytes, in place of an old one, for own_sync(). The disk begins with it. On
 * error there is none. Several that are begun together are on the disk sooner. */
int own_begin(int *file, const char *path, mode_t mode, const void *bytes, size_t size,
              struct fault *fault);
/* Waits until it is on the disk, and closes it. On error it is removed. */
int own_sync(int file, const char *path, struct fault *fault);
/* Both: a new file with these bytes, on the disk, in place of an old one. On error there is none.
 */
int own_create(const char *path, mode_t mode, const void *bytes, size_t size, struct fault *fault);
int own_remove(const char *path);
/* `to` may be in any folder. */
int own_move(const char *path, const char *to);
int own_state(struct stat *status, const char *path);

/* Says what is wrong, and what to do. Returns `error`. */
int own_fault(struct fault *fault, int error, const char *path);

#endif

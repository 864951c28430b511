/* SPDX-License-Identifier: MIT */
/*
 * Files that are whole after a power cut, or not there. A new file is written aside, in the same
 * file system; it is renamed once its bytes are on the disk; then its folder is synced.
 *
 *     durable_replace(aside, path, 0644, text, length, fault);
 *
 * does all three. A caller that writes the file itself, or renames several, takes the steps:
 *
 *     descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
 *     ... durable_write(descriptor, bytes, size) ...
 *     durable_place(descriptor, aside, path);
 *     sync_folder(folder, fault);
 *
 * All return 0 or a negative errno.
 */
#ifndef USER_BASE_DURABLE_H
#define USER_BASE_DURABLE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/fault.h"

/* Writes all of it. The disk starts on large data before the end. */
int durable_write(int descriptor, const void *bytes, size_t size);
/* A new file with these bytes, on the disk. -EEXIST: `path` is there. On error it is not. */
int durable_create(const char *path, mode_t mode, const void *bytes, size_t size,
                   struct fault *fault);
/* Syncs the file that is open, and renames it from `aside` to `path`. */
int durable_place(int descriptor, const char *aside, const char *path);
/* `path` gets these bytes. `aside`, in the same folder, must not be there: it may be a lock. */
int durable_replace(const char *aside, const char *path, mode_t mode, const void *bytes,
                    size_t size, struct fault *fault);

/* Syncs the file `aside`, which was written by others, and renames it to `path`. */
int durable_move(const char *aside, const char *path, struct fault *fault);

/* fsync of a file, or of a folder: then its names are on the disk. */
int sync_path(const char *path);
int sync_folder(const char *path, struct fault *fault);

#endif

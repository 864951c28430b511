/* SPDX-License-Identifier: MIT */
/*
 * Reads many small blobs fast from packs: a million files at start-up. libgit2 reads any object,
 * and locks each time: five times slower where there are threads. What is unusual is left to
 * libgit2: a blob that is loose or large, or a delta against an object elsewhere.
 * For one thread.
 */
#ifndef USER_PACK_BLOBS_H
#define USER_PACK_BLOBS_H

#include <git2.h>
#include <stddef.h>

struct blobs; /* opaque */

/* Opens the packs that are in the folder now, and passes over those that are not whole. NULL: out
 * of memory. */
struct blobs *blobs_open(const char *folder);
void blobs_close(struct blobs *blobs);
/* 0, and a blob of at most `room` bytes. -ENOENT: not found, or not understood; libgit2 says why.
 */
int blobs_read(struct blobs *blobs, const git_oid *id, char *text, size_t room, size_t *length);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Small blobs, many of them, read fast from packs: a million entries at start-up. libgit2 reads any
 * object, one lock after another: five times slower where there are threads. What is unusual
 * (loose, large, of a pack beyond 2 GiB, a delta against an object elsewhere) is left to it.
 * For one thread.
 */
#ifndef USER_PACK_BLOBS_H
#define USER_PACK_BLOBS_H

#include <git2.h>
#include <stddef.h>

struct blobs; /* opaque */

/* The packs that are in the folder now, and are whole; files that are not are passed over. NULL:
 * out of memory. */
struct blobs *blobs_open(const char *folder);
void blobs_close(struct blobs *blobs);
/* 0, and a blob of at most `room` octets; -ENOENT: not found here, or not understood: ask libgit2,
 * which says why. */
int blobs_read(struct blobs *blobs, const git_oid *id, char *text, size_t room, size_t *length);

#endif

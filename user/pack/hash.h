/* SPDX-License-Identifier: MIT */
/* SHA-1 by OpenSSL, which uses the CPU's own instructions where there are any. */
#ifndef USER_PACK_HASH_H
#define USER_PACK_HASH_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"

struct hash; /* opaque */

int hash_new(struct hash **hash, struct fault *fault);
void hash_free(struct hash *hash);

/* The sum of bytes that come piece by piece. hash_begin() drops an unfinished one, and so do the
 * functions below. */
int hash_begin(struct hash *hash, struct fault *fault);
int hash_add(struct hash *hash, const void *data, size_t size, struct fault *fault);
int hash_end(struct hash *hash, git_oid *sum, struct fault *fault);

/* The id of an object: the sum of "<type> <size>\0" and its content. */
int hash_object(struct hash *hash, git_oid *id, git_object_t type, const void *data, size_t size,
                struct fault *fault);
/* The sum of some bytes. */
int hash_bytes(struct hash *hash, git_oid *sum, const void *data, size_t size, struct fault *fault);

#endif

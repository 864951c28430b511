/* SPDX-License-Identifier: MIT */
/* Ids of git's objects, by OpenSSL: with the CPU's own instructions, where it has them. */
#ifndef USER_PACK_HASH_H
#define USER_PACK_HASH_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"

struct hash; /* opaque; holds no state between calls of hash_object() */

int hash_new(struct hash **hash, struct fault *fault);
void hash_free(struct hash *hash);

/* The id of an object: SHA-1 of "<type> <size>\0" and its content. */
int hash_object(struct hash *hash, git_oid *id, git_object_t type, const void *data, size_t size,
                struct fault *fault);
/* Plain SHA-1 of some bytes, as packs and their indexes end in. */
int hash_bytes(struct hash *hash, git_oid *sum, const void *data, size_t size, struct fault *fault);

#endif

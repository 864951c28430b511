// SPDX-License-Identifier: MIT
/*
 * SHA-1 by OpenSSL. libgit2's SHA-1 detects collision attacks, and takes four times as long. It is
 * not needed: arpkeeper made what it hashes here, and git checks what comes in from others. The
 * older of OpenSSL's two interfaces, because the newer one brings all of its algorithms: 4 MB in
 * each process.
 */
#define OPENSSL_API_COMPAT 10100

#include "pack/hash.h"

#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

struct hash {
	SHA_CTX sha1;
};

int hash_new(struct hash **hash, struct fault *fault)
{
	*hash = calloc(1, sizeof(**hash));
	return *hash ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

void hash_free(struct hash *hash)
{
	free(hash);
}

static int checked(int done, struct fault *fault)
{
	return done ? 0 : fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
}

int hash_begin(struct hash *hash, struct fault *fault)
{
	return checked(SHA1_Init(&hash->sha1), fault);
}

int hash_add(struct hash *hash, const void *data, size_t size, struct fault *fault)
{
	return checked(SHA1_Update(&hash->sha1, data, size), fault);
}

int hash_end(struct hash *hash, git_oid *sum, struct fault *fault)
{
	return checked(SHA1_Final(sum->id, &hash->sha1), fault);
}

int hash_object(struct hash *hash, git_oid *id, git_object_t type, const void *data, size_t size,
                struct fault *fault)
{
	char head[32];
	int length = snprintf(head, sizeof(head), "%s %zu", git_object_type2string(type), size);

	return checked(
	        SHA1_Init(&hash->sha1) && SHA1_Update(&hash->sha1, head, (size_t)length + 1) &&
	                SHA1_Update(&hash->sha1, data, size) && SHA1_Final(id->id, &hash->sha1),
	        fault);
}

int hash_bytes(struct hash *hash, git_oid *sum, const void *data, size_t size, struct fault *fault)
{
	int error = hash_begin(hash, fault);

	if (!error)
		error = hash_add(hash, data, size, fault);
	return error ? error : hash_end(hash, sum, fault);
}

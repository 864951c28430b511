// SPDX-License-Identifier: MIT
/*
 * SHA-1 by OpenSSL. libgit2's detects collision attacks and takes four times as long; what is
 * hashed here is made by us, and what others made is checked by git when it comes in.
 */
#include "pack/hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct hash {
	EVP_MD *sha1;
	EVP_MD_CTX *context;
};

int hash_new(struct hash **hash, struct fault *fault)
{
	struct hash *made = calloc(1, sizeof(*made));

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	made->context = EVP_MD_CTX_new();
	if (!made->sha1 || !made->context || !EVP_DigestInit_ex2(made->context, made->sha1, NULL)) {
		hash_free(made);
		return fault_set(fault, -ENOSYS,
		                 "OpenSSL has no SHA-1, which git's object ids are: is it "
		                 "forbidden in openssl.cnf?");
	}
	*hash = made;
	return 0;
}

void hash_free(struct hash *hash)
{
	if (!hash)
		return;
	EVP_MD_CTX_free(hash->context);
	EVP_MD_free(hash->sha1);
	free(hash);
}

static int digest(struct hash *hash, git_oid *sum, const char *head, size_t head_size,
                  const void *data, size_t size, struct fault *fault)
{
	if (!EVP_DigestInit_ex2(hash->context, NULL, NULL) ||
	    !EVP_DigestUpdate(hash->context, head, head_size) ||
	    !EVP_DigestUpdate(hash->context, data, size) ||
	    !EVP_DigestFinal_ex(hash->context, sum->id, NULL))
		return fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
	return 0;
}

int hash_object(struct hash *hash, git_oid *id, git_object_t type, const void *data, size_t size,
                struct fault *fault)
{
	char head[32];
	int length = snprintf(head, sizeof(head), "%s %zu", git_object_type2string(type), size);

	return digest(hash, id, head, (size_t)length + 1, data, size, fault);
}

int hash_bytes(struct hash *hash, git_oid *sum, const void *data, size_t size, struct fault *fault)
{
	return digest(hash, sum, "", 0, data, size, fault);
}

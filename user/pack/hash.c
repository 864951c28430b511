// SPDX-License-Identifier: MIT
/*
 * SHA-1 by OpenSSL. libgit2's SHA-1 detects collision attacks, and takes four times as long. It is
 * not needed: arpkeeper made what it hashes here, and git checks what comes in from others.
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

static int checked(int done, struct fault *fault)
{
	return done ? 0 : fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
}

int hash_begin(struct hash *hash, struct fault *fault)
{
	return checked(EVP_DigestInit_ex2(hash->context, NULL, NULL), fault);
}

int hash_add(struct hash *hash, const void *data, size_t size, struct fault *fault)
{
	return checked(EVP_DigestUpdate(hash->context, data, size), fault);
}

int hash_end(struct hash *hash, git_oid *sum, struct fault *fault)
{
	return checked(EVP_DigestFinal_ex(hash->context, sum->id, NULL), fault);
}

int hash_object(struct hash *hash, git_oid *id, git_object_t type, const void *data, size_t size,
                struct fault *fault)
{
	char head[32];
	int length = snprintf(head, sizeof(head), "%s %zu", git_object_type2string(type), size);

	return checked(EVP_DigestInit_ex2(hash->context, NULL, NULL) &&
	                       EVP_DigestUpdate(hash->context, head, (size_t)length + 1) &&
	                       EVP_DigestUpdate(hash->context, data, size) &&
	                       EVP_DigestFinal_ex(hash->context, id->id, NULL),
	               fault);
}

int hash_bytes(struct hash *hash, git_oid *sum, const void *data, size_t size, struct fault *fault)
{
	int error = hash_begin(hash, fault);

	if (!error)
		error = hash_add(hash, data, size, fault);
	return error ? error : hash_end(hash, sum, fault);
}

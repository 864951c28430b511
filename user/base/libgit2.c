// SPDX-License-Identifier: MIT
/*
 * Starts libgit2. With TLS, as on Debian, libgit2 parses the machine's certificates at every start:
 * 140 of them, 200 kB, more than half the CPU time of `arpkeeper show`. Nothing here opens a
 * connection through libgit2. So the program has a function of the parser's name, mbedTLS' or
 * OpenSSL's, which the dynamic linker takes instead of the library's: the chain stays empty, and a
 * TLS connection would be refused.
 */
#include "base/libgit2.h"

#include <git2.h>

int mbedtls_x509_crt_parse_file(void *chain, const char *path);

int mbedtls_x509_crt_parse_file(void *chain, const char *path)
{
	(void)chain;
	(void)path;
	return 0;
}

int SSL_CTX_set_default_verify_paths(void *context);

int SSL_CTX_set_default_verify_paths(void *context)
{
	(void)context;
	return 1; /* done */
}

int libgit2_start(void)
{
	return git_libgit2_init();
}

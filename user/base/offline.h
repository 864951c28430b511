/* SPDX-License-Identifier: MIT */
/*
 * What libgit2's other members call, and no header of it declares: with the types that it passes,
 * but for its own streams. Only libgit2 calls them.
 */
#ifndef USER_BASE_OFFLINE_H
#define USER_BASE_OFFLINE_H

#include <stdbool.h>

extern bool git_http__expect_continue;
int git_transport_ssh_global_init(void);         /* until 1.7 */
int git_transport_ssh_libssh2_global_init(void); /* since 1.8 */
int git_mbedtls_stream_global_init(void);
int git_mbedtls__set_cert_location(const char *file, const char *path);
int git_mbedtls_stream_new(void **out, const char *host, const char *port);
int git_mbedtls_stream_wrap(void **out, void *in, const char *host);
/* Debian's 1.9.7 has OpenSSL instead of mbedTLS. */
int git_openssl_stream_global_init(void);
int git_openssl__set_cert_location(const char *file, const char *path);
int git_openssl__add_x509_cert(void *certificate);
int git_openssl_stream_new(void **out, const char *host, const char *port);
int git_openssl_stream_wrap(void **out, void *in, const char *host);

#endif

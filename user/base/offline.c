// SPDX-License-Identifier: MIT
/*
 * What libgit2 would reach other machines with, and cannot: the program fetches with git. These
 * functions stand in for libgit2's own in the archive that the Makefile makes (libgit2-offline.a).
 * With them go HTTP, SSH, TLS and Kerberos: 15 shared libraries, which took half of the time in
 * which a command started.
 */
#include "base/offline.h"

#include <git2.h>
#include <git2/sys/transport.h>

bool git_http__expect_continue; /* an option of libgit2, which nothing reads */

int git_smart_subtransport_http(git_smart_subtransport **out, git_transport *owner, void *parameter)
{
	(void)owner;
	(void)parameter;
	*out = NULL;
	return GIT_ENOTFOUND;
}

int git_smart_subtransport_ssh(git_smart_subtransport **out, git_transport *owner, void *parameter)
{
	return git_smart_subtransport_http(out, owner, parameter);
}

int git_transport_ssh_with_paths(git_transport **out, git_remote *owner, void *paths)
{
	(void)owner;
	(void)paths;
	*out = NULL;
	return GIT_ENOTFOUND;
}

int git_transport_ssh_global_init(void)
{
	return 0;
}

int git_transport_ssh_libssh2_global_init(void)
{
	return 0;
}

int git_mbedtls_stream_global_init(void)
{
	return 0;
}

int git_mbedtls__set_cert_location(const char *file, const char *path)
{
	(void)file;
	(void)path;
	return GIT_ENOTFOUND;
}

int git_mbedtls_stream_new(void **out, const char *host, const char *port)
{
	(void)host;
	(void)port;
	*out = NULL;
	return GIT_ENOTFOUND;
}

int git_mbedtls_stream_wrap(void **out, void *in, const char *host)
{
	(void)in;
	(void)host;
	*out = NULL;
	return GIT_ENOTFOUND;
}

int git_openssl_stream_global_init(void)
{
	return 0;
}

int git_openssl__set_cert_location(const char *file, const char *path)
{
	return git_mbedtls__set_cert_location(file, path);
}

int git_openssl__add_x509_cert(void *certificate)
{
	(void)certificate;
	return GIT_ENOTFOUND;
}

int git_openssl_stream_new(void **out, const char *host, const char *port)
{
	return git_mbedtls_stream_new(out, host, port);
}

int git_openssl_stream_wrap(void **out, void *in, const char *host)
{
	return git_mbedtls_stream_wrap(out, in, host);
}

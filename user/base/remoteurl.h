/* SPDX-License-Identifier: MIT */
/* The URL of another repository: what git may be given, and what people may read of it. */
#ifndef USER_BASE_REMOTEURL_H
#define USER_BASE_REMOTEURL_H

#include "base/fault.h"

/*
 * Whether a fleet's node may name it: an absolute path, file://, ssh:// or https://, or ssh's short
 * form (host:path). Helpers (`ext::`) run programs, and http:// and git:// are neither secret nor
 * proof against changes. A password is refused, because every local user can read git's command
 * line. -EINVAL and a fault, which shows no password.
 */
int remoteurl_check(const char *url, struct fault *fault);
/* The URL without a password, and for https:// without the user, who may be a token. malloc'ed;
 * NULL: out of memory. */
char *remoteurl_said(const char *url);
/* Removes the user, and what else stands before the '@', from each https:// and http:// URL in the
 * text. */
void remoteurl_hide_users(char *text);

#endif

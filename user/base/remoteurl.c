// SPDX-License-Identifier: MIT
/* Looks at the text of a URL. Connects to nothing. */
#include "base/remoteurl.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const schemes[] = {"file://", "ssh://", "https://"};

/* The part between scheme and host, with its '@'; its length, 0: none. */
static size_t user_of(const char *url, const char **user)
{
	const char *scheme = strstr(url, "://"), *at;

	*user = scheme ? scheme + 3 : url;
	/* A password may contain a slash in no valid URL, but in what was typed. */
	at = strrchr(*user, '@');
	return scheme && at ? (size_t)(at - *user) + 1 : 0;
}

char *remoteurl_said(const char *url)
{
	const char *user;
	size_t length = user_of(url, &user), kept = length;
	const char *colon = length ? memchr(user, ':', length) : NULL;
	char *said = NULL;

	if (!strncmp(url, "https://", strlen("https://")))
		kept = 0;
	else if (colon)
		kept = (size_t)(colon - user);
	if (asprintf(&said, "%.*s%s%s", (int)((size_t)(user - url) + kept), url,
	             kept && kept < length ? "@" : "", user + length) < 0)
		return NULL;
	return said;
}

/* "host:path" or "user@host:path", and no more colons before the path. */
static bool is_short(const char *url)
{
	size_t host = strcspn(url, ":/");

	return host > 0 && url[host] == ':' && url[host + 1] && url[host + 1] != ':' &&
	       !strstr(url, "://");
}

static bool is_allowed(const char *url)
{
	if (url[0] == '/' || is_short(url))
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
		if (!strncmp(url, schemes[i], strlen(schemes[i])) && url[strlen(schemes[i])])
			return true;
	return false;
}

int remoteurl_check(const char *url, struct fault *fault)
{
	char *said = remoteurl_said(url);
	const char *user;
	size_t length = user_of(url, &user);
	int error = 0;

	if (!said)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (const char *at = url; *at && !error; at++)
		if (iscntrl((unsigned char)*at))
			error = fault_set(fault, -EINVAL,
			                  "the URL of a repository has no control characters");
	/* ssh takes a host that begins with a dash for an option. */
	if (!error && (!is_allowed(url) || url[0] == '-' || user[length] == '-'))
		error = fault_set(fault, -EINVAL,
		                  "'%.200s' is not a URL that nodes exchange history with: give an "
		                  "absolute path, ssh://, https:// or file://",
		                  said);
	if (!error && length && memchr(user, ':', length))
		error = fault_set(
		        fault, -EINVAL,
		        "%.200s: the URL has a password, which every user of this machine "
		        "could read: leave it to a credential helper (git-credential(7))",
		        said);
	free(said);
	return error;
}

/* Up to where the name of a host ends in any text. */
#define AUTHORITY_ENDS "/?#'\"` \t"

void remoteurl_hide_users(char *text)
{
	static const char *const scheme[] = {"https://", "http://"};

	for (size_t i = 0; i < sizeof(scheme) / sizeof(scheme[0]); i++)
		for (char *at = text; (at = strstr(at, scheme[i]));) {
			size_t length;

			at += strlen(scheme[i]);
			length = strcspn(at, AUTHORITY_ENDS);
			while (length > 0 && at[length - 1] != '@')
				length--;
			memmove(at, at + length, strlen(at + length) + 1);
		}
}

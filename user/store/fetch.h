/* SPDX-License-Identifier: MIT */
/* `git fetch` of one branch as a child process: the transport is git's own. */
#ifndef USER_STORE_FETCH_H
#define USER_STORE_FETCH_H

#include "base/base.h"

struct fetch {
	const char *into; /* a bare repository */
	const char *url;  /* a path, or anything that git fetches */
	const char *said; /* the same for messages: without a password */
	int netns;        /* the network namespace that git runs in; -1: ours */
};

/*
 * Brings `main` of the other repository, and nothing else, to `main` of this one. Git never
 * asks for input; on a terminal it shows its progress. It is ended after two silent minutes, and
 * when this process gets a signal. -EINVAL: the URL is refused, or has no main; -EIO: git failed,
 * for the reason in `fault`; -ETIMEDOUT; -EINTR; -ENOENT: git is missing.
 */
int fetch_main(const struct fetch *fetch, struct fault *fault);

/* The URL for messages, malloc'ed: without a password; a folder's path is absolute. */
char *fetch_said(const char *url);

#endif

/* SPDX-License-Identifier: MIT */
/* `git fetch` of one branch as a child process: the transport is git's own. */
#ifndef USER_STORE_FETCH_H
#define USER_STORE_FETCH_H

#include "base/base.h"

struct fetch {
	const char *into; /* a bare repository */
	const char *url;  /* a path, or anything that git fetches */
	const char *said; /* the same for people: without a password */
	int netns;        /* the network namespace that git runs in; -1: ours */
};

/*
 * Brings `main` of the other repository, and nothing else, to `main` of this one. Git asks nobody
 * anything; on a terminal its progress is shown. Ended when it says nothing for two minutes, and
 * when this process gets a signal. -EINVAL: the URL is refused, or there is no main; -EIO: git says
 * why; -ETIMEDOUT; -EINTR; -ENOENT: there is no git.
 */
int fetch_main(const struct fetch *fetch, struct fault *fault);

/* The URL for people, malloc'ed: a password in it is left out, a folder's path is absolute. */
char *fetch_said(const char *url);

#endif

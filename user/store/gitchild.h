/* SPDX-License-Identifier: MIT */
/* git itself, as a child that is waited for: for the upkeep process, hooks, and what is rare. */
#ifndef USER_STORE_GITCHILD_H
#define USER_STORE_GITCHILD_H

#include <stdbool.h>

#include "base/base.h"

/* Gets each line that git prints, without its end. Non-zero stops. */
typedef int gitchild_line_fn(void *context, char *line);

/* Runs `git -C <git_directory> <arguments>` (NULL-terminated, at most 16), with standard input from
 * a file (NULL: none). `line` may be NULL. -ENOENT: git ended with status 1, which is how some
 * commands say that there is nothing; -EIO: it failed; or what `line` gave. */
int gitchild_run(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault);
/* The same, and what git complains of is not shown: it may be much. */
int gitchild_try(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault);
/* The same where no repository is needed. What git complains of is not shown. */
int gitchild_ask(const char *const *arguments, gitchild_line_fn *line, void *context,
                 struct fault *fault);

struct fetch {
	const char *into;           /* a bare repository */
	const char *url;            /* a path, or anything that git fetches */
	const char *said;           /* the same for messages: without a password */
	int netns;                  /* the network namespace that git runs in; -1: ours */
	bool all;                   /* everything that it has, not `main` alone */
	const char *const *refspec; /* what to fetch instead; NULL: `main` */
	bool whole; /* a shallow one must have nothing at its boundary that is missing here */
};

/*
 * Brings `main` of the other repository to `main` of this one, and nothing else, unless `all`. Git
 * never asks for input; on a terminal it shows its progress. It is ended after two silent minutes,
 * and when this process gets a signal. -EINVAL: the URL is refused, or has no main; -EIO: git
 * failed, for the reason in `fault`; -ETIMEDOUT; -EINTR; -ENOENT: git is missing.
 */
int fetch_main(const struct fetch *fetch, struct fault *fault);

#define FETCH_WORDS 16
/* The words of any fetch, from its settings up to its options; the URL follows. Returns their
 * number. What comes is checked, and is one pack; nothing else of the repository changes. */
size_t fetch_words(const char *word[FETCH_WORDS]);

/* The URL for messages, malloc'ed: without a password; a folder's path is absolute. */
char *fetch_said(const char *url);

#endif

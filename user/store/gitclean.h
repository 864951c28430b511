/* SPDX-License-Identifier: MIT */
/*
 * What every git that this program starts is given, and what libgit2 may read. git runs programs
 * that a repository's configuration names, and obeys dozens of variables. A child gets a built
 * environment, and settings on its command line that no repository can override.
 */
#ifndef USER_STORE_GITCLEAN_H
#define USER_STORE_GITCLEAN_H

#include <spawn.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/base.h"

#define GITCLEAN_WORDS 40 /* at most, of gitclean_words() */

enum gitclean_use {
	GITCLEAN_LOCAL, /* no transport at all */
	GITCLEAN_FETCH, /* file, git, http, https and ssh */
	/* file, https and ssh, with the user's own ~/.gitconfig: credential helpers, certificates,
	 * a proxy. */
	GITCLEAN_SYNC,
};

/* The first words of a command line: "git" and its settings. Returns their number. */
size_t gitclean_words(const char *word[GITCLEAN_WORDS], enum gitclean_use use);

/* A NULL-terminated environment, for gitclean_free(); NULL: out of memory. In git's own hook the
 * child sees the pushed objects too, if they are in a quarantine of `git_directory`. */
char **gitclean_environment(const char *git_directory, enum gitclean_use use);
void gitclean_free(char **environment);
/* In git's own hook: the folder with the pushed objects, if it is in that repository. Else NULL. */
const char *gitclean_quarantine(const char *git_directory);

/* execve() of git, found in a fixed path. Returns only on error: a negative errno. */
int gitclean_exec(char *const *arguments, char *const *environment);
/* The same as a child. */
int gitclean_spawn(pid_t *pid, const posix_spawn_file_actions_t *actions, char *const *arguments,
                   char *const *environment);

/* git_libgit2_init(), and libgit2 reads the configuration of the repository alone. A libgit2 error.
 */
int gitclean_libgit2(void);

#endif

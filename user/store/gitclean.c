// SPDX-License-Identifier: MIT
/* The one table of what git is given. Starts nothing that is not git, and reads no repository. */
#include "store/gitclean.h"

#include <errno.h>
#include <git2.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not the caller's PATH: git-shell and sudo may pass on another's. */
#define SET_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PLACES   (SET_PATH + strlen("PATH="))

/* Keys that make git run a program, or obey another file. The command line comes after all files.
 * gc.auto: a repack must not start another one. */
static const char *const setting[] = {
        /* A user who may read a repository, or an administrator, named it: its owner does not
         * matter, as nothing that it names is run. */
        "safe.directory=*",
        "core.hooksPath=/dev/null",
        "core.fsmonitor=false",
        "core.attributesFile=/dev/null",
        "core.sshCommand=false",
        "core.askPass=false",
        "core.editor=false",
        "core.pager=cat",
        "diff.external=",
        "gpg.program=false",
        "protocol.ext.allow=never",
        "uploadpack.packObjectsHook=",
        "gc.auto=0",
        "maintenance.auto=false",
};

/* Not for who brings credentials. */
static const char *const helper_setting[] = {
        "credential.helper=",
};

/* A fetch goes into a fresh repository, whose alternate is asked for its references by the default
 * command: so objects that are there are not fetched again. */
static const char *const local_setting[] = {
        "core.alternateRefsCommand=false",
};

/* The environment: git inherits nothing else. GIT_NO_LAZY_FETCH: no promisor remote is asked for an
 * object. GIT_NO_REPLACE_OBJECTS, GIT_GRAFT_FILE (no such file): parents are those in the commit.
 * GIT_PROXY_COMMAND: stands for all core.gitProxy, of which git takes the first. */
static const char *const variable[] = {
        SET_PATH,
        "LC_ALL=C",
        "GIT_CONFIG_NOSYSTEM=1",
        "GIT_ATTR_NOSYSTEM=1",
        "GIT_NO_LAZY_FETCH=1",
        "GIT_NO_REPLACE_OBJECTS=1",
        "GIT_GRAFT_FILE=/dev/null/none",
        "GIT_OPTIONAL_LOCKS=0",
        "GIT_TERMINAL_PROMPT=0",
        "GIT_ASKPASS=",
        "GIT_EDITOR=false",
        "GIT_PAGER=cat",
        "GIT_PROXY_COMMAND=",
};

#define NO_CONFIG "GIT_CONFIG_GLOBAL=/dev/null"
/* ssh itself would wait for a password forever. */
#define SSH "GIT_SSH_COMMAND=ssh -o BatchMode=yes -o ConnectTimeout=30"

static const char *const local_variable[] = {
        NO_CONFIG,
        "GIT_ALLOW_PROTOCOL=",
};

static const char *const fetch_variable[] = {
        NO_CONFIG,
        "GIT_ALLOW_PROTOCOL=file:git:http:https:ssh",
        SSH,
};

static const char *const sync_variable[] = {
        "GIT_ALLOW_PROTOCOL=file:https:ssh",
        SSH,
};

/* Taken over if they are set: which time zone it is, and what a fetch needs of its user. */
static const char *const inherited[] = {"TZ"};
static const char *const fetch_inherited[] = {
        "HOME",      "SSH_AUTH_SOCK", "http_proxy", "https_proxy",   "HTTPS_PROXY",  "all_proxy",
        "ALL_PROXY", "no_proxy",      "NO_PROXY",   "SSL_CERT_FILE", "SSL_CERT_DIR",
};

/* git sets them for its hook, where pushed objects are still aside. */
static const char *const quarantine[] = {"GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY",
                                         "GIT_ALTERNATE_OBJECT_DIRECTORIES"};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define MOST                                                                                       \
	(COUNT(variable) + COUNT(fetch_variable) + COUNT(inherited) + COUNT(fetch_inherited) +     \
	 COUNT(local_variable) + COUNT(sync_variable) + COUNT(quarantine) + 2)

_Static_assert(2 + 2 * (COUNT(setting) + COUNT(local_setting) + COUNT(helper_setting)) <=
                       GITCLEAN_WORDS,
               "the table fits a command line");

static size_t add_settings(const char **word, size_t words, const char *const *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		word[words++] = "-c";
		word[words++] = from[i];
	}
	return words;
}

size_t gitclean_words(const char *word[GITCLEAN_WORDS], enum gitclean_use use)
{
	size_t words = 0;

	word[words++] = "git";
	word[words++] = "--no-pager";
	words = add_settings(word, words, setting, COUNT(setting));
	if (use != GITCLEAN_SYNC)
		words = add_settings(word, words, helper_setting, COUNT(helper_setting));
	if (use != GITCLEAN_FETCH)
		words = add_settings(word, words, local_setting, COUNT(local_setting));
	return words;
}

struct environment {
	char **item; /* owned, NULL-terminated */
	size_t count;
	bool failed;
};

static void set(struct environment *environment, const char *const *from, size_t count)
{
	for (size_t i = 0; i < count && !environment->failed; i++) {
		environment->item[environment->count] = strdup(from[i]);
		environment->failed = !environment->item[environment->count++];
	}
}

static void inherit(struct environment *environment, const char *const *name, size_t count)
{
	for (size_t i = 0; i < count && !environment->failed; i++) {
		char **item = &environment->item[environment->count];
		const char *value = getenv(name[i]);

		if (!value)
			continue;
		if (asprintf(item, "%s=%s", name[i], value) < 0) {
			*item = NULL;
			environment->failed = true;
		} else {
			environment->count++;
		}
	}
}

/* The user's own, and not $XDG_CONFIG_HOME's: one file to look at. */
static void set_global(struct environment *environment)
{
	const char *home = getenv("HOME");
	char *item = NULL;

	if (asprintf(&item, "GIT_CONFIG_GLOBAL=%s%s", home ? home : "/dev/null",
	             home ? "/.gitconfig" : "") < 0)
		environment->failed = true;
	else
		environment->item[environment->count++] = item;
}

const char *gitclean_quarantine(const char *git_directory)
{
	const char *named = getenv("GIT_QUARANTINE_PATH");
	const char *objects = getenv("GIT_OBJECT_DIRECTORY");
	char inside[PATH_MAX], aside[PATH_MAX], path[PATH_MAX];
	size_t length;

	if (!named || !objects || strcmp(named, objects) != 0 || !realpath(named, aside))
		return NULL;
	snprintf(path, sizeof(path), "%.4000s/objects", git_directory);
	if (!realpath(path, inside))
		return NULL;
	length = strlen(inside);
	return !strncmp(aside, inside, length) && aside[length] == '/' ? objects : NULL;
}

char **gitclean_environment(const char *git_directory, enum gitclean_use use)
{
	struct environment environment = {.item = calloc(MOST, sizeof(char *))};

	if (!environment.item)
		return NULL;
	set(&environment, variable, COUNT(variable));
	inherit(&environment, inherited, COUNT(inherited));
	if (use == GITCLEAN_FETCH || use == GITCLEAN_SYNC) {
		if (use == GITCLEAN_FETCH)
			set(&environment, fetch_variable, COUNT(fetch_variable));
		else
			set(&environment, sync_variable, COUNT(sync_variable));
		inherit(&environment, fetch_inherited, COUNT(fetch_inherited));
		if (use == GITCLEAN_SYNC)
			set_global(&environment);
	} else {
		set(&environment, local_variable, COUNT(local_variable));
		if (gitclean_quarantine(git_directory))
			inherit(&environment, quarantine, COUNT(quarantine));
	}
	if (!environment.failed)
		return environment.item;
	gitclean_free(environment.item);
	return NULL;
}

void gitclean_free(char **environment)
{
	for (char **item = environment; item && *item; item++)
		free(*item);
	free(environment);
}

/* One place where git may be. Returns where the next one begins. */
static const char *next_place(char place[PATH_MAX], const char *at)
{
	size_t length = strcspn(at, ":");

	snprintf(place, PATH_MAX, "%.*s/git", (int)length, at);
	return at[length] ? at + length + 1 : at + length;
}

int gitclean_exec(char *const *arguments, char *const *environment)
{
	char place[PATH_MAX];

	for (const char *at = PLACES; *at;) {
		at = next_place(place, at);
		execve(place, arguments, environment);
		if (errno != ENOENT)
			return -errno;
	}
	return -ENOENT;
}

int gitclean_spawn(pid_t *pid, const posix_spawn_file_actions_t *actions, char *const *arguments,
                   char *const *environment)
{
	char place[PATH_MAX];
	int error = ENOENT;

	for (const char *at = PLACES; *at && error == ENOENT;) {
		at = next_place(place, at);
		/* An attempt in vain would fork, too. */
		if (access(place, X_OK) < 0)
			continue;
		error = posix_spawn(pid, place, actions, NULL, arguments, environment);
	}
	return -error;
}

int gitclean_libgit2(void)
{
	static const git_config_level_t level[] = {GIT_CONFIG_LEVEL_PROGRAMDATA,
	                                           GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG,
	                                           GIT_CONFIG_LEVEL_GLOBAL};
	int error = libgit2_start();

	for (size_t i = 0; i < COUNT(level) && error >= 0; i++)
		error = git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, level[i], "");
	/* git refuses a repository of another user because it would run what its configuration
	 * names. libgit2 runs nothing, and what the agent writes is judged by trust_check(). */
	if (error >= 0)
		error = git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	return error;
}

/* SPDX-License-Identifier: MIT */
/*
 * Shell commands and stock git, for tests with a folder of their own and a repository. The macros
 * take a pointer to any struct with the members `folder` and `path`, the repository's.
 */
#ifndef TESTS_UNIT_GITSHELL_H
#define TESTS_UNIT_GITSHELL_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"

#define GITSHELL static __attribute__((unused))

/* Runs a shell command in the test's folder, with the repository's path in $R; its exit status. */
#define shell(test, ...) gitshell_run((test)->folder, (test)->path, __VA_ARGS__)
/* What a command prints, without newlines at the end. */
#define output(test, text, size, ...) gitshell_output((test)->path, text, size, __VA_ARGS__)
/* Invariant 2: the repository is whole. */
#define assert_whole(test)                                                                         \
	assert_int_equal(shell(test, "git -C \"$R\" fsck --strict --no-dangling >fsck.out 2>&1 "   \
	                             "|| { cat fsck.out; exit 1; }; ! grep -q . fsck.out || ! "    \
	                             "grep -Eq 'error|missing|corrupt|broken' fsck.out"),          \
	                 0)

GITSHELL int gitshell_run(const char *folder, const char *path, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
GITSHELL int gitshell_run(const char *folder, const char *path, const char *format, ...)
{
	char command[8192];
	va_list arguments;
	int used = snprintf(command, sizeof(command),
	                    "cd '%s' && R='%s' && export R "
	                    "GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=p GIT_AUTHOR_EMAIL=p@x "
	                    "GIT_COMMITTER_NAME=p GIT_COMMITTER_EMAIL=p@x && { ",
	                    folder, path);
	int status;

	va_start(arguments, format);
	used += vsnprintf(command + used, sizeof(command) - (size_t)used, format, arguments);
	va_end(arguments);
	strcat(command, "\n}");
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

GITSHELL char *gitshell_output(const char *path, char *text, size_t size, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
GITSHELL char *gitshell_output(const char *path, char *text, size_t size, const char *format, ...)
{
	char command[4096], whole[PATH_MAX + 4200];
	va_list arguments;
	size_t length;
	FILE *stream;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	snprintf(whole, sizeof(whole), "R='%s'; export R; %s", path, command);
	stream = popen(whole, "r");
	assert_non_null(stream);
	length = fread(text, 1, size - 1, stream);
	text[length] = '\0';
	pclose(stream);
	while (length > 0 && text[length - 1] == '\n')
		text[--length] = '\0';
	return text;
}

/* Removes the test's folder, unless TEST_KEEP is set. */
GITSHELL void gitshell_remove(const char *folder)
{
	if (!getenv("TEST_KEEP"))
		(void)folder_remove(folder);
}

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A sandbox for tests that read repositories: a bare one, "r.git", of a segment "lan"
 * (10.0.0.0/16), and a clone with a work tree, "w", all made by stock git.
 */
#ifndef TESTS_UNIT_READER_REPOSITORY_H
#define TESTS_UNIT_READER_REPOSITORY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sandbox {
	char directory[64];
	char origin[96], clone[96];
};

/* Runs a shell command in the sandbox's clone; its exit status. Output goes to ../output. */
static int shell(const struct sandbox *sandbox, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static int shell(const struct sandbox *sandbox, const char *format, ...)
{
	char command[4096];
	va_list arguments;
	int used = snprintf(command, sizeof(command), "cd '%s' && { ", sandbox->clone);
	int status;

	va_start(arguments, format);
	used += vsnprintf(command + used, sizeof(command) - (size_t)used, format, arguments);
	va_end(arguments);
	snprintf(command + used, sizeof(command) - (size_t)used, "\n} >../output 2>&1");
	status = system(command);
	return status == -1 ? -1 : status >> 8;
}

#define shell_ok(...) assert_int_equal(shell(__VA_ARGS__), 0)

/* What the last command printed; valid until the next call. */
static inline const char *output_of(const struct sandbox *sandbox)
{
	static char text[16384];
	char path[128];
	FILE *file;
	size_t length;

	snprintf(path, sizeof(path), "%s/output", sandbox->directory);
	file = fopen(path, "re");
	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

/* Writes an entry into the work tree, and stages it. */
static inline void entry(const struct sandbox *sandbox, const char *path, const char *mac,
                         const char *state)
{
	shell_ok(sandbox,
	         "mkdir -p \"$(dirname %s)\" && printf 'mac %s\\nstate %s\\nsince "
	         "2026-11-22T10:15:00Z\\n' >%s && git add -A",
	         path, mac, state, path);
}

/* The next commits are an agent's, whose trailers are believed. */
static inline void commit_as_agent(void)
{
	setenv("GIT_COMMITTER_NAME", "arpkeeper", 1);
	setenv("GIT_COMMITTER_EMAIL", "arpkeeper@example.net", 1);
}

static inline int sandbox_open(void **state)
{
	struct sandbox *sandbox = calloc(1, sizeof(*sandbox));

	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_AUTHOR_NAME", "Ann", 1);
	setenv("GIT_AUTHOR_EMAIL", "ann@example.net", 1);
	setenv("GIT_COMMITTER_NAME", "Ann", 1);
	setenv("GIT_COMMITTER_EMAIL", "ann@example.net", 1);
	strcpy(sandbox->directory, "/tmp/arpkeeper-reader-XXXXXX");
	assert_non_null(mkdtemp(sandbox->directory));
	snprintf(sandbox->origin, sizeof(sandbox->origin), "%s/r.git", sandbox->directory);
	snprintf(sandbox->clone, sizeof(sandbox->clone), "%s", sandbox->directory);
	shell_ok(sandbox, "git init -q --bare -b main r.git && git clone -q r.git w 2>&1 && "
	                  "git -C r.git config --add arpkeeper-segment.lan.prefix 10.0.0.0/16");
	snprintf(sandbox->clone, sizeof(sandbox->clone), "%s/w", sandbox->directory);
	shell_ok(sandbox, "git checkout -q -b main 2>/dev/null; echo hello >README.md && "
	                  "git add -A && git commit -qm start && git push -q origin main");
	*state = sandbox;
	return 0;
}

static inline int sandbox_close(void **state)
{
	struct sandbox *sandbox = *state;
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", sandbox->directory);
	assert_int_equal(system(command), 0);
	free(sandbox);
	return 0;
}

#endif

// SPDX-License-Identifier: MIT
/* The hooks that git runs on a push, and for a work tree: scripts that call this program again.
 * Never replaces a hook that arpkeeper did not write. */
#include "format/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARKER        "# arpkeeper wrote this"
#define NOTE          MARKER ", and writes it again at each start of the agent.\n"
#define DIRECT_LENGTH 200 /* Linux reads 255 bytes of a script's first line */

/* And what is lost where one of another stands in its place. */
static const struct {
	const char *name, *lost;
} hooks[] = {
        {"pre-receive", "pushes are not checked before they are accepted, only after"},
        {"post-receive", "a push does not say what came of it"},
        {"post-checkout", "`git worktree add` of main warns of nothing"},
};

/* Between single quotes, for the shell. */
static void print_quoted(FILE *stream, const char *text)
{
	fputc('\'', stream);
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", stream);
		else
			fputc(*text, stream);
	fputc('\'', stream);
}

/* Whether the kernel can run the program for the script, without a shell: a push is faster by two
 * starts of one. */
static bool is_direct(const char *program)
{
	return program[0] == '/' && strlen(program) <= DIRECT_LENGTH && !strpbrk(program, " \t\n");
}

static char *script(const char *program, const char *hook)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	if (is_direct(program)) {
		/* It gets the script's path, whose last part is the hook. */
		fprintf(stream, "#!%s hook\n" NOTE, program);
	} else {
		fputs("#!/bin/sh\n" NOTE "exec ", stream);
		print_quoted(stream, program);
		fprintf(stream, " hook %s \"$@\"\n", hook);
	}
	if (fclose(stream) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* 1: the hook is there, with this text; -EEXIST: arpkeeper did not write it; 0: write it. */
static int compare(const char *path, const char *text)
{
	char present[PATH_MAX + 512] = "";
	FILE *file = own_stream(path, "r");
	size_t length;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	length = fread(present, 1, sizeof(present) - 1, file);
	fclose(file);
	present[length] = '\0';
	if (!strcmp(present, text))
		return 1;
	return strstr(present, MARKER) ? 0 : -EEXIST;
}

static int write_script(const char *path, const char *text)
{
	char aside[PATH_MAX + 8];
	int descriptor, error;

	snprintf(aside, sizeof(aside), "%s.new", path);
	(void)own_remove(aside);
	descriptor = own_open(aside, O_WRONLY | O_CREAT | O_EXCL, 0755);
	if (descriptor < 0)
		return descriptor;
	/* Executable for those who push, whatever the umask. */
	error = fchmod(descriptor, 0755) < 0 ? -errno
	                                     : durable_write(descriptor, text, strlen(text));
	if (!error)
		error = durable_place(descriptor, aside, path);
	close(descriptor);
	if (error)
		unlink(aside);
	return error;
}

static int install(const char *directory, const char *program, size_t number, struct fault *fault)
{
	const char *hook = hooks[number].name;
	char path[PATH_MAX];
	char *text = script(program, hook);
	int error;

	if (!text)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%shooks/%s", directory, hook);
	error = compare(path, text);
	if (error == -EEXIST) {
		log_warning("%s is not ours and stays: %s; let it call `%s hook %s`", path,
		            hooks[number].lost, program, hook);
		error = 0;
	} else if (error == 0) {
		error = write_script(path, text);
	}
	free(text);
	return error < 0 ? fault_set(fault, error, "%s: %s", path, strerror(-error)) : 0;
}

int hooks_install(git_repository *repository, const char *program, struct fault *fault)
{
	const char *directory = git_repository_path(repository);
	char folder[PATH_MAX];
	int error = 0;

	if (!program)
		return 0;
	snprintf(folder, sizeof(folder), "%shooks", directory);
	if (mkdir(folder, 0755) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]) && !error; i++)
		error = install(directory, program, i, fault);
	return error;
}

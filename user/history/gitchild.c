// SPDX-License-Identifier: MIT
/* Starts git without a shell. Decides nothing. */
#include "history/gitchild.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS_MAX 24

static int start(pid_t *pid, int *reading, char *const *arguments, const char *input)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input ? input : "/dev/null",
	                                 O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	error = -posix_spawnp(pid, arguments[0], &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (error)
		close(ends[0]);
	else
		*reading = ends[0];
	return error;
}

/* All that it prints. NULL: out of memory. */
static char *read_all(int descriptor)
{
	char *text = NULL, buffer[4096];
	size_t size;
	FILE *stream = open_memstream(&text, &size);
	ssize_t length;

	while ((length = read(descriptor, buffer, sizeof(buffer))) > 0 ||
	       (length < 0 && errno == EINTR))
		if (stream && length > 0)
			fwrite(buffer, 1, (size_t)length, stream);
	if (stream && fclose(stream) != 0) {
		free(text);
		text = NULL;
	}
	return text;
}

int gitchild_run(char **output, const char *git_directory, const char *const *arguments,
                 const char *input, struct fault *fault)
{
	/* Whoever owns the repository: an administrator named it. */
	const char *command[ARGUMENTS_MAX] = {"git", "-c", "safe.directory=*", "-C", git_directory};
	size_t count = 5;
	int reading = -1, status, error;
	char *text = NULL;
	pid_t pid = -1;

	while (*arguments && count < ARGUMENTS_MAX - 1)
		command[count++] = *arguments++;
	error = start(&pid, &reading, (char *const *)command, input);
	if (error)
		return fault_set(fault, error, "git cannot be started: %s; install it",
		                 strerror(-error));
	text = read_all(reading);
	close(reading);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!text)
		error = fault_set(fault, -ENOMEM, "out of memory");
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		error = fault_set(fault, -EIO, "`git %s` failed in %s", command[5], git_directory);
	if (error || !output)
		free(text);
	else
		*output = text;
	return error;
}

// SPDX-License-Identifier: MIT
/* Starts git without a shell. Decides nothing. */
#include "store/gitchild.h"

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

/* Reads all output, even after the handler failed. */
static int read_lines(int descriptor, gitchild_line_fn *line, void *context)
{
	FILE *stream = fdopen(descriptor, "r");
	char *text = NULL;
	size_t room = 0;
	ssize_t length;
	int error = 0;

	if (!stream) {
		close(descriptor);
		return -ENOMEM;
	}
	while ((length = getline(&text, &room, stream)) > 0) {
		if (text[length - 1] == '\n')
			text[length - 1] = '\0';
		if (!error && line)
			error = line(context, text);
	}
	free(text);
	fclose(stream);
	return error;
}

int gitchild_run(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault)
{
	/* An administrator named the repository: its owner does not matter. */
	const char *command[ARGUMENTS_MAX] = {"git", "-c", "safe.directory=*", "-C", git_directory};
	int reading = -1, status = 0, error;
	size_t count = 5;
	pid_t pid = -1;

	while (*arguments && count < ARGUMENTS_MAX - 1)
		command[count++] = *arguments++;
	error = start(&pid, &reading, (char *const *)command, input);
	if (error)
		return fault_set(fault, error, "git cannot be started: %s; install it",
		                 strerror(-error));
	error = read_lines(reading, line, context);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (error)
		return fault_set(fault, error, "`git %s` in %s: %s", command[5], git_directory,
		                 strerror(-error));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fault_set(fault, WIFEXITED(status) && WEXITSTATUS(status) == 1 ? -ENOENT : -EIO,
	                 "`git %s` failed in %s", command[5], git_directory);
}

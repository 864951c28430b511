// SPDX-License-Identifier: MIT
/* Starts git without a shell. Decides nothing. */
#include "store/gitchild.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
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

#define SILENCE_MS   120000 /* --progress says something every moment while bytes come */
#define LINE_MAX     300
#define SAID_LINES   2   /* the first lines name the cause; advice follows */
#define CANNOT_START 127 /* as a shell would say */

/* With any of these set, git would work on another repository. */
static const char *const cleared[] = {"GIT_DIR",
                                      "GIT_WORK_TREE",
                                      "GIT_INDEX_FILE",
                                      "GIT_OBJECT_DIRECTORY",
                                      "GIT_COMMON_DIR",
                                      "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                                      "GIT_NAMESPACE",
                                      "GIT_SHALLOW_FILE",
                                      "GIT_QUARANTINE_PATH"};

/* What git said, a line at a time. */
struct listener {
	char line[LINE_MAX];
	size_t length;
	char said[SAID_LINES][LINE_MAX];
	size_t lines;
	bool no_main;
	bool shown; /* on a terminal */
};

char *fetch_said(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : NULL;
	size_t authority = host ? strcspn(host, "/") : 0;
	const char *at = host ? memrchr(host, '@', authority) : NULL;
	const char *colon = at ? memchr(host, ':', (size_t)(at - host)) : NULL;
	struct stat status;
	char *said = NULL;

	if (!scheme && stat(url, &status) == 0)
		return realpath(url, NULL);
	if (!colon)
		return strdup(url);
	if (asprintf(&said, "%.*s%s", (int)(colon - url), url, at) < 0)
		return NULL;
	return said;
}

/* "ext::sh -c ..." would run a command; and a dash would be an option. */
static int check_url(const struct fetch *fetch, struct fault *fault)
{
	const char *at = fetch->url;

	if (!*at || *at == '-')
		return fault_set(
		        fault, -EINVAL,
		        "'%.80s' is not a repository: give a path or a URL that git fetches", at);
	while (isalnum((unsigned char)*at) || *at == '-' || *at == '+' || *at == '.')
		at++;
	if (!strncmp(at, "::", 2))
		return fault_set(fault, -EINVAL,
		                 "'%.80s' names a helper program, which is not run: give a path or "
		                 "a URL (ssh, https, http, git, file)",
		                 fetch->url);
	return 0;
}

/* In the child. */
static _Noreturn void run_git(const struct fetch *fetch, int output, pid_t parent)
{
	char directory[4096 + 16];
	int nothing;

	snprintf(directory, sizeof(directory), "--git-dir=%s", fetch->into);
	for (size_t i = 0; i < sizeof(cleared) / sizeof(cleared[0]); i++)
		unsetenv(cleared[i]);
	setenv("LC_ALL", "C", 1);
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
	setenv("GIT_ALLOW_PROTOCOL", "file:git:http:https:ssh", 1);
	/* ssh itself would wait for a password forever. */
	setenv("GIT_SSH_COMMAND", "ssh -o BatchMode=yes -o ConnectTimeout=30", 0);
	/* git dies with this process. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(CANNOT_START);
	nothing = open("/dev/null", O_RDWR);
	if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(output, 2) < 0)
		_exit(CANNOT_START);
	if (fetch->netns >= 0 && setns(fetch->netns, CLONE_NEWNET) < 0) {
		perror("fatal: the original network namespace cannot be entered");
		_exit(1);
	}
	execlp("git", "git", directory, "-c", "transfer.fsckObjects=true", "-c",
	       "fetch.unpackLimit=1", "-c", "core.hooksPath=/dev/null", "-c",
	       "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60", "fetch", "--progress",
	       "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
	       "--no-auto-maintenance", "--update-shallow", "--", fetch->url,
	       "+refs/heads/main:refs/heads/main", (char *)NULL);
	_exit(CANNOT_START);
}

static bool is_progress(const char *line)
{
	return !strncmp(line, "remote: ", strlen("remote: ")) || strstr(line, "% (") ||
	       !strncmp(line, "From ", strlen("From "));
}

static void note_line(struct listener *listener)
{
	char *line = listener->line;

	line[listener->length] = '\0';
	listener->length = 0;
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';
	if (!*line || is_progress(line))
		return;
	listener->no_main |= strstr(line, "find remote ref refs/heads/main") != NULL;
	if (!strncmp(line, "fatal: ", strlen("fatal: ")))
		line += strlen("fatal: ");
	else if (!strncmp(line, "error: ", strlen("error: ")))
		line += strlen("error: ");
	if (listener->lines < SAID_LINES)
		snprintf(listener->said[listener->lines++], LINE_MAX, "%s", line);
}

static void listen(struct listener *listener, const char *text, size_t length)
{
	if (listener->shown && write(STDERR_FILENO, text, length) < 0)
		listener->shown = false;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			note_line(listener);
		else if (listener->length + 1 < sizeof(listener->line))
			listener->line[listener->length++] = text[i];
	}
}

/* Until git closes its end. */
static int hear(struct listener *listener, int input, const struct fetch *fetch,
                struct fault *fault)
{
	struct pollfd ready = {.fd = input, .events = POLLIN};
	char text[4096];

	for (;;) {
		int count = poll(&ready, 1, SILENCE_MS);
		ssize_t length;

		if (count == 0)
			return fault_set(fault, -ETIMEDOUT,
			                 "%.200s: git has heard nothing from there for %d seconds",
			                 fetch->said, SILENCE_MS / 1000);
		/* Only a signal that ends us has a handler. */
		if (count < 0)
			return fault_set(fault, -EINTR, "%.200s: the fetch was broken off",
			                 fetch->said);
		length = read(input, text, sizeof(text));
		if (length <= 0)
			break;
		listen(listener, text, (size_t)length);
	}
	note_line(listener);
	return 0;
}

static int explain(const struct listener *listener, int status, const struct fetch *fetch,
                   struct fault *fault)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_START)
		return fault_set(fault, -ENOENT, "git cannot be run: --pull needs it in the PATH");
	if (listener->no_main)
		return fault_set(fault, -EINVAL,
		                 "%.200s has no branch main: it is not one of arpkeeper's",
		                 fetch->said);
	if (listener->lines == 0)
		return fault_set(fault, -EIO, "%.200s cannot be fetched: git ended with %s %d",
		                 fetch->said, WIFSIGNALED(status) ? "signal" : "status",
		                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return fault_set(fault, -EIO, "%.200s cannot be fetched: %s%s%s", fetch->said,
	                 listener->said[0], listener->lines > 1 ? "; " : "",
	                 listener->lines > 1 ? listener->said[1] : "");
}

int fetch_main(const struct fetch *fetch, struct fault *fault)
{
	struct listener listener = {.shown = isatty(STDERR_FILENO)};
	pid_t parent = getpid(), child;
	int error = check_url(fetch, fault), end[2], status = 0;

	if (error)
		return error;
	if (pipe2(end, O_CLOEXEC) < 0)
		return fault_set(fault, -errno, "a pipe: %s", strerror(errno));
	child = fork();
	if (child == 0)
		run_git(fetch, end[1], parent);
	error = child < 0 ? -errno : 0;
	close(end[1]);
	if (error)
		fault_set(fault, error, "git cannot be started: %s", strerror(-error));
	else
		error = hear(&listener, end[0], fetch, fault);
	close(end[0]);
	if (child < 0)
		return error;
	if (error)
		kill(child, SIGTERM);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (error || (WIFEXITED(status) && WEXITSTATUS(status) == 0))
		return error;
	return explain(&listener, status, fetch, fault);
}

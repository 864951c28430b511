// SPDX-License-Identifier: MIT
/* Starts git without a shell. Decides nothing; gitclean.c has what git is given. */
#include "store/gitchild.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/gitclean.h"

#define ARGUMENTS_MAX (GITCLEAN_WORDS + 2 + 30)

/* What a child reads, and whether it may complain. */
struct streams {
	const char *input; /* NULL: nothing */
	bool quiet;
};

static int start(pid_t *pid, int *reading, char *const *arguments, char *const *environment,
                 const struct streams *streams)
{
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(
	        &actions, STDIN_FILENO, streams->input ? streams->input : "/dev/null", O_RDONLY, 0);
	if (streams->quiet)
		posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	error = gitclean_spawn(pid, &actions, arguments, environment);
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

static int run(const char *git_directory, const char *const *arguments,
               const struct streams *streams, gitchild_line_fn *line, void *context,
               struct fault *fault)
{
	char **environment = gitclean_environment(git_directory, GITCLEAN_LOCAL);
	const char *command[ARGUMENTS_MAX] = {NULL}, *name = *arguments;
	size_t count = gitclean_words(command, GITCLEAN_LOCAL);
	int reading = -1, status = 0, error;
	pid_t pid = -1;

	if (!environment)
		return fault_set(fault, -ENOMEM, "out of memory");
	command[count++] = "-C";
	command[count++] = git_directory;
	while (*arguments && count < ARGUMENTS_MAX - 1)
		command[count++] = *arguments++;
	error = start(&pid, &reading, (char *const *)command, environment, streams);
	gitclean_free(environment);
	if (error)
		return fault_set(fault, error, "git cannot be started: %s; install it",
		                 strerror(-error));
	error = read_lines(reading, line, context);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (error)
		return fault_set(fault, error, "`git %s` in %s: %s", name, git_directory,
		                 strerror(-error));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return fault_set(fault, WIFEXITED(status) && WEXITSTATUS(status) == 1 ? -ENOENT : -EIO,
	                 "`git %s` failed in %s", name, git_directory);
}

int gitchild_run(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault)
{
	return run(git_directory, arguments, &(struct streams){.input = input}, line, context,
	           fault);
}

int gitchild_try(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault)
{
	return run(git_directory, arguments, &(struct streams){.input = input, .quiet = true}, line,
	           context, fault);
}

int gitchild_ask(const char *const *arguments, gitchild_line_fn *line, void *context,
                 struct fault *fault)
{
	return run("/", arguments, &(struct streams){.quiet = true}, line, context, fault);
}

#define SILENCE_MS   120000 /* --progress says something every moment while bytes come */
#define LINE_MAX     300
#define SAID_LINES   2   /* the first lines name the cause; advice follows */
#define CANNOT_START 127 /* as a shell would say */

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

size_t fetch_words(const char *word[FETCH_WORDS])
{
	static const char *const words[] = {"-c",
	                                    "transfer.fsckObjects=true",
	                                    "-c",
	                                    "fetch.unpackLimit=1",
	                                    "-c",
	                                    "http.lowSpeedLimit=1",
	                                    "-c",
	                                    "http.lowSpeedTime=60",
	                                    "fetch",
	                                    "--progress",
	                                    "--no-tags",
	                                    "--no-recurse-submodules",
	                                    "--no-write-fetch-head",
	                                    "--no-auto-maintenance"};

	_Static_assert(sizeof(words) / sizeof(words[0]) <= FETCH_WORDS, "all words fit");
	memcpy((void *)word, words, sizeof(words));
	return sizeof(words) / sizeof(words[0]);
}

/* In the child. */
static _Noreturn void run_git(const struct fetch *fetch, char *const *environment, int output,
                              pid_t parent)
{
	const char *command[ARGUMENTS_MAX] = {NULL};
	size_t count = gitclean_words(command, GITCLEAN_FETCH);
	char directory[4096 + 16];
	int nothing;

	snprintf(directory, sizeof(directory), "--git-dir=%s", fetch->into);
	command[count++] = directory;
	count += fetch_words(command + count);
	if (!fetch->whole)
		command[count++] = "--update-shallow";
	command[count++] = "--";
	command[count++] = fetch->url;
	for (const char *const *spec = fetch->refspec; spec && *spec; spec++)
		command[count++] = *spec;
	if (!fetch->refspec)
		command[count] = fetch->all ? "+refs/*:refs/*" : "+refs/heads/main:refs/heads/main";
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
	gitclean_exec((char *const *)command, environment);
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
		return fault_set(fault, -ENOENT,
		                 "git cannot be run: --pull needs it, in /usr/bin "
		                 "or /usr/local/bin");
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
	char **environment;

	if (error)
		return error;
	environment = gitclean_environment(fetch->into, GITCLEAN_FETCH);
	if (!environment)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (pipe2(end, O_CLOEXEC) < 0) {
		gitclean_free(environment);
		return fault_set(fault, -errno, "a pipe: %s", strerror(errno));
	}
	child = fork();
	if (child == 0)
		run_git(fetch, environment, end[1], parent);
	error = child < 0 ? -errno : 0;
	gitclean_free(environment);
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

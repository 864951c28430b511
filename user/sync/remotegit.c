// SPDX-License-Identifier: MIT
/* Starts git, listens to both of its streams, and ends it with all that it started. */
#include "sync/remotegit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sync/advice.h"

#define ARGUMENTS_MAX 512
#define LINE_BYTES    1024
#define PRINTED_MAX   (32U << 20)  /* a list of 300,000 branches */
#define MEMORY_MAX    (1ULL << 30) /* of each process that git is: git itself sets no bound */
#define CANNOT_START  127          /* as a shell would say */
#define DRAIN_MS      200          /* what is in the pipes when git has ended */

enum { OUTPUT, COMPLAINTS, STREAMS };

struct stream {
	int descriptor; /* -1: closed */
	char line[LINE_BYTES];
	size_t length;
	gitchild_line_fn *handle;
};

struct hearing {
	struct remotegit *git;
	struct stream stream[STREAMS];
	void *context;
	size_t printed;
	unsigned said;
	uint64_t heard_ms;
	int error;
};

uint64_t remotegit_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void limit(int resource, rlim_t most)
{
	struct rlimit now;

	if (getrlimit((__rlimit_resource_t)resource, &now) < 0)
		_exit(CANNOT_START);
	if (now.rlim_max == RLIM_INFINITY || now.rlim_max > most)
		now.rlim_max = most;
	now.rlim_cur = now.rlim_max;
	if (setrlimit((__rlimit_resource_t)resource, &now) < 0)
		_exit(CANNOT_START);
}

static _Noreturn void be_git(const struct remotegit *git, char *const *command,
                             char *const *environment, const int end[STREAMS], pid_t parent)
{
	int nothing = open("/dev/null", O_RDONLY);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    dup2(end[OUTPUT], STDOUT_FILENO) < 0 || dup2(end[COMPLAINTS], STDERR_FILENO) < 0)
		_exit(CANNOT_START);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, git->file_bytes);
	limit(RLIMIT_DATA, MEMORY_MAX);
	gitclean_exec(command, environment);
	_exit(CANNOT_START);
}

static bool is_progress(const char *line)
{
	static const char *const begin[] = {"From ",
	                                    "To ",
	                                    "Total ",
	                                    "remote: Total ",
	                                    "remote: Enumerating ",
	                                    "Enumerating ",
	                                    "Delta compression "};

	for (size_t i = 0; i < sizeof(begin) / sizeof(begin[0]); i++)
		if (!strncmp(line, begin[i], strlen(begin[i])))
			return true;
	return strstr(line, "% (") != NULL;
}

/* Puts the URL for people in place of the URL. */
static void add_words(struct remotegit *git, const char *line, const char *separator)
{
	size_t used = strlen(git->words), length = strlen(git->url);
	const char *found = strstr(line, git->url);

	if (found)
		snprintf(git->words + used, sizeof(git->words) - used, "%s%.*s%s%s", separator,
		         (int)(found - line), line, git->said, found + length);
	else
		snprintf(git->words + used, sizeof(git->words) - used, "%s%s", separator, line);
	/* git also says parts of the URL, and what it was redirected to. */
	remoteurl_hide_users(git->words);
}

static void note_complaint(struct hearing *hearing, const char *line)
{
	static const char *const skipped[] = {"fatal: ", "error: "};
	static const char summary[] = "failed to push some refs to ";

	if (is_progress(line) || hearing->said >= 2)
		return;
	for (size_t i = 0; i < 2; i++)
		if (!strncmp(line, skipped[i], strlen(skipped[i])))
			line += strlen(skipped[i]);
	if (hearing->said > 0 && !strncmp(line, summary, strlen(summary)))
		return;
	add_words(hearing->git, line, hearing->said++ ? "; " : "");
}

static void end_line(struct hearing *hearing, int which)
{
	struct stream *stream = &hearing->stream[which];

	/* git pads what the hub says. */
	while (stream->length > 0 && stream->line[stream->length - 1] == ' ')
		stream->length--;
	stream->line[stream->length] = '\0';
	if (stream->length == 0)
		return;
	stream->length = 0;
	for (char *at = stream->line; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\t')
			*at = ' ';
	if (which == COMPLAINTS)
		note_complaint(hearing, stream->line);
	if (stream->handle && !hearing->error)
		hearing->error = stream->handle(hearing->context, stream->line);
}

static void hear(struct hearing *hearing, int which)
{
	struct stream *stream = &hearing->stream[which];
	char text[16384];
	ssize_t length = read(stream->descriptor, text, sizeof(text));

	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (length <= 0) {
		end_line(hearing, which);
		close(stream->descriptor);
		stream->descriptor = -1;
		return;
	}
	hearing->heard_ms = remotegit_now_ms();
	hearing->printed += (size_t)length;
	if (hearing->printed > PRINTED_MAX && !hearing->error)
		hearing->error = -EMSGSIZE;
	for (ssize_t i = 0; i < length; i++) {
		if (text[i] == '\n' || text[i] == '\r')
			end_line(hearing, which);
		else if (stream->length + 1 < sizeof(stream->line))
			stream->line[stream->length++] = text[i];
	}
}

/* Until git has ended and both pipes are empty. Its descendants may hold them open: they do not
 * count. */
static void listen_to(struct hearing *hearing, int process)
{
	const struct remotegit *git = hearing->git;
	bool ended = false;

	hearing->heard_ms = remotegit_now_ms();
	while (!hearing->error) {
		uint64_t now = remotegit_now_ms(), quiet = hearing->heard_ms + git->silence_ms;
		uint64_t until = git->end_ms < quiet ? git->end_ms : quiet;
		struct pollfd ready[] = {
		        {.fd = hearing->stream[OUTPUT].descriptor, .events = POLLIN},
		        {.fd = hearing->stream[COMPLAINTS].descriptor, .events = POLLIN},
		        {.fd = ended ? -1 : process, .events = POLLIN},
		};
		int count;

		if (ended && ready[0].fd < 0 && ready[1].fd < 0)
			return;
		if (now >= until) {
			hearing->error = -ETIMEDOUT;
			return;
		}
		until -= now;
		count = poll(ready, 3, ended ? DRAIN_MS : until > 60000 ? 60000 : (int)until);
		if (count < 0 && errno != EINTR)
			hearing->error = -errno;
		if (count == 0 && ended)
			return;
		for (int i = 0; i < STREAMS && count > 0; i++)
			if (ready[i].revents)
				hear(hearing, i);
		ended |= count > 0 && ready[2].revents;
	}
}

static int explain(struct hearing *hearing, const char *name, struct fault *fault)
{
	const struct remotegit *git = hearing->git;
	int status = git->status;

	if (hearing->error == -ETIMEDOUT)
		return fault_set(fault, -ETIMEDOUT,
		                 "%.200s: no answer in time: `git %s` was ended%s%.100s", git->said,
		                 name, git->words[0] ? ": " : "", git->words);
	if (hearing->error == -EMSGSIZE)
		return fault_set(fault, -EMSGSIZE,
		                 "%.200s: more than %u MB of names: `git %s` was ended", git->said,
		                 PRINTED_MAX >> 20, name);
	if (hearing->error)
		return fault_set(fault, hearing->error, "%.200s: `git %s`: %s", git->said, name,
		                 strerror(-hearing->error));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_START)
		return fault_set(fault, -ENOENT,
		                 "git cannot be run: it must be in /usr/bin or /usr/local/bin");
	if (git->words[0])
		return fault_set(fault, -EREMOTEIO, "%.100s: %.310s%s", git->said, git->words,
		                 advice_for(git->words));
	return fault_set(fault, -EREMOTEIO, "%.200s: `git %s` ended with %s %d", git->said, name,
	                 WIFSIGNALED(status) ? "signal" : "status",
	                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

/* The pipes' ends for git are in `end`. */
static int open_pipes(struct hearing *hearing, int end[STREAMS])
{
	for (int i = 0; i < STREAMS; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return -errno;
		hearing->stream[i].descriptor = ends[0];
		end[i] = ends[1];
		if (fcntl(ends[0], F_SETFL, O_RDONLY | O_NONBLOCK) < 0)
			return -errno;
	}
	return 0;
}

static int run(struct hearing *hearing, char *const *command, char *const *environment)
{
	const pid_t parent = getpid();
	int end[STREAMS] = {-1, -1}, process = -1;
	int error = open_pipes(hearing, end);
	pid_t pid = -1;

	if (!error && (pid = fork()) == 0)
		be_git(hearing->git, command, environment, end, parent);
	if (!error && pid < 0)
		error = -errno;
	for (int i = 0; i < STREAMS; i++)
		if (end[i] >= 0)
			close(end[i]);
	if (pid > 0) {
		setpgid(pid, pid);
		process = (int)syscall(SYS_pidfd_open, pid, 0);
		if (process < 0)
			error = -errno;
		else
			listen_to(hearing, process);
		/* It is not reaped yet, so that the group cannot be another's. */
		kill(-pid, SIGKILL);
		while (waitpid(pid, &hearing->git->status, 0) < 0 && errno == EINTR)
			;
		if (process >= 0)
			close(process);
	}
	for (int i = 0; i < STREAMS; i++)
		if (hearing->stream[i].descriptor >= 0)
			close(hearing->stream[i].descriptor);
	return error;
}

int remotegit_run(struct remotegit *git, const char *const *arguments, gitchild_line_fn *line,
                  gitchild_line_fn *complaint, void *context, struct fault *fault)
{
	struct hearing hearing = {.git = git, .context = context};
	const char *command[ARGUMENTS_MAX] = {NULL}, *name = NULL;
	char **environment = gitclean_environment(git->directory, GITCLEAN_SYNC);
	char directory[PATH_MAX + 16];
	size_t count = gitclean_words(command, GITCLEAN_SYNC);
	int error;

	if (!environment)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(directory, sizeof(directory), "--git-dir=%s", git->directory);
	command[count++] = directory;
	for (; *arguments && count < ARGUMENTS_MAX - 1; arguments++) {
		if (!name && **arguments != '-' && !strchr(*arguments, '='))
			name = *arguments;
		command[count++] = **arguments == '\x01' ? git->url : *arguments;
	}
	for (int i = 0; i < STREAMS; i++)
		hearing.stream[i].descriptor = -1;
	hearing.stream[OUTPUT].handle = line;
	hearing.stream[COMPLAINTS].handle = complaint;
	git->words[0] = '\0';
	git->status = 0;
	error = run(&hearing, (char *const *)command, environment);
	gitclean_free(environment);
	if (error)
		return fault_set(fault, error, "git cannot be started: %s", strerror(-error));
	return explain(&hearing, name ? name : "", fault);
}

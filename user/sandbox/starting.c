// SPDX-License-Identifier: MIT
/*
 * The starter's process. It has no right that a recorder does not have, and reads nothing that a
 * recorder wrote.
 */
#include "sandbox/starting.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/landlock.h"

#define RECORDERS_MAX 4
#define ORPHAN_MS     30000
#define PROGRAM       "/proc/self/exe"

struct recorder {
	pid_t pid;
	int descriptor; /* of the process: readable when it ended */
};

struct starting {
	const char *command;
	struct recorder recorder[RECORDERS_MAX];
	unsigned recorders;
};

static _Noreturn void be_recorder(const char *command, int socket)
{
	char *arguments[] = {(char *)"arpkeeper", (char *)command, NULL};
	struct fault fault;
	sigset_t none;

	/* The starter serves the next recorder, too. */
	if (landlock_end_signals(&fault))
		_exit(126);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(socket, STARTING_SOCKET) < 0 || close_range(STARTING_SOCKET + 1, ~0U, 0) < 0)
		_exit(126);
	execv(PROGRAM, arguments);
	_exit(127);
}

static int start(struct starting *starting, int socket, pid_t *pid)
{
	int descriptor;

	if (starting->recorders == RECORDERS_MAX)
		return -EAGAIN;
	/* Not fork(): libuv's handler would close descriptors that the keeper's loop had once. */
	*pid = _Fork();
	if (*pid == 0)
		be_recorder(starting->command, socket);
	if (*pid < 0)
		return -errno;
	descriptor = (int)syscall(SYS_pidfd_open, *pid, 0);
	if (descriptor < 0) {
		int error = -errno;

		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
		return error;
	}
	starting->recorder[starting->recorders++] = (struct recorder){*pid, descriptor};
	return 0;
}

static void report(int kind, pid_t pid, int status)
{
	const struct starting_report report = {.kind = kind, .pid = pid, .status = status};

	/* If the keeper has ended, the next read says so. */
	(void)send(STARTING_SOCKET, &report, sizeof(report), MSG_NOSIGNAL);
}

/* -1: none was passed. Close-on-exec is not needed: be_recorder() closes all. */
static int passed_descriptor(struct msghdr *message)
{
	const struct cmsghdr *header = CMSG_FIRSTHDR(message);
	int descriptor = -1;

	if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
	    header->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&descriptor, CMSG_DATA(header), sizeof(descriptor));
	return descriptor;
}

/* false: the keeper has ended. */
static bool serve_request(struct starting *starting)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control;
	struct starting_request request;
	struct iovec text = {&request, sizeof(request)};
	struct msghdr message = {.msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = &control,
	                         .msg_controllen = sizeof(control.room)};
	ssize_t length = recvmsg(STARTING_SOCKET, &message, MSG_CMSG_CLOEXEC);
	int socket, error;
	pid_t pid = 0;

	if (length < 0 && errno == EINTR)
		return true;
	if (length != sizeof(request))
		return false;
	socket = passed_descriptor(&message);
	if (request.kind == STARTING_START) {
		error = socket < 0 ? -EBADF : start(starting, socket, &pid);
		report(STARTING_STARTED, error ? 0 : pid, error);
	} else if (request.kind == STARTING_KILL) {
		for (unsigned i = 0; i < starting->recorders; i++)
			if (starting->recorder[i].pid == request.pid)
				kill(request.pid, SIGKILL);
	}
	if (socket >= 0)
		close(socket);
	return true;
}

static void bury(struct starting *starting, unsigned index)
{
	struct recorder *recorder = &starting->recorder[index];
	int status = 0;

	while (waitpid(recorder->pid, &status, 0) < 0 && errno == EINTR)
		;
	report(STARTING_ENDED, recorder->pid, status);
	close(recorder->descriptor);
	*recorder = starting->recorder[--starting->recorders];
}

/* Waits for the ends of recorders, and for requests while `asked`. false: time is up. */
static bool await(struct starting *starting, bool *asked, int timeout)
{
	struct pollfd ready[RECORDERS_MAX + 1];
	unsigned count = starting->recorders;
	int found;

	for (unsigned i = 0; i < count; i++)
		ready[i] =
		        (struct pollfd){.fd = starting->recorder[i].descriptor, .events = POLLIN};
	ready[count] = (struct pollfd){.fd = *asked ? STARTING_SOCKET : -1, .events = POLLIN};
	found = poll(ready, count + 1, timeout);
	if (found <= 0)
		return found < 0 && errno == EINTR;
	/* From the last: burying moves the last one into the gap. */
	for (unsigned i = count; i-- > 0;)
		if (ready[i].revents)
			bury(starting, i);
	if (ready[count].revents)
		*asked = serve_request(starting);
	return true;
}

void starting_serve(const char *command)
{
	struct starting starting = {.command = command};
	bool asked = true;

	prctl(PR_SET_NAME, "arpkeeper-start");
	/* The keeper handles them, and then closes the socket. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (asked)
		(void)await(&starting, &asked, -1);
	while (starting.recorders && await(&starting, &asked, ORPHAN_MS))
		;
	for (unsigned i = 0; i < starting.recorders; i++)
		kill(starting.recorder[i].pid, SIGKILL);
	_exit(0);
}

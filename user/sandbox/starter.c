// SPDX-License-Identifier: MIT
/* The keeper's side of the starter, and how it begins. starting.c is what the process does. */
#include "sandbox/starter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/enter.h"
#include "sandbox/starting.h"

#define ANSWER_MS 10000
#define WAITING   16 /* ends that were reported while an answer was awaited */

struct starter {
	int socket;
	pid_t pid;
	struct starting_report ended[WAITING];
	unsigned waiting;
	unsigned alive; /* recorders */
};

static _Noreturn void be_starter(const struct sandbox_options *options, const char *command,
                                 int socket)
{
	struct starting_hello hello = {0};

	/* sandbox_enter() closes all above it. */
	if (socket != STARTING_SOCKET && dup2(socket, STARTING_SOCKET) < 0)
		_exit(1);
	hello.error = sandbox_enter(options, &hello.report, &hello.fault);
	if (send(STARTING_SOCKET, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 || hello.error)
		_exit(1);
	starting_serve(command);
}

/* The sender is as trusted as a recorder: texts end, and numbers are what they may be. */
static int take_hello(int socket, struct sandbox_report *report, struct fault *fault)
{
	struct starting_hello hello;
	ssize_t length;

	do
		length = recv(socket, &hello, sizeof(hello), 0);
	while (length < 0 && errno == EINTR);
	if (length != sizeof(hello) || hello.error > 0)
		return fault_set(fault, -EIO, "the starter of the recorder ended at its start");
	hello.fault.text[sizeof(hello.fault.text) - 1] = '\0';
	hello.report.text[sizeof(hello.report.text) - 1] = '\0';
	if (hello.error)
		return fault_set(fault, hello.error, "the recorder: %.480s", hello.fault.text);
	if (report)
		*report = hello.report;
	return 0;
}

int starter_open(struct starter **out, const struct sandbox_options *options, const char *command,
                 struct sandbox_report *report, struct fault *fault)
{
	struct starter *starter = calloc(1, sizeof(*starter));
	int ends[2], error;

	if (!starter)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		error = fault_set(fault, -errno, "a pair of sockets: %s", strerror(errno));
		free(starter);
		return error;
	}
	starter->socket = ends[0];
	starter->pid = fork();
	if (starter->pid == 0)
		be_starter(options, command, ends[1]);
	error = starter->pid < 0
	                ? fault_set(fault, -errno, "the starter of the recorder cannot be made: %s",
	                            strerror(errno))
	                : 0;
	close(ends[1]);
	if (!error)
		error = take_hello(starter->socket, report, fault);
	if (error) {
		starter_close(starter);
		return error;
	}
	*out = starter;
	return 0;
}

void starter_close(struct starter *starter)
{
	if (!starter)
		return;
	close(starter->socket);
	/* It ends with its last recorder. */
	if (starter->pid > 0 && !starter->alive)
		while (waitpid(starter->pid, NULL, 0) < 0 && errno == EINTR)
			;
	free(starter);
}

static int ask(const struct starter *starter, const struct starting_request *request, int passed)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(int))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
	                        .cmsg_level = SOL_SOCKET,
	                        .cmsg_type = SCM_RIGHTS}};
	struct iovec text = {(void *)request, sizeof(*request)};
	struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1};

	if (passed >= 0) {
		memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
		message.msg_control = &control;
		message.msg_controllen = sizeof(control.room);
	}
	/* A starter that does not read is as good as none. */
	return sendmsg(starter->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* -EAGAIN: nothing came. */
static int take(const struct starter *starter, struct starting_report *report)
{
	ssize_t length = recv(starter->socket, report, sizeof(*report), MSG_DONTWAIT);

	if (length < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	if (length != sizeof(*report) ||
	    (report->kind != STARTING_STARTED && report->kind != STARTING_ENDED))
		return -EPIPE;
	return 0;
}

static int await_started(struct starter *starter, struct starting_report *report)
{
	struct pollfd ready = {.fd = starter->socket, .events = POLLIN};

	for (;;) {
		int count = poll(&ready, 1, ANSWER_MS), error;

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count ? -errno : -ETIMEDOUT;
		error = take(starter, report);
		if (error == -EAGAIN)
			continue;
		if (error || report->kind == STARTING_STARTED)
			return error;
		if (starter->waiting == WAITING)
			return -EPIPE;
		starter->ended[starter->waiting++] = *report;
	}
}

int starter_start(struct starter *starter, int socket, pid_t *pid, struct fault *fault)
{
	const struct starting_request request = {.kind = STARTING_START};
	struct starting_report report = {0};
	int error = ask(starter, &request, socket);

	if (!error)
		error = await_started(starter, &report);
	if (!error)
		error = report.pid > 0 ? 0 : report.status < 0 ? report.status : -EPIPE;
	if (error)
		return fault_set(fault, error, "the recorder cannot be started: %s",
		                 error == -EPIPE ? "its starter has ended; restart the agent"
		                                 : strerror(-error));
	*pid = report.pid;
	starter->alive++;
	return 0;
}

int starter_kill(struct starter *starter, pid_t pid)
{
	return ask(starter, &(struct starting_request){.kind = STARTING_KILL, .pid = pid}, -1);
}

int starter_fd(const struct starter *starter)
{
	return starter->socket;
}

int starter_next(struct starter *starter, pid_t *pid, int *status)
{
	struct starting_report report;
	int error = 0;

	if (starter->waiting)
		report = starter->ended[--starter->waiting];
	else
		error = take(starter, &report);
	/* Nobody asked for one that has started. */
	if (!error && report.kind != STARTING_ENDED)
		error = -EPIPE;
	if (error)
		return error == -EAGAIN ? -EAGAIN : -EPIPE;
	*pid = report.pid;
	*status = report.status;
	starter->alive -= starter->alive > 0;
	return 0;
}

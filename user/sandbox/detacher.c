// SPDX-License-Identifier: MIT
/* The keeper's side of the detacher, and how it begins. detaching.c is what the process does. */
#include "sandbox/detacher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/detaching.h"

#define ANSWER_MS 10000

struct detacher {
	int socket; /* -1: it does not answer any more */
	pid_t pid;
};

static int take_hello(int socket, struct fault *fault)
{
	struct detaching_hello hello;
	ssize_t length;

	do
		length = recv(socket, &hello, sizeof(hello), 0);
	while (length < 0 && errno == EINTR);
	if (length != sizeof(hello) || hello.error > 0)
		return fault_set(fault, -EIO, "the process that detaches ended at its start");
	hello.fault.text[sizeof(hello.fault.text) - 1] = '\0';
	return hello.error ? fault_set(fault, hello.error, "the process that detaches: %.480s",
	                               hello.fault.text)
	                   : 0;
}

int detacher_open(struct detacher **out, const struct detacher_options *options,
                  struct fault *fault)
{
	struct detacher *detacher = calloc(1, sizeof(*detacher));
	int ends[2], error;

	if (!detacher)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		error = fault_set(fault, -errno, "a pair of sockets: %s", strerror(errno));
		free(detacher);
		return error;
	}
	detacher->socket = ends[0];
	detacher->pid = fork();
	if (detacher->pid == 0)
		detaching_begin(options, ends[1]);
	error = detacher->pid < 0
	                ? fault_set(fault, -errno, "the process that detaches cannot be made: %s",
	                            strerror(errno))
	                : 0;
	close(ends[1]);
	if (!error)
		error = take_hello(detacher->socket, fault);
	if (error) {
		detacher_close(detacher);
		return error;
	}
	*out = detacher;
	return 0;
}

/* What it says later would be taken for the answer to the next request. */
static int give_up(struct detacher *detacher)
{
	close(detacher->socket);
	detacher->socket = -1;
	return -EPERM;
}

int detacher_ask(struct detacher *detacher, uint32_t ifindex)
{
	struct pollfd ready = {.fd = detacher->socket, .events = POLLIN};
	int32_t answer;
	int count;

	if (detacher->socket < 0)
		return -EPERM;
	if (send(detacher->socket, &ifindex, sizeof(ifindex), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		return give_up(detacher);
	do
		count = poll(&ready, 1, ANSWER_MS);
	while (count < 0 && errno == EINTR);
	if (count <= 0 || recv(detacher->socket, &answer, sizeof(answer), MSG_DONTWAIT) !=
	                          (ssize_t)sizeof(answer))
		return give_up(detacher);
	return answer > 0 ? -EPROTO : answer;
}

void detacher_close(struct detacher *detacher)
{
	bool hangs;

	if (!detacher)
		return;
	hangs = detacher->socket < 0;
	if (!hangs)
		close(detacher->socket);
	/* One that hangs is init's: the keeper does not wait for it. */
	while (detacher->pid > 0 && waitpid(detacher->pid, NULL, hangs ? WNOHANG : 0) < 0 &&
	       errno == EINTR)
		;
	free(detacher);
}

// SPDX-License-Identifier: MIT
/* The keeper's side of the courier, and how it begins. carrying.c is what the process does. */
#include "sandbox/courier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/carrying.h"
#include "sandbox/command.h"
#include "sandbox/enter.h"

struct courier {
	int socket;
	uint32_t lost;
	struct courier_counts counts;
};

static _Noreturn void be_courier(const struct courier_options *options, int socket)
{
	struct carrying_hello hello = {0};

	/* sandbox_become() closes all above it. */
	if (socket != CARRYING_SOCKET && dup2(socket, CARRYING_SOCKET) < 0)
		_exit(1);
	hello.error = sandbox_become(options->user, &hello.fault);
	if (!hello.error && !options->arguments)
		hello.error = sandbox_check_command(options->command, &hello.fault);
	if (send(CARRYING_SOCKET, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 || hello.error)
		_exit(1);
	carrying_serve(options);
}

static int take_hello(int socket, const char *label, struct fault *fault)
{
	struct carrying_hello hello;
	ssize_t length;

	do
		length = recv(socket, &hello, sizeof(hello), 0);
	while (length < 0 && errno == EINTR);
	if (length != sizeof(hello) || hello.error > 0)
		return fault_set(fault, -EIO, "%s: its process ended at its start", label);
	hello.fault.text[sizeof(hello.fault.text) - 1] = '\0';
	return hello.error ? fault_set(fault, hello.error, "%.80s: %.400s", label, hello.fault.text)
	                   : 0;
}

int courier_open(struct courier **out, const struct courier_options *options, struct fault *fault)
{
	struct courier *courier = calloc(1, sizeof(*courier));
	int ends[2], error;
	pid_t pid;

	if (!courier)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		error = fault_set(fault, -errno, "a pair of sockets: %s", strerror(errno));
		free(courier);
		return error;
	}
	courier->socket = ends[0];
	pid = fork();
	if (pid == 0)
		be_courier(options, ends[1]);
	error = pid < 0 ? fault_set(fault, -errno, "the process for %s cannot be made: %s",
	                            options->label, strerror(errno))
	                : 0;
	close(ends[1]);
	if (!error)
		error = take_hello(courier->socket, options->label, fault);
	if (error) {
		courier_close(courier);
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		return error;
	}
	*out = courier;
	return 0;
}

int courier_send(struct courier *courier, const char *text, bool news)
{
	struct carrying_head head = {.news = news, .lost = courier->lost};
	struct iovec part[] = {{&head, sizeof(head)}, {(void *)text, strlen(text)}};
	struct msghdr message = {.msg_iov = part, .msg_iovlen = 2};

	if (part[1].iov_len > COURIER_TEXT_MAX)
		return -EMSGSIZE;
	if (sendmsg(courier->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
		courier->lost = 0;
	else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		courier->lost++;
	else
		return -EPIPE;
	return 0;
}

void courier_count(struct courier *courier, struct courier_counts *counts)
{
	struct carrying_report report;

	while (recv(courier->socket, &report, sizeof(report), MSG_DONTWAIT) == sizeof(report))
		courier->counts = report.counts;
	*counts = courier->counts;
	counts->dropped += courier->lost;
}

void courier_close(struct courier *courier)
{
	if (!courier)
		return;
	close(courier->socket);
	free(courier);
}

// SPDX-License-Identifier: MIT
/*
 * The detacher's process. It has root's capabilities over BPF and interfaces, and makes no call
 * that its one task does not need. It believes nothing of the keeper's: a request chooses an
 * interface, and what is done there is always the same.
 */
#include "sandbox/detaching.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/bpfcalls.h"
#include "sandbox/credentials.h"
#include "sandbox/landlock.h"

#define SOCKET        3
#define CAPABILITY(n) (UINT64_C(1) << (n))
/* To look programs up, to load a dispatcher, to attach it, and to link programs to it. */
#define OF_DETACHER                                                                                \
	(CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_BPF) | CAPABILITY(CAP_NET_ADMIN) |             \
	 CAPABILITY(CAP_PERFMON))

/* libxdp's dispatcher is a file beside the libraries; /proc/self/fd has the descriptors that libxdp
 * leaves open. */
static const char *const readable[] = {
        "/usr/lib", "/usr/lib64",      "/usr/local/lib",          "/lib", "/lib64",
        "/proc",    "/sys/kernel/btf", "/sys/devices/system/cpu", NULL};

static int reduce_process(struct fault *fault)
{
	const struct rlimit none = {0, 0};
#if defined(__SANITIZE_ADDRESS__)
	char *address = getenv("ASAN_OPTIONS"), *undefined = getenv("UBSAN_OPTIONS");
#endif

	/* libxdp's variables name files to load, and other places for pins. */
	if (clearenv())
		return fault_set(fault, -ENOMEM, "the environment cannot be cleared");
#if defined(__SANITIZE_ADDRESS__)
	if (address)
		setenv("ASAN_OPTIONS", address, 1);
	if (undefined)
		setenv("UBSAN_OPTIONS", undefined, 1);
#endif
	umask(077);
	(void)setsid();
	if (setrlimit(RLIMIT_CORE, &none) < 0 || close_range(SOCKET + 1, ~0U, 0) < 0)
		return fault_set(fault, -errno, "descriptors and limits: %s", strerror(errno));
	return 0;
}

static int enter(const struct detacher_options *options, struct fault *fault)
{
	const char *const writable[] = {options->pins, NULL};
	int error = reduce_process(fault);

	if (!error)
		error = credentials_reduce(NULL, OF_DETACHER, false, fault);
	if (!error)
		error = landlock_limit(readable, writable, fault);
	/* The keeper has the same user, but fewer capabilities: it may not look into this one. */
	if (!error && prctl(PR_SET_DUMPABLE, 0) < 0)
		error = fault_set(fault, -errno, "the process stays open to debuggers: %s",
		                  strerror(errno));
	if (!error)
		error = bpfcalls_restrict(fault);
	return error;
}

/* false: the keeper has ended, or says what it cannot mean. */
static bool serve(const struct detacher_options *options)
{
	uint32_t ifindex;
	int32_t answer;
	ssize_t length = recv(SOCKET, &ifindex, sizeof(ifindex), 0);

	if (length < 0 && errno == EINTR)
		return true;
	if (length != sizeof(ifindex))
		return false;
	answer = ifindex && ifindex <= INT32_MAX ? options->detach(options->context, ifindex)
	                                         : -EINVAL;
	return send(SOCKET, &answer, sizeof(answer), MSG_NOSIGNAL) >= 0;
}

void detaching_begin(const struct detacher_options *options, int socket)
{
	struct detaching_hello hello = {0};

	if (socket != SOCKET && dup2(socket, SOCKET) < 0)
		_exit(1);
	prctl(PR_SET_NAME, "arpkeeper-xdp");
	/* The keeper handles them, and then closes the socket. */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	hello.error = enter(options, &hello.fault);
	if (send(SOCKET, &hello, sizeof(hello), MSG_NOSIGNAL) < 0 || hello.error)
		_exit(1);
	while (serve(options))
		;
	_exit(0);
}

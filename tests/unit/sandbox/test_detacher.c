// SPDX-License-Identifier: MIT
/* The detacher, with functions of the tests in place of what it does. They run inside of it. */
#include "inside.h"

#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

static struct detacher *opened(int (*detach)(void *context, uint32_t ifindex), void *context)
{
	const struct detacher_options options = {
	        .detach = detach, .context = context, .pins = "/sys/fs/bpf"};
	struct detacher *detacher = NULL;
	struct fault fault = {""};

	if (detacher_open(&detacher, &options, &fault))
		fail_msg("%s", fault.text);
	return detacher;
}

static int answer_number(void *context, uint32_t ifindex)
{
	(void)context;
	return ifindex == 7 ? 0 : ifindex == 8 ? 1 : -(int)ifindex;
}

static void requests_are_numbers_of_interfaces(void **state)
{
	struct detacher *detacher = opened(answer_number, NULL);

	(void)state;
	assert_int_equal(detacher_ask(detacher, 7), 0);
	assert_int_equal(detacher_ask(detacher, 16), -EBUSY);
	/* Neither reaches the function, or is believed. */
	assert_int_equal(detacher_ask(detacher, 0), -EINVAL);
	assert_int_equal(detacher_ask(detacher, UINT32_MAX), -EINVAL);
	assert_int_equal(detacher_ask(detacher, 8), -EPROTO);
	assert_int_equal(detacher_ask(detacher, 7), 0);
	detacher_close(detacher);
}

static int end(void *context, uint32_t ifindex)
{
	(void)context;
	(void)ifindex;
	_exit(1);
}

static void one_that_ended_is_reported(void **state)
{
	struct detacher *detacher = opened(end, NULL);

	(void)state;
	assert_int_equal(detacher_ask(detacher, 7), -EPERM);
	assert_int_equal(detacher_ask(detacher, 7), -EPERM);
	detacher_close(detacher);
}

static bool status_has(const char *line)
{
	char text[256];
	FILE *file = fopen("/proc/self/status", "re");
	bool found = false;

	while (file && fgets(text, sizeof(text), file))
		found = found || !strcmp(text, line);
	if (file)
		fclose(file);
	return found;
}

static long bpf(enum bpf_cmd command)
{
	union bpf_attr attribute = {0};

	return syscall(SYS_bpf, command, &attribute, sizeof(attribute));
}

static int try_everything(void *context, uint32_t ifindex)
{
	const char *secret = context;
	char *const arguments[] = {(char *)"true", NULL};
	const struct timespec now = {0};
	char path[128];

	(void)ifindex;
	/* CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_PERFMON and CAP_BPF: bits 12, 21, 38, 39. */
	expect(status_has("CapEff:\t000000c000201000\n"));
	expect(status_has("CapPrm:\t000000c000201000\n"));
	expect(status_has("CapBnd:\t000000c000201000\n"));
	expect(status_has("NoNewPrivs:\t1\n"));
	expect(!getenv("PATH") && !getenv("LIBXDP_OBJECT_PATH"));
	/* What CAP_SYS_ADMIN is for elsewhere. */
	expect_errno(mount("none", "/mnt", "tmpfs", 0, NULL), EPERM);
	expect_errno(umount2("/sys/fs/bpf", MNT_DETACH), EPERM);
	expect_errno(unshare(CLONE_NEWNS), EPERM);
	expect_errno(setns(3, 0), EPERM);
	expect_errno(sethostname("x", 1), EPERM);
	expect_errno(syscall(SYS_keyctl, 0, 0, 0, 0, 0), EPERM);
	expect_errno(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0), EPERM);
	expect_errno(clock_settime(CLOCK_REALTIME, &now), EPERM);
	expect_errno(ptrace(PTRACE_ATTACH, getppid(), 0, 0), EPERM);
	/* Programs, and memory to run. */
	expect_errno(execv("/bin/true", arguments), EPERM);
#if !defined(__SANITIZE_ADDRESS__)
	/* A sanitizer starts a process to look for leaks. */
	expect_errno(kill(getppid(), 0), EPERM);
	expect_errno(fork(), EPERM);
	expect(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED);
#endif
	/* Other commands of bpf(). */
	expect_errno(bpf(BPF_PROG_GET_NEXT_ID), EPERM);
	expect_errno(bpf(BPF_PROG_TEST_RUN), EPERM);
	expect_errno(bpf(BPF_PROG_ATTACH), EPERM);
	expect_errno(bpf(BPF_PROG_GET_FD_BY_ID), ENOENT);
	/* Sockets: netlink alone can be used. */
	expect_errno(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), EPERM);
	expect_errno(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), EPERM);
	expect(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
	/* Root's files, where Landlock is. */
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 0 && errno != EPERM)
		return child_faults ? -EIO : 0;
	expect_errno(open(secret, O_RDONLY | O_CLOEXEC), EACCES);
	snprintf(path, sizeof(path), "%s.new", secret);
	expect_errno(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600), EACCES);
	expect_errno(open("/etc/shadow", O_RDONLY | O_CLOEXEC), EACCES);
	return child_faults ? -EIO : 0;
}

static void it_can_do_little_else(void **state)
{
	const struct place *place = *state;
	struct detacher *detacher;
	char secret[96];

	snprintf(secret, sizeof(secret), "%s/secret", place->folder);
	write_file(secret, "a secret\n");
	assert_int_equal(setenv("LIBXDP_OBJECT_PATH", place->folder, 1), 0);
	detacher = opened(try_everything, secret);
	assert_int_equal(detacher_ask(detacher, 7), 0);
	detacher_close(detacher);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(requests_are_numbers_of_interfaces),
	        cmocka_unit_test(one_that_ended_is_reported),
	        in_place(it_can_do_little_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

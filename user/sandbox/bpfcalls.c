// SPDX-License-Identifier: MIT
/*
 * The allow-list: what libxdp, libbpf, libelf and the C library call to read a dispatcher, make
 * another one, attach and pin it. No program is run, no memory made executable, no mount,
 * namespace, module, clock or device touched: CAP_SYS_ADMIN is good for looking BPF objects up
 * alone.
 */
#include "sandbox/bpfcalls.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "sandbox/syscalls.h"

/* The names that the library does not know are left out. */
static const char *const allowed[] = {
        /* files: Landlock says which */
        "access", "close", "dup", "faccessat", "faccessat2", "fcntl", "flock", "fstat", "fstat64",
        "fstatat64", "fstatfs", "fstatfs64", "getcwd", "getdents", "getdents64", "lseek", "_llseek",
        "lstat", "lstat64", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pread64", "read",
        "readlink", "readlinkat", "readv", "rmdir", "stat", "stat64", "statfs", "statfs64", "statx",
        "unlink", "unlinkat", "write", "writev",
        /* memory */
        "brk", "madvise", "mremap", "munmap",
        /* waiting, and what libraries ask */
        "clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64", "futex",
        "futex_time64", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom",
        "getrlimit", "gettid", "gettimeofday", "getuid", "nanosleep", "poll", "ppoll",
        "ppoll_time64", "prlimit64", "capget", "restart_syscall", "rt_sigaction", "rt_sigprocmask",
        "rt_sigreturn", "sched_getaffinity", "sched_yield", "sysinfo", "uname", "exit",
        "exit_group",
        /* netlink, and the answer to the keeper */
        "bind", "getsockname", "getsockopt", "recv", "recvfrom", "recvmsg", "send", "sendmsg",
        "sendto", "setsockopt",
#if defined(__SANITIZE_ADDRESS__)
        /* What its run-time library needs, also to look for leaks. */
        "clone", "kill", "mmap", "mmap2", "mprotect", "prctl", "process_vm_readv", "ptrace",
        "sigaltstack", "tgkill", "wait4",
#endif
        NULL};

/* Not the commands that walk all objects of the machine, and none that runs or traces a program. */
static const unsigned commands[] = {
        BPF_MAP_CREATE,
        BPF_MAP_LOOKUP_ELEM,
        BPF_MAP_UPDATE_ELEM,
        BPF_MAP_FREEZE,
        BPF_PROG_LOAD,
        BPF_BTF_LOAD,
        BPF_OBJ_PIN,
        BPF_OBJ_GET,
        BPF_OBJ_GET_INFO_BY_FD,
        BPF_PROG_GET_FD_BY_ID,
        BPF_MAP_GET_FD_BY_ID,
        BPF_BTF_GET_FD_BY_ID,
        BPF_LINK_CREATE,
        BPF_RAW_TRACEPOINT_OPEN,
};

static int add_bpf(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]) && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "bpf",
		                     &SCMP_A0(SCMP_CMP_EQ, commands[i], 0), 1);
	return error;
}

#if !defined(__SANITIZE_ADDRESS__)
static int add_memory(scmp_filter_ctx filter)
{
	static const char *const calls[] = {"mmap", "mmap2", "mprotect"};
	int error = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, calls[i],
		                     &SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0), 1);
	return error;
}
#endif

/* AF_UNIX only to ask for an interface's name or number. */
static int add_sockets(scmp_filter_ctx filter)
{
	static const unsigned families[] = {AF_NETLINK, AF_UNIX};
	static const unsigned requests[] = {SIOCGIFNAME, SIOCGIFINDEX};
	int error = 0;

	for (size_t i = 0; i < 2 && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "socket",
		                     &SCMP_A0(SCMP_CMP_EQ, families[i], 0), 1);
	for (size_t i = 0; i < 2 && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "ioctl",
		                     &SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i]), 1);
	return error;
}

int bpfcalls_restrict(struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error;

	if (!filter)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
	for (const char *const *name = allowed; *name && !error; name++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, *name, NULL, 0);
	if (!error)
		error = add_bpf(filter);
#if !defined(__SANITIZE_ADDRESS__)
	if (!error)
		error = add_memory(filter);
#endif
	if (!error)
		error = add_sockets(filter);
	error = syscalls_finish(filter, error, fault);
	return error < 0 ? error : 0;
}

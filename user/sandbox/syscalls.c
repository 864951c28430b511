// SPDX-License-Identifier: MIT
/*
 * The allow-list: what git, its hooks (a shell), ssh, libuv, libgit2 and the sanitizers use. It is
 * narrower than systemd's @system-service: no keys, no IPC of System V, no change of user,
 * no handles, no server sockets.
 */
#include "sandbox/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* The names that the library does not know are left out. */
static const char *const allowed[] = {
        /* files */
        "access", "chdir", "chown", "chown32", "close", "close_range", "copy_file_range", "dup",
        "dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fadvise64_64", "fallocate",
        "fchdir", "fchown", "fchown32", "fchownat", "fcntl", "fcntl64", "fdatasync", "fgetxattr",
        "flistxattr", "flock", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64", "fsync",
        "ftruncate", "ftruncate64", "futimesat", "getcwd", "getdents", "getdents64", "getxattr",
        "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "_llseek",
        "lchown", "lchown32", "lgetxattr", "link", "linkat", "listxattr", "llistxattr", "lseek",
        "lstat", "lstat64", "newfstatat", "pread64", "preadv", "preadv2", "pwrite64", "pwritev",
        "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "rename", "renameat",
        "renameat2", "rmdir", "sendfile", "sendfile64", "splice", "stat", "stat64", "statfs",
        "statfs64", "statx", "sync_file_range", "syncfs", "tee", "truncate", "truncate64", "umask",
        "unlink", "unlinkat", "utime", "utimensat", "utimensat_time64", "utimes", "write", "writev",
        /* whether the clock is synchronised; to set it takes a capability */
        "adjtimex", "clock_adjtime", "clock_adjtime64",
        /* waiting */
        "alarm", "clock_getres", "clock_getres_time64", "clock_gettime", "clock_gettime64",
        "clock_nanosleep", "clock_nanosleep_time64", "epoll_create", "epoll_create1", "epoll_ctl",
        "epoll_ctl_old", "epoll_pwait", "epoll_pwait2", "epoll_wait", "epoll_wait_old", "eventfd",
        "eventfd2", "getitimer", "gettimeofday", "nanosleep", "_newselect", "pipe", "pipe2", "poll",
        "ppoll", "ppoll_time64", "pselect6", "pselect6_time64", "select", "setitimer", "time",
        "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime",
        "timerfd_create", "timerfd_gettime", "timerfd_settime",
        /* memory */
        "brk", "get_mempolicy", "madvise", "membarrier", "memfd_create", "mincore", "mlock",
        "mlock2", "mmap", "mmap2", "mprotect", "mremap", "msync", "munlock", "munmap", "pkey_alloc",
        "pkey_free", "pkey_mprotect",
        /* processes and threads */
        "arch_prctl", "capget", "execve", "exit", "exit_group", "fork", "futex", "futex_time64",
        "futex_waitv", "get_robust_list", "get_thread_area", "getcpu", "getegid", "getegid32",
        "geteuid", "geteuid32", "getgid", "getgid32", "getgroups", "getgroups32", "getpgid",
        "getpgrp", "getpid", "getppid", "getpriority", "getrandom", "getresgid", "getresgid32",
        "getresuid", "getresuid32", "getrlimit", "getrusage", "getsid", "gettid", "getuid",
        "getuid32", "ioprio_get", "ioprio_set", "landlock_add_rule", "landlock_create_ruleset",
        "landlock_restrict_self", "pause", "pidfd_open", "pidfd_send_signal", "prctl", "prlimit64",
        "restart_syscall", "rseq", "sched_get_priority_max", "sched_get_priority_min",
        "sched_getaffinity", "sched_getattr", "sched_getparam", "sched_getscheduler",
        "sched_setaffinity", "sched_setscheduler", "sched_yield", "seccomp", "set_robust_list",
        "set_thread_area", "set_tid_address", "set_tls", "setpgid", "setpriority", "setrlimit",
        "setsid", "sysinfo", "times", "ugetrlimit", "uname", "vfork", "wait4", "waitid", "waitpid",
        /* signals */
        "kill", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
        "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigtimedwait_time64",
        "rt_tgsigqueueinfo", "sigaction", "sigaltstack", "signalfd", "signalfd4", "sigpending",
        "sigprocmask", "sigreturn", "sigsuspend", "tgkill", "tkill",
        /* sockets that exist */
        "getpeername", "getsockname", "getsockopt", "recv", "recvfrom", "recvmmsg",
        "recvmmsg_time64", "recvmsg", "send", "sendmmsg", "sendmsg", "sendto", "setsockopt",
        "shutdown",
#if defined(__SANITIZE_ADDRESS__)
        /* The search for leaks stops the other threads. */
        "ptrace", "process_vm_readv",
#endif
        NULL};

/* A server runs no program, makes no file, and signals nobody but itself (tgkill, of abort()). */
static const char *const not_serving[] = {"chown",
                                          "chown32",
                                          "execve",
                                          "fallocate",
                                          "fchown",
                                          "fchown32",
                                          "fchownat",
                                          "fork",
                                          "ftruncate",
                                          "ftruncate64",
                                          "futimesat",
                                          "kill",
                                          "lchown",
                                          "lchown32",
                                          "link",
                                          "linkat",
                                          "pidfd_open",
                                          "pidfd_send_signal",
                                          "rename",
                                          "renameat",
                                          "renameat2",
                                          "rmdir",
                                          "rt_sigqueueinfo",
                                          "rt_tgsigqueueinfo",
                                          "tkill",
                                          "truncate",
                                          "truncate64",
                                          "unlink",
                                          "unlinkat",
                                          "utime",
                                          "utimensat",
                                          "utimensat_time64",
                                          "utimes",
                                          "vfork",
#if !defined(__SANITIZE_ADDRESS__)
                                          "ptrace",
                                          "process_vm_readv",
#endif
                                          NULL};

/* `cp -a` then leaves them out, as where a file system has none. */
static const char *const unsupported[] = {
        "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", NULL};

/* For terminals, pipes and copies. Not TIOCSTI: it types on the terminal of the operator. */
static const unsigned long requests[] = {TCGETS,  TIOCGWINSZ, TIOCGPGRP, FIONREAD,    FIONBIO,
                                         FIOCLEX, FIONCLEX,   FICLONE,   FICLONERANGE};

/* Calls that create files, the argument that has the mode, and the one with open's flags. */
static const struct {
	const char *name;
	int mode, flags; /* -1: no such argument */
} creating[] = {
        {"chmod", 1, -1},   {"fchmod", 1, -1}, {"fchmodat", 2, -1}, {"mkdir", 1, -1},
        {"mkdirat", 2, -1}, {"creat", 1, -1},  {"open", 2, 1},      {"openat", 3, 2},
};

#define NAMESPACES                                                                                 \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |             \
	 CLONE_NEWPID | CLONE_NEWNET)
#define SOCKET_TYPE 0xf
/* Newer calls than this list: the C library takes the older one if they seem to be missing. */
#define FIRST_UNKNOWN 451
#define LAST_UNKNOWN  600

int syscalls_add(scmp_filter_ctx filter, uint32_t action, const char *name,
                 const struct scmp_arg_cmp *condition, unsigned conditions)
{
	int number = seccomp_syscall_resolve_name(name);

	return number == __NR_SCMP_ERROR
	               ? 0
	               : seccomp_rule_add_array(filter, action, number, conditions, condition);
}

static bool is_of(const char *const *list, const char *name)
{
	while (*list && strcmp(*list, name) != 0)
		list++;
	return *list;
}

static int add_simple(scmp_filter_ctx filter, bool serves)
{
	int error = 0;

	for (const char *const *name = allowed; *name && !error; name++)
		if (!serves || !is_of(not_serving, *name))
			error = syscalls_add(filter, SCMP_ACT_ALLOW, *name, NULL, 0);
	for (const char *const *name = unsupported; *name && !error; name++)
		error = syscalls_add(filter, SCMP_ACT_ERRNO(EOPNOTSUPP), *name, NULL, 0);
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]) && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "ioctl",
		                     &SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, requests[i]), 1);
	/* glibc takes clone() instead, whose flags can be seen. openat2() likewise has its mode in
	 * memory. */
	if (!error)
		error = syscalls_add(filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", NULL, 0);
	if (!error)
		error = syscalls_add(filter, SCMP_ACT_ERRNO(ENOSYS), "openat2", NULL, 0);
	for (int number = FIRST_UNKNOWN; number <= LAST_UNKNOWN && !error; number++)
		error = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), number, 0, NULL);
	return error;
}

/* No program may be made that runs as its owner: root without capabilities still is an owner. */
static int add_creating(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(creating) / sizeof(creating[0]) && !error; i++) {
		const struct scmp_arg_cmp plain =
		        SCMP_CMP64((unsigned)creating[i].mode, SCMP_CMP_MASKED_EQ, S_ISUID, 0);

		error = syscalls_add(filter, SCMP_ACT_ALLOW, creating[i].name, &plain, 1);
		if (!error && creating[i].flags >= 0)
			error = syscalls_add(filter, SCMP_ACT_ALLOW, creating[i].name,
			                     &SCMP_CMP64((unsigned)creating[i].flags,
			                                 SCMP_CMP_MASKED_EQ, O_CREAT, 0),
			                     1);
	}
	return error;
}

static int add_clone(scmp_filter_ctx filter)
{
#if defined(__s390__)
	return syscalls_add(filter, SCMP_ACT_ALLOW, "clone",
	                    &SCMP_A1(SCMP_CMP_MASKED_EQ, NAMESPACES, 0), 1);
#else
	return syscalls_add(filter, SCMP_ACT_ALLOW, "clone",
	                    &SCMP_A0(SCMP_CMP_MASKED_EQ, NAMESPACES, 0), 1);
#endif
}

/* The descriptor that it serves on was made before. */
static int add_serving(scmp_filter_ctx filter)
{
	static const char *const calls[] = {"accept", "accept4", "connect"};
	int error = syscalls_add(filter, SCMP_ACT_ALLOW, "socket",
	                         &SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0), 1);

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, calls[i], NULL, 0);
	return error;
}

static int add_sockets(scmp_filter_ctx filter, bool fetches)
{
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM};
	int error = syscalls_add(filter, SCMP_ACT_ALLOW, "socketpair",
	                         &SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0), 1);

	if (!fetches || error)
		return error;
	for (size_t i = 0; i < 4 && !error; i++)
		for (size_t j = 0; j < 2 && !error; j++) {
			const struct scmp_arg_cmp condition[] = {
			        SCMP_A0(SCMP_CMP_EQ, (unsigned)families[i], 0),
			        SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, (unsigned)types[j])};

			error = syscalls_add(filter, SCMP_ACT_ALLOW, "socket", condition, 2);
		}
	/* glibc asks which addresses there are, by a raw one of this family. */
	if (!error)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "socket",
		                     (const struct scmp_arg_cmp[]){
		                             SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0),
		                             SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, SOCK_RAW)},
		                     2);
	if (!error)
		error = syscalls_add(filter, SCMP_ACT_ALLOW, "connect", NULL, 0);
	/* Landlock refuses TCP. */
	return error ? error : syscalls_add(filter, SCMP_ACT_ALLOW, "bind", NULL, 0);
}

static int load(scmp_filter_ctx filter, struct fault *fault)
{
	int error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);

	/* A tree, for kernels that do not remember what is always allowed (before Linux 5.11). */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
	/* The kernel's own error. */
	if (!error)
		error = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	if (!error)
		error = seccomp_load(filter);
	if (error == -EINVAL || error == -ENOSYS)
		return 0;
	return error ? fault_set(fault, error, "seccomp: the filter cannot be loaded: %s",
	                         strerror(-error))
	             : 1;
}

int syscalls_finish(scmp_filter_ctx filter, int error, struct fault *fault)
{
	if (error)
		fault_set(fault, error, "seccomp: the filter cannot be made: %s", strerror(-error));
	else
		error = load(filter, fault);
	seccomp_release(filter);
	return error;
}

int syscalls_restrict(bool fetches, bool serves, struct fault *fault)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error;

	if (!filter)
		return fault_set(fault, -ENOMEM, "out of memory");
	/* Calls of another architecture, such as those of 32 bits. */
	error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
	if (!error)
		error = add_simple(filter, serves);
	if (!error)
		error = add_creating(filter);
	if (!error)
		error = add_clone(filter);
	if (!error)
		error = serves ? add_serving(filter) : add_sockets(filter, fetches);
	return syscalls_finish(filter, error, fault);
}

int syscalls_end_sockets(struct fault *fault)
{
	static const char *const refused[] = {"socket", "connect", "bind"};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error = 0;

	if (!filter)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]) && !error; i++)
		error = syscalls_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], NULL, 0);
	error = syscalls_finish(filter, error, fault);
	return error < 0 ? error : 0;
}

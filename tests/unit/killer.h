/* SPDX-License-Identifier: MIT */
/*
 * Kills a child of the test before its n-th write: with all of its threads and all that it started,
 * as when a machine fails. A write is what makes, fills durably, moves or removes a file: a call of
 * open() that may create one, of rename, link, unlink, mkdir, fsync. The call is not made any more.
 */
#ifndef TESTS_UNIT_KILLER_H
#define TESTS_UNIT_KILLER_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#define KILLER_TRACED 4096 /* threads and processes of a child */

struct killer {
	pid_t traced[KILLER_TRACED];
	unsigned count;  /* of them, so far */
	unsigned writes; /* so far */
	unsigned nth;
	bool killed;
	int status; /* of the child */
};

static inline bool killer_is_write(const struct ptrace_syscall_info *info)
{
	switch (info->entry.nr) {
#ifdef SYS_open
	case SYS_open:
		return info->entry.args[1] & O_CREAT;
	case SYS_rename:
	case SYS_link:
	case SYS_unlink:
	case SYS_mkdir:
#endif
	case SYS_renameat2:
#ifdef SYS_renameat
	case SYS_renameat:
#endif
	case SYS_linkat:
	case SYS_unlinkat:
	case SYS_mkdirat:
	case SYS_fsync:
	case SYS_fdatasync:
		return true;
	case SYS_openat:
		return info->entry.args[2] & O_CREAT;
	default:
		return false;
	}
}

static inline void killer_kill(struct killer *killer)
{
	killer->killed = true;
	for (unsigned i = 0; i < killer->count; i++)
		kill(killer->traced[i], SIGKILL);
}

/* A stop of one of them. The signal that it goes on with; 0: none. */
static inline int killer_stopped(struct killer *killer, pid_t pid, int status)
{
	struct ptrace_syscall_info info;
	unsigned i = 0;

	while (i < killer->count && killer->traced[i] != pid)
		i++;
	if (i == killer->count && i < KILLER_TRACED)
		killer->traced[killer->count++] = pid;
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY && killer_is_write(&info) &&
		    killer->writes++ == killer->nth)
			killer_kill(killer);
		return 0;
	}
	/* Events, and the first stop of a new one. */
	return WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
}

/* Runs live(context) in a child. True: it was killed before its n-th write, from 0. False: it ended
 * before, with status 0; and so did all that it started. */
static inline bool killer_run(unsigned nth, void (*live)(void *), void *context)
{
	struct killer *killer = calloc(1, sizeof(*killer));
	int status;
	bool killed;
	pid_t child, got;

	assert_non_null(killer);
	killer->nth = nth;
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		live(context);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, __WALL), child);
	assert_true(WIFSTOPPED(status));
	killer->traced[killer->count++] = child;
	assert_int_equal(
	        ptrace(PTRACE_SETOPTIONS, child, NULL,
	               (void *)(PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
	                        PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)),
	        0);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	while ((got = waitpid(-1, &status, __WALL)) > 0) {
		if (!WIFSTOPPED(status)) {
			if (got == child)
				killer->status = status;
			continue;
		}
		ptrace(PTRACE_SYSCALL, got, NULL,
		       (void *)(intptr_t)killer_stopped(killer, got, status));
		/* One that appeared since then. */
		if (killer->killed)
			kill(got, SIGKILL);
	}
	assert_int_equal(errno, ECHILD);
	killed = killer->killed;
	if (!killed)
		assert_int_equal(killer->status, 0);
	free(killer);
	return killed;
}

#endif

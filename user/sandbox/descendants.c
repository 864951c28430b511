// SPDX-License-Identifier: MIT
/*
 * Each round kills the children; theirs are children in the next round. One that forks without end
 * is slower than that.
 */
#include "sandbox/descendants.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define CHILDREN   "/proc/thread-self/children" /* needs CONFIG_PROC_CHILDREN */
#define PATIENCE_S 2

int descendants_adopt(void)
{
	return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0;
}

static int kill_children(void)
{
	FILE *list = fopen(CHILDREN, "re");
	int pid;

	if (!list)
		return -errno;
	/* None can be another process yet: they are not waited for. */
	while (fscanf(list, "%d", &pid) == 1)
		kill(pid, SIGKILL);
	fclose(list);
	return 0;
}

/* False: there is no child. */
static bool reap(int *killed)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		*killed += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	return pid == 0 || errno != ECHILD;
}

static time_t now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

int descendants_end(void)
{
	time_t end = now_s() + PATIENCE_S;
	int killed = 0, error;

	while (reap(&killed)) {
		error = kill_children();
		if (error)
			return error;
		if (now_s() > end)
			return -ETIMEDOUT;
		(void)poll(NULL, 0, 1);
	}
	return killed;
}

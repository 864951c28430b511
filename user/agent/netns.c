/* SPDX-License-Identifier: MIT */
#include "agent/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int netns_enter(const char *name, struct fault *fault)
{
	char path[4096];
	int error = 0, descriptor;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		error = -errno;
		return fault_set(fault, error,
		                 "network namespace '%s': cannot open %s: %s; 'ip netns list' "
		                 "shows those there are",
		                 name, path, strerror(-error));
	}
	if (setns(descriptor, CLONE_NEWNET) < 0) {
		error = -errno;
		fault_set(fault, error, "network namespace '%s': cannot enter: %s%s", name,
		          strerror(-error),
		          error == -EPERM ? " (this needs root)" : " (is it a network namespace?)");
	}
	close(descriptor);
	return error;
}

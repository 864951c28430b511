/* SPDX-License-Identifier: MIT */
/* Capabilities (libcap-ng) and the lock that makes an instance's agent the only one. */
#include "agent/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIRECTORY "/run/arpkeeper"

int privileges_drop(bool others_files, struct fault *fault)
{
	const capng_type_t both = CAPNG_EFFECTIVE | CAPNG_PERMITTED;

	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, both | CAPNG_BOUNDING_SET, CAP_BPF, CAP_NET_ADMIN, CAP_NET_RAW,
	              CAP_PERFMON, -1);
	if (others_files)
		capng_updatev(CAPNG_ADD, both | CAPNG_BOUNDING_SET, CAP_DAC_OVERRIDE, CAP_FOWNER,
		              -1);
	if (capng_apply(CAPNG_SELECT_BOTH))
		return fault_set(fault, -EPERM, "privileges: cannot drop capabilities: %s",
		                 strerror(errno));
	return 0;
}

int instance_lock(const char *instance, int *out, struct fault *fault)
{
	char path[256], holder[32] = "";
	int descriptor, error;

	if (mkdir(RUN_DIRECTORY, 0755) && errno != EEXIST)
		return fault_set(fault, -errno, "%s: cannot make the folder: %s%s", RUN_DIRECTORY,
		                 strerror(errno), errno == EACCES ? " (this needs root)" : "");
	snprintf(path, sizeof(path), RUN_DIRECTORY "/%s.lock", instance);
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: cannot open: %s%s", path, strerror(errno),
		                 errno == EACCES ? " (this needs root)" : "");
	if (flock(descriptor, LOCK_EX | LOCK_NB)) {
		error = -errno;
		if (error == -EWOULDBLOCK) {
			error = -EEXIST;
			if (read(descriptor, holder, sizeof(holder) - 1) < 0)
				holder[0] = '\0';
			holder[strcspn(holder, "\n")] = '\0';
			fault_set(fault, error,
			          "instance '%s' has an agent already (process %s): stop it with "
			          "'arpkeeper stop', or give this one another --instance",
			          instance, holder[0] ? holder : "unknown");
		} else {
			fault_set(fault, error, "%s: cannot lock: %s", path, strerror(-error));
		}
		close(descriptor);
		return error;
	}
	if (ftruncate(descriptor, 0) || dprintf(descriptor, "%d\n", (int)getpid()) < 0) {
		error = -errno;
		close(descriptor);
		return fault_set(fault, error, "%s: cannot write: %s", path, strerror(-error));
	}
	*out = descriptor;
	return 0;
}

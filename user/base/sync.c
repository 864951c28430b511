// SPDX-License-Identifier: MIT
/* fsync by name. Writes nothing itself. */
#include "base/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int sync_path(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (descriptor < 0 || fsync(descriptor) < 0)
		error = -errno;
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

int sync_folder(const char *path, struct fault *fault)
{
	int error = sync_path(path);

	return error ? fault_set(fault, error, "%s: %s", path, strerror(-error)) : 0;
}

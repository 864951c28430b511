// SPDX-License-Identifier: MIT
/* inotify on the socket's folder. Never connects. */
#include "client/await.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

void client_await(const char *path, int ending, int most_ms)
{
	struct pollfd change[] = {{.fd = inotify_init1(IN_CLOEXEC), .events = POLLIN},
	                          {.fd = ending, .events = POLLIN}};
	const char *slash = strrchr(path, '/');
	char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

	if (change[0].fd >= 0 && folder)
		(void)inotify_add_watch(change[0].fd, folder, IN_CREATE | IN_MOVED_TO | IN_DELETE);
	(void)poll(change, 2, most_ms);
	if (change[0].fd >= 0)
		close(change[0].fd);
	free(folder);
}

/* SPDX-License-Identifier: MIT */
/* `arpkeeper recorder`: what the agent runs to have its changes recorded. Not for people. */
#include "recorder/recorder.h"

#include <errno.h>
#include <sys/socket.h>

#include "cli/command.h"

#define SOCKET 3

struct arguments {
	struct settings settings;
};

static int run(void *given, struct fault *fault)
{
	int type;
	socklen_t length = sizeof(type);

	(void)given;
	if (getsockopt(SOCKET, SOL_SOCKET, SO_TYPE, &type, &length) < 0)
		return fault_set(fault, -EINVAL,
		                 "'arpkeeper recorder' is a part of 'arpkeeper run': use that");
	return recorder_run(SOCKET);
}

const struct command_spec command_recorder = {
        .size = sizeof(struct arguments),
        .doc = "What the agent runs to record changes in the repository. Not for people.\n",
        .loads = true,
        .run = run,
};

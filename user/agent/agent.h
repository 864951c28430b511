/* SPDX-License-Identifier: MIT */
/* The agent: one process that wires data path, neighbour rules, history and control socket
 * together. */
#ifndef USER_AGENT_H
#define USER_AGENT_H

#include "base/base.h"
#include "config/config.h"

struct agent_options {
	struct config config; /* taken over */
	const char *netns;    /* name under /run/netns or a path; NULL: stay */
	const char *pull; /* a repository to start from, fetched before `netns` counts; or NULL */
	const char *program; /* absolute path of this binary, for the hooks */
};

/* Runs until stopped by the control socket, SIGINT or SIGTERM (which detach). 0, or a
 * negative errno and a fault when it could not start. */
int agent_run(struct agent_options *options, struct fault *fault);

/* Enters a network namespace by name (/run/netns/NAME) or path, and nothing else of it. */
int netns_enter(const char *name, struct fault *fault);

#endif

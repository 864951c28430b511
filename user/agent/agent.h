/* SPDX-License-Identifier: MIT */
/*
 * The agent: one process that wires ports, XDP program, neighbour rules, history and control socket
 * together, on one event loop.
 *
 *     struct agent_options options = {.config = ..., .program = ...};
 *     error = agent_run(&options, &fault);    returns when it was stopped
 *
 * kernel.h, memory.h and process.h are also for `stop` and `detach`, which clean up after an agent;
 * commands.h says what the control socket takes and gives.
 */
#ifndef USER_AGENT_H
#define USER_AGENT_H

#include "agent/kernel.h"
#include "agent/memory.h"
#include "agent/process.h"
#include "config/config.h"

struct agent_options {
	struct config config; /* taken over */
	/* Makes the configuration again, from the same file and command line: for a reload. */
	int (*configure)(void *context, struct config *config, struct config_problems *problems,
	                 struct fault *fault);
	void *context;
	const char *config_path; /* for people; NULL: none */
	bool strict;             /* an interface or prefix that is missing is an error */
	const char *netns;       /* name under /run/netns or a path; NULL: stay */
	const char *pull;        /* a repository to start from, fetched outside `netns`; or NULL */
	const char *program;     /* absolute path of this binary, for the hooks */
};

/* Runs until stopped by the control socket, SIGINT or SIGTERM (which detach). 0, or a negative
 * errno and a fault when it could not start. */
int agent_run(struct agent_options *options, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* `arpkeeper stop`: asks the agent to stop, and returns when it really has. */
#include "cli/stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "store/store.h"

static const char doc[] =
        "Stop the agent, and return when it has ended. It writes out its history, takes its "
        "programs off the interfaces and removes the pinned maps.\v"
        "With --keep, programs and maps stay: declared bindings go on being answered, learned "
        "ones until the agent has been silent for agent.silence. A new 'arpkeeper run' takes "
        "them over without a gap.\n"
        "\n"
        "Example:\n"
        "  arpkeeper stop --keep && arpkeeper run -c /etc/arpkeeper.conf\n";

enum { OPTION_KEEP = 0x2000 };

static const struct argp_option options[] = {
        {"keep", OPTION_KEEP, NULL, 0, "Leave the programs answering", 0},
        {0},
};

struct arguments {
	struct settings settings;
	bool keep;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case OPTION_KEEP:
		arguments->keep = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/*
 * The connection closes when the agent is done; its process may live a moment longer. The
 * peer of the connection is the one who called listen(), so its process id is known
 * beforehand, and cannot be somebody else's by then.
 */
static int process_of(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0)
		return -1;
	return pidfd_open(peer.pid, 0);
}

json_t *stop_agent(int socket, bool keep, struct fault *fault)
{
	const struct timeval patience = {.tv_sec = STOP_SECONDS};
	json_t *request = json_pack("{s:s, s:b}", "command", "stop", "keep", keep);
	int process = process_of(socket);
	json_t *response, *more;

	setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	response = client_call(socket, request, fault);
	json_decref(request);
	if (!response)
		goto out;
	while ((more = client_next(socket, fault)))
		json_decref(more);
	if (!fault->text[0] && process >= 0) {
		struct pollfd ended = {.fd = process, .events = POLLIN};

		if (poll(&ended, 1, STOP_SECONDS * 1000) == 0)
			fault_set(fault, -ETIMEDOUT, "no end");
	}
	if (fault->text[0]) {
		fault_set(fault, -ETIMEDOUT,
		          "the agent (process %d) was asked to stop, but has not ended within %d "
		          "seconds: see its log",
		          (int)json_integer_value(json_object_get(response, "pid")), STOP_SECONDS);
		json_decref(response);
		response = NULL;
	}
out:
	if (process >= 0)
		close(process);
	return response;
}

static void unmount(const json_t *response)
{
	const char *instance = json_string_value(json_object_get(response, "instance"));

	if (instance)
		memory_unmount(instance);
}

static void print(const json_t *response, bool keep)
{
	const json_t *detached = json_object_get(response, "detached"), *name;
	size_t index;

	printf("stopped (process %" JSON_INTEGER_FORMAT ")",
	       json_integer_value(json_object_get(response, "pid")));
	if (keep)
		printf("; its programs stay and go on answering");
	else if (json_array_size(detached) == 0)
		printf("; nothing was attached");
	json_array_foreach ((json_t *)detached, index, name)
		printf("%s %s", index ? "," : "; detached from", json_string_value(name));
	putchar('\n');
}

int command_stop(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	struct fault fault = {""};
	json_t *response = NULL;
	int status, socket = -1;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(settings);
	if (status != EXIT_OK)
		goto out;
	socket = client_connect(settings->control, &fault);
	if (socket >= 0)
		response = stop_agent(socket, arguments.keep, &fault);
	if (!response) {
		log_error("%s", fault.text);
		status = EXIT_FAILED;
		goto out;
	}
	/* The agent has no right to any more. */
	if (!arguments.keep)
		unmount(response);
	if (settings->json) {
		settings_print(response);
	} else {
		print(response, arguments.keep);
	}
out:
	json_decref(response);
	client_close(socket);
	settings_clear(settings);
	return status;
}

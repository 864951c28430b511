/* SPDX-License-Identifier: MIT */
/* `arpkeeper stop`: asks the agent to stop, and returns when its process has ended. */
#include "cli/stop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/settings.h"
#include "history/history.h"

static const char doc[] =
        "Stop the agent, and return when it has ended. The agent writes out its history, takes "
        "its programs off the interfaces, and removes the pinned maps.\v"
        "With --keep, programs and maps stay and keep answering: for declared bindings without "
        "end, for learned ones until the agent has been silent for agent.silence. The next "
        "'arpkeeper run' takes them over without a gap.\n"
        "\n"
        "Example:\n"
        "  arpkeeper stop --keep && arpkeeper run -c /etc/arpkeeper.conf\n";

struct arguments {
	struct settings settings;
	bool keep;
};

static const struct command_option options[] = {
        {"keep", NULL, "Leave the programs answering", STORE(keep)},
        {0},
};

/*
 * The connection closes when the agent is done, but its process may live a moment longer. The peer
 * of the connection is the process that called listen(). It is opened now, while its id cannot
 * belong to another process.
 */
static int process_of(int socket)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0)
		return -1;
	return pidfd_open(peer.pid, 0);
}

json_t *stop_agent(FILE *agent, bool keep, struct fault *fault)
{
	const struct timeval patience = {.tv_sec = STOP_SECONDS};
	int process = process_of(fileno(agent));
	json_t *response, *more;

	setsockopt(fileno(agent), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	response =
	        client_call(agent, json_pack("{s:s, s:b}", "command", "stop", "keep", keep), fault);
	if (!response)
		goto out;
	while ((more = client_next(agent, fault)))
		json_decref(more);
	if (!fault->text[0] && process >= 0) {
		struct pollfd ended = {.fd = process, .events = POLLIN};

		if (poll(&ended, 1, STOP_SECONDS * 1000) == 0)
			fault_set(fault, -ETIMEDOUT, "not ended");
	}
	if (fault->text[0]) {
		fault_set(fault, -ETIMEDOUT,
		          "the agent (process %d) was asked to stop, but has not ended within %d "
		          "seconds: see its log",
		          (int)json_number(response, "pid"), STOP_SECONDS);
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
	const char *instance = json_text(response, "instance");

	if (instance)
		memory_unmount(instance);
}

static void print(const json_t *response, bool keep)
{
	const json_t *detached = json_object_get(response, "detached"), *name;
	size_t index;

	printf("stopped (process %" JSON_INTEGER_FORMAT ")", json_number(response, "pid"));
	if (keep)
		printf("; its programs stay and keep answering");
	else if (json_array_size(detached) == 0)
		printf("; nothing was attached");
	json_array_foreach ((json_t *)detached, index, name)
		printf("%s %s", index ? "," : "; detached from", json_string_value(name));
	putchar('\n');
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	json_t *response;
	FILE *agent;
	int error = client_connect(&agent, settings->control, fault);

	if (error < 0)
		return error;
	response = stop_agent(agent, arguments->keep, fault);
	client_close(agent);
	if (!response)
		return -EIO;
	/* The agent has dropped the right to do it. */
	if (!arguments->keep)
		unmount(response);
	if (settings->json)
		json_print_response(response);
	else
		print(response, arguments->keep);
	json_decref(response);
	return EXIT_OK;
}

const struct command_spec command_stop = {
        .size = sizeof(struct arguments), .doc = doc, .options = options, .run = run};

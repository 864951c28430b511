/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper stop`: asks the agent to stop, and returns when its process has ended. `arpkeeper
 * detach`: takes the program off and removes the pins, with or without an agent.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "agent/agent.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "client/client.h"
#include "offload/offload.h"

#define STOP_SECONDS 30

static const char stop_doc[] =
        "Stop the agent, and return when it has ended. The agent writes out its history, takes "
        "its programs off the interfaces, and removes the pinned maps.\v"
        "With --keep, programs and maps stay and keep answering: for declared bindings without "
        "end, for learned ones until the agent has been silent for agent.silence. The next "
        "'arpkeeper run' takes them over without a gap.\n"
        "\n"
        "Example:\n"
        "  arpkeeper stop --keep && arpkeeper run -c /etc/arpkeeper.conf\n";

static const char detach_doc[] =
        "Take the program of an instance off every interface of the network namespace, and "
        "remove its pinned maps. A running agent of that instance is stopped first, because it "
        "would attach them again.\v"
        "Only needed after an agent was killed, or stopped with --keep. History stays.\n"
        "\n"
        "Example:\n"
        "  arpkeeper detach --instance lab --netns leaf1\n";

struct arguments {
	struct settings settings;
	const char *instance, *netns;
	bool keep;
};

static const struct command_option stop_options[] = {
        {"keep", NULL, "Leave the programs answering", STORE(keep)},
        {0},
};

static const struct command_option detach_options[] = {
        {"instance", "NAME", "The instance (default: \"default\")", STORE(instance),
         .check = config_check_instance},
        {"netns", "NAME", "Look in this network namespace", STORE(netns)},
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

/* Asks the agent to stop, and waits until its process has ended, at most STOP_SECONDS.
 * Returns its response (the caller's), or NULL and a fault. */
static json_t *stop_agent(FILE *agent, bool keep, struct fault *fault)
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

static void print_stopped(const json_t *response, bool keep)
{
	const json_t *detached = json_object_get(response, "detached"), *name;
	size_t index;

	printf("stopped (process %" JSON_INTEGER_FORMAT ")", json_number(response, "pid"));
	if (keep)
		printf("; its programs stay and keep answering");
	else if (json_array_size(detached) == 0 &&
	         json_array_size(json_object_get(response, "left")) == 0)
		printf("; nothing was attached");
	json_array_foreach ((json_t *)detached, index, name)
		printf("%s %s", index ? "," : "; detached from", json_string_value(name));
	putchar('\n');
}

/* -EBUSY and a fault if the agent could not take its program off an interface. */
static int check_left(const json_t *response, struct fault *fault)
{
	const json_t *left = json_object_get(response, "left"), *first = json_array_get(left, 0);

	if (!first)
		return 0;
	return fault_set(fault, -EBUSY,
	                 "%.300s. It passes every frame there%s. Detach it with all of root's "
	                 "capabilities: arpkeeper detach --instance %s",
	                 json_text(first, "reason"),
	                 json_array_size(left) > 1 ? ", and on other interfaces" : "",
	                 json_text(response, "instance"));
}

static int run_stop(void *given, struct fault *fault)
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
		print_stopped(response, arguments->keep);
	error = check_left(response, fault);
	json_decref(response);
	return error ? error : EXIT_OK;
}

/* Returns 1 when an agent of this instance was stopped, 0 without one, or a negative errno. */
static int stop_if_running(const char *control, const char *instance, size_t *detached,
                           struct fault *fault)
{
	json_t *status = NULL, *response;
	const char *running;
	FILE *agent;
	int result = client_ask(&agent, &status, control, json_pack("{s:s}", "command", "status"),
	                        fault);

	if (client_is_absent(result))
		return 0; /* no agent; anything else, such as EACCES, is an error */
	if (result < 0)
		return result;
	running = json_text(status, "instance");
	if (running && strcmp(running, instance) == 0) {
		response = stop_agent(agent, false, fault);
		*detached = json_array_size(json_object_get(response, "detached"));
		result = response ? 1 : -EIO;
		json_decref(response);
	}
	json_decref(status);
	client_close(agent);
	return result;
}

static void print_detached(const char *instance, bool json, size_t detached, bool stopped)
{
	const char *first = stopped ? "stopped its agent; " : "";

	if (json)
		printf("{\"detached\": %zu, \"stopped\": %s}\n", detached,
		       stopped ? "true" : "false");
	else if (detached == 0)
		printf("instance %s: %snothing was attached\n", instance, first);
	else
		printf("instance %s: %sdetached from %zu interface%s\n", instance, first, detached,
		       text_plural(detached));
}

/* A history in memory lives as long as its table does. */
static void remove_memory(const char *instance)
{
	char *path = memory_path(instance);

	if (path && access(path, F_OK) == 0)
		memory_remove(path);
	memory_unmount(instance);
	free(path);
}

static int run_detach(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	const char *instance =
	        arguments->instance ? arguments->instance : settings->config.instance;
	int error, stopped, lock = -1;
	size_t by_agent = 0;
	unsigned here = 0;

	error = stopped = stop_if_running(settings->control, instance, &by_agent, fault);
	/* An agent behind another socket, or one that starts now, has the lock: it is left alone.
	 */
	if (error >= 0)
		error = instance_lock(instance, &lock, fault);
	if (error >= 0)
		error = offload_prepare(fault);
	if (error >= 0 && arguments->netns)
		error = netns_enter(arguments->netns, fault);
	if (error >= 0)
		error = offload_detach_instance(instance, &here, fault);
	if (error >= 0) {
		struct fault reason = {""};

		remove_memory(instance);
		if (kernel_forget_all(&reason))
			log_warning("%s", reason.text);
		print_detached(instance, settings->json, by_agent + here, stopped);
	}
	instance_unlock(instance, lock);
	return error < 0 ? error : EXIT_OK;
}

const struct command_spec command_stop = {
        .size = sizeof(struct arguments),
        .doc = stop_doc,
        .options = stop_options,
        .run = run_stop,
};

const struct command_spec command_detach = {
        .size = sizeof(struct arguments),
        .doc = detach_doc,
        .options = detach_options,
        .run = run_detach,
};

/* SPDX-License-Identifier: MIT */
/* `arpkeeper detach`: takes the program off and removes the pins, with or without an agent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/settings.h"
#include "cli/stop.h"
#include "history/history.h"
#include "offload/offload.h"

static const char doc[] =
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
};

static const struct command_option options[] = {
        {"instance", "NAME", "The instance (default: \"default\")", STORE(instance),
         .check = config_check_instance},
        {"netns", "NAME", "Look in this network namespace", STORE(netns)},
        {0},
};

/* Returns 1 when an agent of this instance was stopped, 0 without one, or a negative errno. */
static int stop_if_running(const char *control, const char *instance, size_t *detached,
                           struct fault *fault)
{
	json_t *status = NULL, *response;
	const char *running;
	FILE *agent;
	int result = client_ask(&agent, &status, control, json_pack("{s:s}", "command", "status"),
	                        fault);

	if (result == -ENOENT || result == -ENOTDIR || result == -ECONNREFUSED)
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

static void print(const char *instance, bool json, size_t detached, bool stopped)
{
	const char *first = stopped ? "stopped its agent; " : "";

	if (json)
		printf("{\"detached\": %zu, \"stopped\": %s}\n", detached,
		       stopped ? "true" : "false");
	else if (detached == 0)
		printf("instance %s: %snothing was attached\n", instance, first);
	else
		printf("instance %s: %sdetached from %zu interface%s\n", instance, first, detached,
		       detached == 1 ? "" : "s");
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

static int run(void *given, struct fault *fault)
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
		print(instance, settings->json, by_agent + here, stopped);
	}
	instance_unlock(instance, lock);
	return error < 0 ? error : EXIT_OK;
}

const struct command_spec command_detach = {
        .size = sizeof(struct arguments), .doc = doc, .options = options, .run = run};

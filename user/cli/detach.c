/* SPDX-License-Identifier: MIT */
/* `arpkeeper detach`: takes the program off and removes the pins, agent or not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/kernel_forget.h"
#include "agent/privileges.h"
#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/stop.h"
#include "offload/offload.h"
#include "store/store.h"

static const char doc[] =
        "Take the program of an instance off every interface of the network namespace, and "
        "remove its pinned maps. An agent of that instance that still runs is stopped first: it "
        "would attach them again.\v"
        "Only needed when an agent was killed, or stopped with --keep. History stays.\n"
        "\n"
        "Example:\n"
        "  arpkeeper detach --instance lab --netns leaf1\n";

enum { OPTION_INSTANCE = 0x2000, OPTION_NETNS };

static const struct argp_option options[] = {
        {"instance", OPTION_INSTANCE, "NAME", 0, "The instance (default: \"default\")", 0},
        {"netns", OPTION_NETNS, "NAME", 0, "Look in this network namespace", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *instance, *netns;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case OPTION_INSTANCE:
		settings_check_instance(state, argument);
		arguments->instance = argument;
		return 0;
	case OPTION_NETNS:
		arguments->netns = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* 1 when an agent of this instance was stopped, 0 when there is none, or a negative errno. */
static int stop_if_running(const struct arguments *arguments, size_t *detached, struct fault *fault)
{
	json_t *request = json_pack("{s:s}", "command", "status"), *response = NULL;
	const char *instance;
	int socket = client_connect(arguments->settings.control, fault);
	int result = 0;

	if (socket < 0) {
		/* Nobody there. Anything else (EACCES) is a reason to stop. */
		result = socket == -ENOENT || socket == -ENOTDIR || socket == -ECONNREFUSED
		                 ? 0
		                 : socket;
		goto out;
	}
	response = client_call(socket, request, fault);
	if (!response) {
		result = -EIO;
		goto out;
	}
	instance = json_string_value(json_object_get(response, "instance"));
	if (!instance || strcmp(instance, arguments->instance) != 0)
		goto out;
	json_decref(response);
	response = stop_agent(socket, false, fault);
	*detached = json_array_size(json_object_get(response, "detached"));
	result = response ? 1 : -EIO;
out:
	json_decref(response);
	json_decref(request);
	client_close(socket);
	return result;
}

static void print(const struct arguments *arguments, size_t detached, bool stopped)
{
	if (arguments->settings.json)
		printf("{\"detached\": %zu, \"stopped\": %s}\n", detached,
		       stopped ? "true" : "false");
	else if (detached == 0)
		printf("instance %s: %snothing was attached\n", arguments->instance,
		       stopped ? "stopped its agent; " : "");
	else
		printf("instance %s: %sdetached from %zu interface%s\n", arguments->instance,
		       stopped ? "stopped its agent; " : "", detached, detached == 1 ? "" : "s");
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

int command_detach(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	struct fault fault = {""};
	size_t by_agent = 0;
	unsigned here = 0;
	int status, stopped = 0, error, lock = -1;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(settings);
	if (status != EXIT_OK)
		goto out;
	if (!arguments.instance)
		arguments.instance = settings->config.instance;
	error = stopped = stop_if_running(&arguments, &by_agent, &fault);
	/* One that listens elsewhere is not pulled the rug from under, nor one that starts now. */
	if (error >= 0)
		error = instance_lock(arguments.instance, &lock, &fault);
	if (error >= 0)
		error = offload_prepare(&fault);
	if (error >= 0 && arguments.netns)
		error = netns_enter(arguments.netns, &fault);
	if (error >= 0)
		error = offload_detach_instance(arguments.instance, &here, &fault);
	if (error < 0) {
		log_error("%s", fault.text);
		status = EXIT_FAILED;
	} else {
		remove_memory(arguments.instance);
		if (kernel_forget_all(&fault))
			log_warning("%s", fault.text);
		print(&arguments, by_agent + here, stopped);
	}
out:
	instance_unlock(arguments.instance, lock);
	settings_clear(settings);
	return status;
}

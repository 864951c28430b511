/* SPDX-License-Identifier: MIT */
/* `arpkeeper run`: the command line overrides the configuration, and the agent runs with it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "cli/command.h"
#include "cli/settings.h"

#define DEFAULT_SEGMENT "lan"

static const char doc[] =
        "Run the agent in the foreground, until 'arpkeeper stop', SIGINT or SIGTERM.\v"
        "-i and --prefix replace the interfaces and prefixes of the segment that --segment names, "
        "or "
        "of the only one in the configuration. If there is no such segment, one is added, called "
        "\"" DEFAULT_SEGMENT
        "\" unless --segment names it. The other options replace values of the "
        "configuration.\n"
        "\n"
        "--pull fetches main of another repository before anything starts, in the network "
        "namespace "
        "of the caller, and checks all of it. One invalid entry, and it is refused as a whole: "
        "nothing changes. If this node has no history, it becomes a copy of the other; else the "
        "other is merged in (for the rule, see 'arpkeeper merge').\n"
        "\n"
        "Examples:\n"
        "  arpkeeper run -i eth1\n"
        "  arpkeeper run -c /etc/arpkeeper.conf\n"
        "  arpkeeper run -i host3 --prefix 10.0.0.0/16 --netns leaf1\n"
        "  arpkeeper run -i eth1 --pull ssh://leaf2/var/lib/arpkeeper/history.git\n";

struct arguments {
	struct settings settings;
	struct texts interface, prefix;
	const char *segment, *netns, *mode, *instance, *pull;
	bool verbose;
};

static int check_prefix(const char *text, struct fault *fault)
{
	struct prefix prefix;

	return prefix_parse(&prefix, text, fault);
}

static int check_segment(const char *text, struct fault *fault)
{
	if (segment_name_is_valid(text))
		return 0;
	return fault_set(fault, -EINVAL,
	                 "'%s' cannot be the name of a segment: letters, digits, '-', '_' and '.', "
	                 "beginning with a letter or digit",
	                 text);
}

static const struct command_option options[] = {
        {"interface", 'i', "IFACE", "Keep the segment on this interface; repeatable",
         .offset = offsetof(struct arguments, interface), .repeats = true},
        {"prefix", 0, "PREFIX",
         "An on-link prefix, as in 10.0.0.0/16; repeatable (default: the interface's own)",
         .offset = offsetof(struct arguments, prefix), .check = check_prefix, .repeats = true},
        {"segment", 0, "NAME", "The segment that -i and --prefix are about",
         .offset = offsetof(struct arguments, segment), .check = check_segment},
        {"netns", 0, "NAME", "Enter this network namespace, and only that",
         .offset = offsetof(struct arguments, netns)},
        {"mode", 0, "MODE",
         "Where the program sits: native (the driver), generic (the stack), or auto (default)",
         .offset = offsetof(struct arguments, mode), .choices = config_modes},
        {"instance", 0, "NAME", "Name of the pins (default: \"default\")",
         .offset = offsetof(struct arguments, instance), .check = settings_check_instance},
        {"pull", 0, "URL",
         "Start from another node's repository: a path, or anything that git fetches",
         .offset = offsetof(struct arguments, pull)},
        {"verbose", 'v', NULL, "Log more", .offset = offsetof(struct arguments, verbose)},
        {0},
};

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (!arguments->settings.config_path && arguments->interface.count == 0)
		argp_error(state, "give an interface (-i eth1) or a configuration (-c FILE)");
}

static int replace(char **owned, const char *text, struct fault *fault)
{
	char *copy;

	if (!text)
		return 0;
	copy = strdup(text);
	if (!copy)
		return fault_set(fault, -ENOMEM, "out of memory");
	free(*owned);
	*owned = copy;
	return 0;
}

/* Hooks and other commands get the path, and start in other directories. */
static int replace_path(char **owned, const char *path, struct fault *fault)
{
	char *directory, *absolute = NULL;
	int error;

	if (!path || path[0] == '/')
		return replace(owned, path, fault);
	directory = getcwd(NULL, 0);
	if (!directory || asprintf(&absolute, "%s/%s", directory, path) < 0)
		error = fault_set(fault, -errno, "%s: cannot find the current directory: %s", path,
		                  strerror(errno));
	else
		error = replace(owned, absolute, fault);
	free(absolute);
	free(directory);
	return error;
}

/* The segment that -i and --prefix are about; added if missing. NULL and a fault on error. */
static struct config_segment *find_segment(const struct arguments *arguments, struct config *config,
                                           struct fault *fault)
{
	const char *name = arguments->segment;
	int index = -1;

	if (!name && config->segments > 1) {
		fault_set(
		        fault, -EINVAL,
		        "%s has %zu segments: name with --segment the one that -i and --prefix are "
		        "about",
		        arguments->settings.config_path, config->segments);
		return NULL;
	}
	if (name)
		index = config_find_segment(config, name);
	else if (config->segments == 1)
		index = 0;
	return index >= 0 ? &config->segment[index]
	                  : config_add_segment(config, name ? name : DEFAULT_SEGMENT, fault);
}

static int override_segment(const struct arguments *arguments, struct config *config,
                            struct fault *fault)
{
	struct config_segment *segment = find_segment(arguments, config, fault);
	int error;

	if (!segment)
		return -EINVAL;
	if (arguments->interface.count > 0) {
		for (size_t i = 0; i < segment->interfaces; i++)
			free(segment->interface[i]);
		segment->interfaces = 0;
	}
	for (size_t i = 0; i < arguments->interface.count; i++) {
		error = config_segment_add_interface(segment, arguments->interface.text[i], fault);
		if (error < 0)
			return error;
	}
	if (arguments->prefix.count > 0)
		segment->prefixes = 0;
	for (size_t i = 0; i < arguments->prefix.count; i++) {
		struct prefix prefix;

		error = prefix_parse(&prefix, arguments->prefix.text[i], fault);
		if (error == 0)
			error = config_segment_add_prefix(segment, prefix);
		if (error < 0)
			return error;
	}
	return 0;
}

/* Where nothing was given, settings_load() has filled in the configuration's own text. */
static int override(const struct arguments *arguments, struct config *config, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;
	const char *control = settings->control == config->control ? NULL : settings->control;
	const char *repository =
	        settings->repository == config->history_path ? NULL : settings->repository;
	char list[CHOICES_TEXT];
	int error = 0;

	/* The path depends on the instance. */
	if (settings->memory) {
		error = replace(&config->history_path, CONFIG_MEMORY, fault);
		repository = NULL;
	}
	if (error == 0 &&
	    (arguments->interface.count || arguments->prefix.count || arguments->segment))
		error = override_segment(arguments, config, fault);
	if (error == 0)
		error = replace_path(&config->control, control, fault);
	if (error == 0)
		error = replace_path(&config->history_path, repository, fault);
	if (error == 0)
		error = replace(&config->instance, arguments->instance, fault);
	if (error < 0)
		return error;
	if (arguments->mode)
		config->mode = (enum config_mode)choices_find(arguments->mode, config_modes, list);
	if (config->segments == 0)
		return fault_set(
		        fault, -EINVAL,
		        "%s has no segment: add one ([segment \"lan\"] with an interface), "
		        "or give an interface with -i",
		        arguments->settings.config_path);
	return config_check(config, fault);
}

/* The hooks of the repository call this binary. */
static char *own_path(struct fault *fault)
{
	char *path = realpath("/proc/self/exe", NULL);

	if (!path)
		fault_set(fault, -errno,
		          "cannot find the path of this program (/proc/self/exe): %s",
		          strerror(errno));
	return path;
}

static int run(void *given, struct fault *fault)
{
	struct arguments *arguments = given;
	struct config *config = &arguments->settings.config;
	char *program = own_path(fault);
	int error = program ? override(arguments, config, fault) : -EIO;

	if (arguments->verbose)
		log_set_level(LOG_LEVEL_DEBUG);
	if (error == 0) {
		struct agent_options agent = {.config = *config,
		                              .netns = arguments->netns,
		                              .pull = arguments->pull,
		                              .program = program};

		*config = (struct config){0}; /* the agent owns it now */
		log_set_timestamps(1);
		error = agent_run(&agent, fault);
	}
	free(program);
	return error;
}

const struct command_spec command_run = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};

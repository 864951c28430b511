/* SPDX-License-Identifier: MIT */
/* `arpkeeper run`: the configuration, what the command line says over it, and the agent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/base.h"
#include "cli/command.h"
#include "cli/settings.h"

#define DEFAULT_SEGMENT "lan"

static const char doc[] =
        "Run the agent in the foreground, until 'arpkeeper stop', SIGINT or SIGTERM.\v"
        "-i and --prefix replace the interfaces and the prefixes that the configuration gives "
        "the segment --segment NAME, or its only one; without such a segment, one is added "
        "(called \"" DEFAULT_SEGMENT "\" unless named). The other options replace the "
        "configuration's values.\n"
        "\n"
        "--pull fetches the other repository's main before anything starts, in the network "
        "namespace that the command is called in, and checks all of it: with one invalid entry it "
        "is refused as a whole, and nothing is changed. An empty history becomes theirs; otherwise "
        "theirs is merged in by the rule (see 'arpkeeper merge').\n"
        "\n"
        "Examples:\n"
        "  arpkeeper run -i eth1\n"
        "  arpkeeper run -c /etc/arpkeeper.conf\n"
        "  arpkeeper run -i host3 --prefix 10.0.0.0/16 --netns leaf1\n"
        "  arpkeeper run -i eth1 --pull ssh://leaf2/var/lib/arpkeeper/history.git\n";

enum {
	OPTION_PREFIX = 0x2000,
	OPTION_SEGMENT,
	OPTION_NETNS,
	OPTION_MODE,
	OPTION_INSTANCE,
	OPTION_PULL
};

static const struct argp_option options[] = {
        {"interface", 'i', "IFACE", 0, "Keep the segment on this interface; repeatable", 0},
        {"prefix", OPTION_PREFIX, "PREFIX", 0,
         "An on-link prefix, as in 10.0.0.0/16; repeatable (default: the interface's own)", 0},
        {"segment", OPTION_SEGMENT, "NAME", 0, "The segment that -i and --prefix are about", 0},
        {"netns", OPTION_NETNS, "NAME", 0, "Enter this network namespace, and only that", 0},
        {"mode", OPTION_MODE, "MODE", 0,
         "Where the program sits: native (the driver), generic (the stack), or auto (default)", 0},
        {"instance", OPTION_INSTANCE, "NAME", 0, "Name of the pins (default: \"default\")", 0},
        {"pull", OPTION_PULL, "URL", 0,
         "Start from another node's repository: a path, or anything that git fetches", 0},
        {"verbose", 'v', NULL, 0, "Log more", 0},
        {0},
};

static const struct argp_child children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_control_argp, 0, NULL, 0},
        {&settings_repository_argp, 0, NULL, 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char **interface, **prefix; /* as many as there are arguments at most */
	size_t interfaces, prefixes;
	const char *segment, *netns, *instance, *pull;
	enum config_mode mode;
	bool mode_given;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	static const char *const modes[] = {
	        [MODE_AUTO] = "auto", [MODE_NATIVE] = "native", [MODE_GENERIC] = "generic"};
	struct arguments *arguments = state->input;
	struct fault fault;
	struct prefix prefix;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, children, &arguments->settings);
		return 0;
	case 'i':
		arguments->interface[arguments->interfaces++] = argument;
		return 0;
	case OPTION_PREFIX:
		if (prefix_parse(&prefix, argument, &fault) < 0)
			argp_error(state, "%s", fault.text);
		arguments->prefix[arguments->prefixes++] = argument;
		return 0;
	case OPTION_SEGMENT:
		if (!segment_name_is_valid(argument))
			argp_error(
			        state,
			        "%s is no name for a segment: letters, digits, '-', '_' and '.', "
			        "beginning with a letter or digit",
			        argument);
		arguments->segment = argument;
		return 0;
	case OPTION_NETNS:
		arguments->netns = argument;
		return 0;
	case OPTION_MODE:
		for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
			if (strcmp(modes[i], argument) != 0)
				continue;
			arguments->mode = (enum config_mode)i;
			arguments->mode_given = true;
			return 0;
		}
		argp_error(state, "%s is no mode: give auto, native or generic", argument);
		return 0;
	case OPTION_INSTANCE:
		settings_check_instance(state, argument);
		arguments->instance = argument;
		return 0;
	case OPTION_PULL:
		arguments->pull = argument;
		return 0;
	case 'v':
		log_set_level(LOG_LEVEL_DEBUG);
		return 0;
	case ARGP_KEY_END:
		if (!arguments->settings.config_path && arguments->interfaces == 0)
			argp_error(state,
			           "give an interface (-i eth1) or a configuration (-c FILE)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
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

/* Hooks and other commands are told the path, and start in other directories. */
static int replace_path(char **owned, const char *path, struct fault *fault)
{
	char *directory, *absolute = NULL;
	int error;

	if (!path || path[0] == '/')
		return replace(owned, path, fault);
	directory = getcwd(NULL, 0);
	if (!directory || asprintf(&absolute, "%s/%s", directory, path) < 0)
		error = fault_set(fault, -errno, "%s: the current directory is not known: %s", path,
		                  strerror(errno));
	else
		error = replace(owned, absolute, fault);
	free(absolute);
	free(directory);
	return error;
}

/* The segment that -i and --prefix are about; added when there is none. NULL: see the fault. */
static struct config_segment *find_segment(const struct arguments *arguments, struct config *config,
                                           struct fault *fault)
{
	const char *name = arguments->segment;
	int index = -1;

	if (!name && config->segments > 1) {
		fault_set(fault, -EINVAL,
		          "%s has %zu segments: say with --segment which of them -i and --prefix "
		          "are about",
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
	if (arguments->interfaces > 0) {
		for (size_t i = 0; i < segment->interfaces; i++)
			free(segment->interface[i]);
		segment->interfaces = 0;
	}
	for (size_t i = 0; i < arguments->interfaces; i++) {
		error = config_segment_add_interface(segment, arguments->interface[i], fault);
		if (error < 0)
			return error;
	}
	if (arguments->prefixes > 0)
		segment->prefixes = 0;
	for (size_t i = 0; i < arguments->prefixes; i++) {
		struct prefix prefix;

		error = prefix_parse(&prefix, arguments->prefix[i], fault);
		if (error < 0)
			return error;
		error = config_segment_add_prefix(segment, prefix);
		if (error < 0)
			return fault_set(fault, error, "cannot add prefix %s: %s",
			                 arguments->prefix[i], strerror(-error));
	}
	return 0;
}

/* settings_load() has filled in what was not given with the configuration's own text. */
static int override(const struct arguments *arguments, struct config *config, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;
	const char *control = settings->control == config->control ? NULL : settings->control;
	const char *repository =
	        settings->repository == config->history_path ? NULL : settings->repository;
	int error = 0;

	/* Where it is depends on the instance. */
	if (settings->memory) {
		error = replace(&config->history_path, CONFIG_MEMORY, fault);
		repository = NULL;
	}
	if (error == 0 && (arguments->interfaces || arguments->prefixes || arguments->segment))
		error = override_segment(arguments, config, fault);
	if (error == 0)
		error = replace_path(&config->control, control, fault);
	if (error == 0)
		error = replace_path(&config->history_path, repository, fault);
	if (error == 0)
		error = replace(&config->instance, arguments->instance, fault);
	if (error < 0)
		return error;
	if (arguments->mode_given)
		config->mode = arguments->mode;
	if (config->segments == 0)
		return fault_set(
		        fault, -EINVAL,
		        "%s has no segment: add one ([segment \"lan\"] with an interface), "
		        "or give an interface with -i",
		        arguments->settings.config_path);
	return config_check(config, fault);
}

/* The hooks of the repository call this very binary. */
static char *own_path(struct fault *fault)
{
	char *path = realpath("/proc/self/exe", NULL);

	if (!path)
		fault_set(fault, -errno,
		          "cannot find out where this program is (/proc/self/exe): %s",
		          strerror(errno));
	return path;
}

int command_run(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, children, NULL, NULL};
	struct arguments arguments = {0};
	struct agent_options agent = {0};
	struct fault fault = {""};
	char *program = NULL;
	int status = EXIT_FAILED;

	arguments.interface = calloc((size_t)argc * 2, sizeof(*arguments.interface));
	if (!arguments.interface) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	arguments.prefix = arguments.interface + argc;
	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (settings_load(&arguments.settings) != EXIT_OK)
		goto out;
	program = own_path(&fault);
	if (!program || override(&arguments, &arguments.settings.config, &fault) < 0) {
		log_error("%s", fault.text);
		goto out;
	}
	log_set_timestamps(1);
	agent.config = arguments.settings.config; /* and with it what it owns */
	memset(&arguments.settings.config, 0, sizeof(arguments.settings.config));
	agent.netns = arguments.netns;
	agent.pull = arguments.pull;
	agent.program = program;
	if (agent_run(&agent, &fault) < 0)
		log_error("%s", fault.text);
	else
		status = EXIT_OK;
out:
	free(program);
	free(arguments.interface);
	settings_clear(&arguments.settings);
	return status;
}

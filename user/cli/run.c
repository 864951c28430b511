/* SPDX-License-Identifier: MIT */
/* `arpkeeper run`: the command line overrides the configuration, and the agent runs with it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "cli/command.h"

#define DEFAULT_SEGMENT "lan"

static const char doc[] =
        "Run the agent in the foreground, until 'arpkeeper stop', SIGINT or SIGTERM.\v"
        "-i and --prefix replace the interfaces and prefixes of the segment that --segment names, "
        "or of the only one in the configuration. If there is no such segment, one is added, "
        "called \"" DEFAULT_SEGMENT "\" unless --segment names it. The other options replace "
        "values of the configuration.\n"
        "\n"
        "--pull fetches main of another repository before anything starts, in the network "
        "namespace of the caller, and checks all of it. One invalid entry, and it is refused as a "
        "whole: nothing changes. If this node has no history, it becomes a copy of the other; else "
        "the other is merged in (for the rule, see 'arpkeeper merge').\n"
        "\n"
        "Examples:\n"
        "  arpkeeper run -i eth1\n"
        "  arpkeeper run -c /etc/arpkeeper.conf\n"
        "  arpkeeper run -i host3 --prefix 10.0.0.0/16 --netns leaf1\n"
        "  arpkeeper run -i eth1 --pull ssh://leaf2/var/lib/arpkeeper/history.git\n";

struct arguments {
	struct settings settings;
	struct texts interface, prefix;
	const char *segment, *netns, *mode, *instance, *pull, *recorder_user;
	const char *given_repository; /* on the command line; NULL: none was */
	char *config_path;            /* owned, absolute; NULL: none was given */
	bool verbose, strict;
};

static int check_prefix(const char *text, struct fault *fault)
{
	struct prefix prefix;

	return prefix_parse(&prefix, text, fault);
}

static const struct command_option options[] = {
        {"interface", "IFACE", "Keep the segment on this interface; repeatable", STORE(interface),
         .repeats = true, .letter = 'i'},
        {"prefix", "PREFIX",
         "An on-link prefix, as in 10.0.0.0/16; repeatable (default: the interface's own)",
         STORE(prefix), .check = check_prefix, .repeats = true},
        {"segment", "NAME", "The segment that -i and --prefix are about", STORE(segment),
         .check = config_check_segment},
        {"netns", "NAME", "Enter this network namespace, and only that", STORE(netns)},
        {"mode", "MODE",
         "Where the program sits: native (the driver), generic (the stack), or auto (default)",
         STORE(mode), .choices = config_modes},
        {"instance", "NAME", "Name of the pins (default: \"default\")", STORE(instance),
         .check = config_check_instance},
        {"pull", "URL",
         "Start from another node's repository: a path, or anything that git fetches", STORE(pull)},
        {"recorder-user", "USER",
         "The user that keeps the history, by name or number (default: arpkeeper, or root if there "
         "is no such user)",
         STORE(recorder_user)},
        {"strict", NULL,
         "Refuse to start while an interface, or an address that gives it its prefix, is missing",
         STORE(strict)},
        {"verbose", NULL, "The same as --log-level debug", STORE(verbose), .letter = 'v'},
        {0},
};

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (!arguments->settings.config_path && arguments->interface.count == 0)
		argp_error(state, "give an interface (-i eth1) or a configuration (-c FILE); there "
		                  "is no " SETTINGS_CONFIG);
}

/* The caller frees it. NULL and a fault on error. */
static char *absolute_path(const char *path, struct fault *fault)
{
	char *directory = NULL, *absolute = NULL;

	if (path[0] == '/') {
		absolute = strdup(path);
	} else {
		directory = getcwd(NULL, 0);
		if (directory && asprintf(&absolute, "%s/%s", directory, path) < 0)
			absolute = NULL;
	}
	if (!absolute)
		fault_set(fault, -errno, "%s: cannot find the current directory: %s", path,
		          strerror(errno));
	free(directory);
	return absolute;
}

/* Hooks and other commands get the path, and start in other directories. */
static int set_path(struct config *config, const char *section, const char *key, const char *path,
                    struct fault *fault)
{
	char *absolute = absolute_path(path, fault);
	int error = absolute ? keys_set(config, NULL, section, key, absolute, fault) : -EIO;

	free(absolute);
	return error;
}

/* Each of the texts is a value of the key. */
static int set_all(struct config *config, struct config_segment *segment, const char *key,
                   const struct texts *texts, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < texts->count && error == 0; i++)
		error = keys_set(config, segment, "segment", key, texts->text[i], fault);
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
	if (arguments->prefix.count > 0)
		segment->prefixes = 0;
	while (arguments->interface.count > 0 && segment->interfaces > 0)
		free(segment->interface[--segment->interfaces]);
	error = set_all(config, segment, "interface", &arguments->interface, fault);
	return error ? error : set_all(config, segment, "prefix", &arguments->prefix, fault);
}

/* Where nothing was given, settings_load() has filled in the configuration's own text. */
static const char *find_given_repository(const struct settings *settings)
{
	const char *configured = settings->config.history_path;

	if (settings->memory)
		return strcmp(configured, CONFIG_MEMORY) != 0 ? CONFIG_MEMORY : NULL;
	return settings->repository != configured ? settings->repository : NULL;
}

static int override_repository(const struct arguments *arguments, struct config *config,
                               struct fault *fault)
{
	const char *given = arguments->given_repository;

	if (!given)
		return 0;
	/* The path in memory depends on the instance. */
	if (strcmp(given, CONFIG_MEMORY) == 0)
		return keys_set(config, NULL, "history", "path", given, fault);
	return set_path(config, "history", "path", given, fault);
}

static int override(const struct arguments *arguments, struct config *config, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;
	int error = 0;

	if (arguments->interface.count || arguments->prefix.count || arguments->segment)
		error = override_segment(arguments, config, fault);
	if (error == 0 && settings->control_given)
		error = set_path(config, "agent", "control", settings->control, fault);
	if (error == 0)
		error = override_repository(arguments, config, fault);
	if (error == 0 && arguments->instance)
		error = keys_set(config, NULL, "agent", "instance", arguments->instance, fault);
	if (error == 0 && arguments->recorder_user)
		error = keys_set(config, NULL, "agent", "recorder-user", arguments->recorder_user,
		                 fault);
	if (error == 0 && arguments->mode)
		error = keys_set(config, NULL, "agent", "mode", arguments->mode, fault);
	if (error < 0)
		return error;
	if (config->segments == 0)
		return fault_set(
		        fault, -EINVAL,
		        "%s has no segment: add one ([segment \"lan\"] with an interface), "
		        "or give an interface with -i",
		        settings->config_path);
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

/* As at the start: the file, and what the command line says. */
static int configure(void *context, struct config *config, struct config_problems *problems,
                     struct fault *fault)
{
	const struct arguments *arguments = context;
	int error;

	if (config_init(config) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (arguments->config_path) {
		error = config_read(config, arguments->config_path, problems, fault);
		if (error < 0)
			return error;
	}
	return override(arguments, config, fault);
}

/* What a reload needs, in whichever directory. */
static int remember(struct arguments *arguments, struct fault *fault)
{
	const char *path = arguments->settings.config_path;

	arguments->given_repository = find_given_repository(&arguments->settings);
	if (path)
		arguments->config_path = absolute_path(path, fault);
	return path && !arguments->config_path ? -EIO : 0;
}

static int run(void *given, struct fault *fault)
{
	struct arguments *arguments = given;
	struct config *config = &arguments->settings.config;
	char *program = own_path(fault);
	int error = program ? remember(arguments, fault) : -EIO;

	if (error == 0)
		error = override(arguments, config, fault);
	if (arguments->verbose && !arguments->settings.log_level && !arguments->settings.quiet)
		log_set_level(LOG_LEVEL_DEBUG);
	if (error == 0) {
		struct agent_options agent = {.config = *config,
		                              .netns = arguments->netns,
		                              .pull = arguments->pull,
		                              .program = program,
		                              .configure = configure,
		                              .context = arguments,
		                              .config_path = arguments->config_path,
		                              .strict = arguments->strict};

		*config = (struct config){0}; /* the agent owns it now */
		log_set_style(log_service_style());
		error = agent_run(&agent, fault);
	}
	free(arguments->config_path);
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

/* SPDX-License-Identifier: MIT */
/* Loads the configuration for a command. Asks no agent. */
#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"

void settings_find_config(struct settings *settings)
{
	const char *named = getenv("ARPKEEPER_CONFIG");

	if (settings->config_path)
		return;
	if (!named && access(SETTINGS_CONFIG, R_OK) == 0)
		named = SETTINGS_CONFIG;
	if (named && *named)
		settings->config_path = named;
	settings->config_found = settings->config_path != NULL;
}

/* Prints all mistakes but the last one, which is the fault. */
static int read_file(struct settings *settings, struct fault *fault)
{
	struct config_problems problems = {0};
	int error = config_read(&settings->config, settings->config_path, &problems, fault);

	if (problems.items > 0)
		error = problems_say(&problems, settings->config_path, fault);
	problems_clear(&problems);
	return error;
}

int settings_load(struct settings *settings, struct fault *fault)
{
	int error;

	if (config_init(&settings->config) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (settings->config_path) {
		error = read_file(settings, fault);
		if (error < 0)
			return error;
	}
	settings->repository_given =
	        settings->repository || (settings->config_path && !settings->config_found);
	settings->control_given = settings->control;
	if (!settings->control)
		settings->control = settings->config.control;
	if (!settings->repository)
		settings->repository = settings->config.history_path;
	if (strcmp(settings->repository, CONFIG_MEMORY) != 0)
		return 0;
	settings->memory = memory_path(settings->config.instance);
	if (!settings->memory)
		return fault_set(fault, -ENOMEM, "out of memory");
	settings->repository = settings->memory;
	return 0;
}

void settings_clear(struct settings *settings)
{
	free(settings->memory);
	config_clear(&settings->config);
}

/* SPDX-License-Identifier: MIT */
/* Shared options, the configuration they name, and one question to the agent. */
#include "cli/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "store/store.h"

#define INSTANCE_MAX 63 /* letters; as in the configuration */

enum { OPTION_CONTROL = 0x1000, OPTION_REPOSITORY, OPTION_JSON };

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct settings *settings = state->input;

	switch (key) {
	case 'c':
		settings->config_path = argument;
		return 0;
	case OPTION_CONTROL:
		settings->control = argument;
		return 0;
	case OPTION_REPOSITORY:
		settings->repository = argument;
		return 0;
	case OPTION_JSON:
		settings->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option config_options[] = {
        {"config", 'c', "FILE", 0, "Read the configuration FILE", 1},
        {0},
};
static const struct argp_option control_options[] = {
        {"control", OPTION_CONTROL, "PATH", 0, "Reach the agent at the control socket PATH", 1},
        {0},
};
static const struct argp_option repository_options[] = {
        {"repo", OPTION_REPOSITORY, "DIR", 0, "Use the history repository DIR", 1},
        {0},
};
static const struct argp_option json_options[] = {
        {"json", OPTION_JSON, NULL, 0, "Print JSON", 1},
        {0},
};

const struct argp settings_config_argp = {.options = config_options, .parser = parse};
const struct argp settings_control_argp = {.options = control_options, .parser = parse};
const struct argp settings_repository_argp = {.options = repository_options, .parser = parse};
const struct argp settings_json_argp = {.options = json_options, .parser = parse};

void settings_init(struct argp_state *state, const struct argp_child *children,
                   struct settings *settings)
{
	for (unsigned i = 0; children[i].argp; i++)
		state->child_inputs[i] = settings;
}

const struct argp_child settings_agent_children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_control_argp, 0, NULL, 0},
        {&settings_json_argp, 0, NULL, 0},
        {0},
};

const struct argp_child settings_history_children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_repository_argp, 0, NULL, 0},
        {&settings_control_argp, 0, NULL, 0},
        {&settings_json_argp, 0, NULL, 0},
        {0},
};

static error_t parse_plain(int key, char *argument, struct argp_state *state)
{
	(void)argument;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	settings_init(state, settings_agent_children, state->input);
	return 0;
}

void settings_parse(struct settings *settings, int argc, char **argv, const char *doc)
{
	const struct argp argp = {
	        .parser = parse_plain, .doc = doc, .children = settings_agent_children};

	argp_parse(&argp, argc, argv, 0, NULL, settings);
}

void settings_check_instance(const struct argp_state *state, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			length = 0;
	if (length == 0 || length > INSTANCE_MAX)
		argp_error(state,
		           "'%s' cannot be the name of an instance: letters, digits, '-' and '_', "
		           "at most %d",
		           name, INSTANCE_MAX);
}

int settings_load(struct settings *settings)
{
	struct fault fault = {""};

	if (config_init(&settings->config) < 0) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	if (settings->config_path &&
	    config_read(&settings->config, settings->config_path, &fault) < 0) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	settings->repository_given = settings->repository || settings->config_path;
	settings->control_given = settings->control;
	if (!settings->control)
		settings->control = settings->config.control;
	if (!settings->repository)
		settings->repository = settings->config.history_path;
	if (strcmp(settings->repository, CONFIG_MEMORY) != 0)
		return EXIT_OK;
	settings->memory = memory_path(settings->config.instance);
	if (!settings->memory) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	settings->repository = settings->memory;
	return EXIT_OK;
}

void settings_clear(struct settings *settings)
{
	free(settings->memory);
	config_clear(&settings->config);
}

int settings_ask(json_t **response, const struct settings *settings, json_t *request)
{
	struct fault fault = {""};
	int socket = -1;

	*response = NULL;
	if (!request)
		fault_set(&fault, -ENOMEM, "what was given is not UTF-8 text");
	else
		socket = client_connect(settings->control, &fault);
	if (socket >= 0)
		*response = client_call(socket, request, &fault);
	client_close(socket);
	json_decref(request);
	if (*response)
		return EXIT_OK;
	log_error("%s", fault.text);
	return EXIT_FAILED;
}

void settings_print(json_t *response)
{
	json_object_del(response, "ok");
	json_dumpf(response, stdout, JSON_INDENT(2));
	putchar('\n');
}

/* SPDX-License-Identifier: MIT */
/* Connects to the agent, asks, and closes the connection. */
#include "cli/ask.h"

#include <string.h>

#include "cli/client.h"
#include "cli/json.h"

int ask(json_t **response, const struct settings *settings, json_t *request, struct fault *fault)
{
	FILE *agent;
	int error = client_ask(&agent, response, settings->control, request, fault);

	client_close(agent);
	return error;
}

int ask_and_print(const struct settings *settings, json_t *request,
                  void (*print)(const json_t *response), struct fault *fault)
{
	json_t *response;
	int error = ask(&response, settings, request, fault);

	if (error < 0)
		return error;
	if (settings->json)
		json_print_response(response);
	else
		print(response);
	json_decref(response);
	return 0;
}

char *ask_repository(const struct settings *settings, struct fault *fault)
{
	json_t *response = NULL;
	const char *path = NULL;
	char *copy;

	if (ask(&response, settings, json_pack("{s:s}", "command", "status"), fault) == 0)
		path = json_text(json_object_get(response, "repository"), "path");
	copy = path ? strdup(path) : NULL;
	json_decref(response);
	return copy;
}

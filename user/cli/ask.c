/* SPDX-License-Identifier: MIT */
/* Asks, and prints the answer. Keeps no connection. */
#include "cli/ask.h"

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

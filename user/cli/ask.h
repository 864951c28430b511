/* SPDX-License-Identifier: MIT */
/* One request to the agent that the settings name. */
#ifndef USER_CLI_ASK_H
#define USER_CLI_ASK_H

#include "cli/settings.h"
#include "client/client.h"

/* Takes `request` over. 0 and the response, which is the caller's; or a negative errno. */
int ask(json_t **response, const struct settings *settings, json_t *request, struct fault *fault);
/* For a command that prints the response, and no more: as JSON with --json, else by `print`. */
int ask_and_print(const struct settings *settings, json_t *request,
                  void (*print)(const json_t *response), struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* One question to the agent. */
#ifndef USER_CLI_ASK_H
#define USER_CLI_ASK_H

#include <jansson.h>

#include "cli/settings.h"

/* Takes `request` over. 0 and the response, which is the caller's; or a negative errno. */
int ask(json_t **response, const struct settings *settings, json_t *request, struct fault *fault);
/* For a command that prints the response, and no more: as JSON with --json, else by `print`. */
int ask_and_print(const struct settings *settings, json_t *request,
                  void (*print)(const json_t *response), struct fault *fault);
/* The path of the agent's repository, malloc'ed; NULL and a fault if there is no agent. */
char *ask_repository(const struct settings *settings, struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Asks the agent over its control socket, and blocks until it answers.
 *
 *     int socket = client_ask(&response, path, request, &fault);
 *
 *     while ((event = client_next(socket, &fault)))    of a stream
 *             ...
 *     client_close(socket);
 */
#ifndef USER_CLI_CLIENT_H
#define USER_CLI_CLIENT_H

#include <jansson.h>

#include "base/base.h"

/* The descriptor; or a negative errno and a fault that says what to do. -ENOENT, -ENOTDIR and
 * -ECONNREFUSED: no agent listens there. */
int client_connect(const char *path, struct fault *fault);
/* Sends one request (borrowed) and reads its response (the caller's). NULL and a fault on error,
 * also if the agent refuses. */
json_t *client_call(int socket, json_t *request, struct fault *fault);
/* Its two halves: several requests may be sent before their answers are read. */
int client_send(int socket, json_t *request, struct fault *fault);
json_t *client_answer(int socket, struct fault *fault);
/* Connects and calls; `request` is taken over. The descriptor, or a negative errno and a fault. */
int client_ask(json_t **response, const char *path, json_t *request, struct fault *fault);
/* The next line of a stream; NULL at its end (the fault is "" then) or on error. */
json_t *client_next(int socket, struct fault *fault);
void client_close(int socket); /* -1 is fine */

#endif

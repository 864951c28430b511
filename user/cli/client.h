/* SPDX-License-Identifier: MIT */
/* The other end of the control socket: blocking, for the command line and the hooks. */
#ifndef USER_CLI_CLIENT_H
#define USER_CLI_CLIENT_H

#include <jansson.h>

#include "base/base.h"

/* Connects; the descriptor, or a negative errno and a fault that says what to do (is the agent
 * running?). */
int client_connect(const char *socket_path, struct fault *fault);
/* Sends one request (borrowed), returns the response line (owned by the caller) or NULL and a
 * fault; also when the response says {"ok": false}. */
json_t *client_call(int socket, json_t *request, struct fault *fault);
/* The two halves of it, for who asks more before he is answered. */
int client_send(int socket, json_t *request, struct fault *fault);
json_t *client_answer(int socket, struct fault *fault);
/* The next line of a stream; NULL at its end or on error (fault->text set, else ""). */
json_t *client_next(int socket, struct fault *fault);
void client_close(int socket);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The client of the control socket: asks the agent, and blocks until it answers; with what reads,
 * makes and prints the JSON of its answers.
 *
 *     error = client_ask(&agent, &response, path, request, &fault);
 *     while ((event = client_next(agent, &fault)))    of a stream
 *             ...
 *     client_close(agent);
 */
#ifndef USER_CLIENT_H
#define USER_CLIENT_H

#include <jansson.h>
#include <stdio.h>

#include "base/base.h"
#include "client/await.h"
#include "client/json.h"
#include "client/prometheus.h"

/* 0; or a negative errno and a fault that says what to do. -ENOENT, -ENOTDIR and -ECONNREFUSED: no
 * agent listens there. */
int client_connect(FILE **agent, const char *path, struct fault *fault);
/* Whether that is the error of client_connect() when no agent is there. */
bool client_is_absent(int error);
/* Sends one request, which is taken over (NULL: not UTF-8), and reads its response, the caller's.
 * NULL and a fault on error, also if the agent refuses. */
json_t *client_call(FILE *agent, json_t *request, struct fault *fault);
/* Its two halves: several requests may be sent before their answers are read. */
int client_send(FILE *agent, const json_t *request, struct fault *fault);
json_t *client_answer(FILE *agent, struct fault *fault);
/* Connects and calls. 0, or a negative errno and a fault: then there is no connection. */
int client_ask(FILE **agent, json_t **response, const char *path, json_t *request,
               struct fault *fault);
/* The next line of a stream; NULL at its end (the fault is "" then) or on error. */
json_t *client_next(FILE *agent, struct fault *fault);
void client_close(FILE *agent); /* NULL is fine */

#endif

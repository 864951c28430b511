/* SPDX-License-Identifier: MIT */
/*
 * Asks over the control socket. A connection is only a descriptor, without a buffer. So a line's
 * end is found by peeking, and then exactly that line is read.
 */
#include "cli/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PEEK (64 * 1024)

int client_connect(const char *path, struct fault *fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return fault_set(fault, -ENAMETOOLONG,
		                 "control socket %s: the path of a socket has at most %zu bytes",
		                 path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return fault_set(fault, -errno, "cannot open a socket: %s", strerror(errno));
	if (connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return descriptor;
	error = errno;
	close(descriptor);
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
		return fault_set(fault, -error,
		                 "no agent listens on %s: is it running? Start one with 'arpkeeper "
		                 "run', or name its configuration with -c",
		                 path);
	case EACCES:
	case EPERM:
		return fault_set(fault, -error,
		                 "not permitted to connect to %s: try it as root, or as the user "
		                 "that the agent runs as",
		                 path);
	default:
		return fault_set(fault, -error, "cannot connect to %s: %s", path, strerror(error));
	}
}

void client_close(int socket)
{
	if (socket >= 0)
		close(socket);
}

static int send_all(int socket, const char *text, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(socket, text, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		text += sent;
		length -= (size_t)sent;
	}
	return 0;
}

static ssize_t receive(int socket, char *data, size_t length, int flags)
{
	ssize_t received;

	do
		received = recv(socket, data, length, flags);
	while (received < 0 && errno == EINTR);
	return received < 0 ? -errno : received;
}

/* A line without its newline, malloc'ed. NULL at the end of the stream (*error 0) or on error. */
static char *read_line(int socket, size_t *length, int *error)
{
	size_t room = 0;
	char *line = NULL;

	*length = 0;
	*error = 0;
	for (;;) {
		const char *end;
		ssize_t peeked;

		*error = array_reserve(&line, &room, *length + PEEK);
		if (*error)
			break;
		peeked = receive(socket, line + *length, PEEK, MSG_PEEK);
		if (peeked > 0) {
			end = memchr(line + *length, '\n', (size_t)peeked);
			if (end)
				peeked = end - (line + *length) + 1;
			peeked = receive(socket, line + *length, (size_t)peeked, 0);
			if (end && peeked > 0) {
				*length += (size_t)peeked - 1;
				return line;
			}
		}
		if (peeked <= 0) {
			*error = (int)peeked;
			break;
		}
		*length += (size_t)peeked;
	}
	free(line);
	return NULL;
}

json_t *client_next(int socket, struct fault *fault)
{
	json_error_t parse;
	json_t *object;
	size_t length;
	int error;
	char *line;

	if (fault)
		fault->text[0] = '\0';
	line = read_line(socket, &length, &error);
	if (!line) {
		if (error == -EAGAIN || error == -EWOULDBLOCK)
			fault_set(fault, error, "the agent did not answer in time");
		else if (error < 0 && error != -ECONNRESET)
			fault_set(fault, error, "cannot read from the agent: %s", strerror(-error));
		return NULL;
	}
	object = json_loadb(line, length, 0, &parse);
	free(line);
	if (!json_is_object(object)) {
		fault_set(fault, -EPROTO, "cannot parse the agent's answer: %s",
		          object ? "not an object" : parse.text);
		json_decref(object);
		return NULL;
	}
	return object;
}

int client_send(int socket, json_t *request, struct fault *fault)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int error;

	if (!text)
		return fault_set(fault, -EINVAL, "cannot write the request as JSON: is it UTF-8?");
	error = send_all(socket, text, strlen(text));
	if (error == 0)
		error = send_all(socket, "\n", 1);
	free(text);
	/* An agent that refused may have closed already. Its reason can still be read. */
	if (error < 0 && error != -EPIPE && error != -ECONNRESET)
		return fault_set(fault, error, "cannot ask the agent: %s", strerror(-error));
	return 0;
}

json_t *client_answer(int socket, struct fault *fault)
{
	json_t *response = client_next(socket, fault);

	if (!response) {
		if (fault && fault->text[0] == '\0')
			fault_set(fault, -EPIPE,
			          "the agent closed the connection without an answer");
		return NULL;
	}
	if (!json_is_true(json_object_get(response, "ok"))) {
		const char *reason = json_string_value(json_object_get(response, "error"));

		fault_set(fault, -EREMOTEIO, "%s", reason ? reason : "the agent refused");
		json_decref(response);
		return NULL;
	}
	return response;
}

json_t *client_call(int socket, json_t *request, struct fault *fault)
{
	return client_send(socket, request, fault) < 0 ? NULL : client_answer(socket, fault);
}

int client_ask(json_t **response, const char *path, json_t *request, struct fault *fault)
{
	int socket;

	*response = NULL;
	socket = request ? client_connect(path, fault)
	                 : fault_set(fault, -EINVAL, "an argument is not UTF-8 text");
	if (socket >= 0)
		*response = client_call(socket, request, fault);
	json_decref(request);
	if (*response || socket < 0)
		return socket;
	client_close(socket);
	return -EREMOTEIO;
}

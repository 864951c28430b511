/* SPDX-License-Identifier: MIT */
/* Asks over the control socket. Reads through a stream, and writes to the socket below it. */
#include "client/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"

/* A descriptor, or a negative errno. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int descriptor, error;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (descriptor < 0 ||
	    connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return descriptor < 0 ? -errno : descriptor;
	error = -errno;
	close(descriptor);
	return error;
}

/* Where other users cannot be in the way, if this one may connect there. */
static int connect_as_operator(const char *path)
{
	char operators[sizeof(((struct sockaddr_un *)0)->sun_path)];

	if (strlen(path) + strlen(CONTROL_OPERATORS) >= sizeof(operators))
		return -ENAMETOOLONG;
	snprintf(operators, sizeof(operators), "%s%s", path, CONTROL_OPERATORS);
	return connect_to(operators);
}

int client_connect(FILE **agent, const char *path, struct fault *fault)
{
	int descriptor = connect_as_operator(path), error;

	if (descriptor < 0)
		descriptor = connect_to(path);
	*agent = descriptor >= 0 ? fdopen(descriptor, "r") : NULL;
	if (*agent)
		return 0;
	error = descriptor < 0 ? -descriptor : errno;
	if (descriptor >= 0)
		close(descriptor);
	switch (error) {
	case ENAMETOOLONG:
		return fault_set(fault, -error,
		                 "control socket %s: the path of a socket has at most %zu bytes",
		                 path, sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
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

bool client_is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -ECONNREFUSED;
}

void client_close(FILE *agent)
{
	if (agent)
		fclose(agent);
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

json_t *client_next(FILE *agent, struct fault *fault)
{
	json_error_t parse;
	json_t *object;
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	if (fault)
		fault->text[0] = '\0';
	length = getline(&line, &room, agent);
	if (length <= 0 || line[length - 1] != '\n') {
		if (ferror(agent) && errno == EAGAIN)
			fault_set(fault, -errno, "the agent did not answer in time");
		else if (ferror(agent) && errno != ECONNRESET)
			fault_set(fault, -errno, "cannot read from the agent: %s", strerror(errno));
		free(line);
		return NULL;
	}
	object = json_loadb(line, (size_t)length, 0, &parse);
	free(line);
	if (!json_is_object(object)) {
		fault_set(fault, -EPROTO, "cannot parse the agent's answer: %s",
		          object ? "not an object" : parse.text);
		json_decref(object);
		return NULL;
	}
	return object;
}

int client_send(FILE *agent, const json_t *request, struct fault *fault)
{
	char *text = json_dumps(request, JSON_COMPACT);
	int error;

	if (!text)
		return fault_set(fault, -EINVAL, "cannot write the request as JSON: is it UTF-8?");
	error = send_all(fileno(agent), text, strlen(text));
	if (error == 0)
		error = send_all(fileno(agent), "\n", 1);
	free(text);
	/* An agent that refused may have closed already. Its reason can still be read. */
	if (error < 0 && error != -EPIPE && error != -ECONNRESET)
		return fault_set(fault, error, "cannot ask the agent: %s", strerror(-error));
	return 0;
}

json_t *client_answer(FILE *agent, struct fault *fault)
{
	json_t *response = client_next(agent, fault);
	const char *reason = json_text(response, "error");

	if (!response) {
		if (fault && fault->text[0] == '\0')
			fault_set(fault, -EPIPE,
			          "the agent closed the connection without an answer");
		return NULL;
	}
	if (json_is_true(json_object_get(response, "ok")))
		return response;
	fault_set(fault, -EREMOTEIO, "%s", reason ? reason : "the agent refused");
	json_decref(response);
	return NULL;
}

json_t *client_call(FILE *agent, json_t *request, struct fault *fault)
{
	json_t *response = NULL;

	if (!request)
		fault_set(fault, -EINVAL, "an argument is not UTF-8 text");
	else if (client_send(agent, request, fault) == 0)
		response = client_answer(agent, fault);
	json_decref(request);
	return response;
}

int client_ask(FILE **agent, json_t **response, const char *path, json_t *request,
               struct fault *fault)
{
	int error = client_connect(agent, path, fault);

	*response = NULL;
	if (error < 0) {
		json_decref(request);
		return error;
	}
	*response = client_call(*agent, request, fault);
	if (*response)
		return 0;
	client_close(*agent);
	*agent = NULL;
	return -EREMOTEIO;
}

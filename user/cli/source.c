/* SPDX-License-Identifier: MIT */
/* The repository that a reading command is about. Asks an agent for no more than its path. */
#include "cli/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/client.h"

/* The running agent's repository. */
static char *ask_repository(const struct settings *settings)
{
	json_t *request = json_pack("{s:s}", "command", "status"), *response = NULL;
	int socket = client_connect(settings->control, NULL);
	const char *path = NULL;
	char *copy;

	if (socket >= 0)
		response = client_call(socket, request, NULL);
	path = json_string_value(json_object_get(json_object_get(response, "repository"), "path"));
	copy = path ? strdup(path) : NULL;
	json_decref(response);
	json_decref(request);
	client_close(socket);
	return copy;
}

int source_open(struct reader **reader, const struct settings *settings, struct fault *fault)
{
	char *path = NULL;
	int error;

	if (settings->control_given && !settings->repository_given)
		path = ask_repository(settings);
	error = reader_open(reader, path ? path : settings->repository, fault);
	if (error != -ENOENT || path || settings->repository_given)
		goto out;
	path = ask_repository(settings);
	if (path)
		error = reader_open(reader, path, fault);
	else
		fault_set(
		        fault, error,
		        "there is no repository at %s, and no agent runs that could tell: name it "
		        "with --repo, or its configuration with -c",
		        settings->repository);
out:
	free(path);
	return error;
}

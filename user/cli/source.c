/* SPDX-License-Identifier: MIT */
/* Finds the repository that a command reads. Asks the agent only for its path. */
#include "cli/source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/ask.h"
#include "client/client.h"

/* The path of the agent's repository, malloc'ed; NULL and a fault if there is no agent. */
static char *ask_repository(const struct settings *settings, struct fault *fault)
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

char *source_path(const struct settings *settings)
{
	return settings->control_given && !settings->repository_given
	               ? ask_repository(settings, NULL)
	               : NULL;
}

int source_open(struct reader **reader, const struct settings *settings, struct fault *fault)
{
	char *path = source_path(settings);
	int error;

	error = reader_open(reader, path ? path : settings->repository, fault);
	if ((error != -ENOENT && error != -EACCES) || path || settings->repository_given)
		goto out;
	path = ask_repository(settings, NULL);
	if (path)
		error = reader_open(reader, path, fault);
	else if (error == -ENOENT)
		fault_set(
		        fault, error,
		        "there is no repository at %s, and no agent runs that knows another: name "
		        "it with --repo, or its configuration with -c",
		        settings->repository);
out:
	free(path);
	return error;
}

int source_open_agents(struct reader **reader, const struct settings *settings, struct fault *fault)
{
	char *path = ask_repository(settings, fault);
	int error = path ? reader_open(reader, path, fault) : -ENOENT;

	free(path);
	return error;
}

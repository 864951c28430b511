// SPDX-License-Identifier: MIT
/* Judges whether a node may be retired, asks the person, and then the agent. */
#include "cli/retire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/author.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/nodes.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

static int check(const json_t *node, const char *name, bool force, struct fault *fault)
{
	const char *state = json_text(node, "state");
	char age[WHEN_TEXT];

	if (!node)
		return fault_set(fault, -ENOENT,
		                 "no node %s is known here: `arpkeeper fleet` lists them", name);
	if (strcmp(state, "own") == 0)
		return fault_set(fault, -EINVAL, "%s is this node: retire it at another one", name);
	if (strcmp(state, "live") == 0 && !force)
		return fault_set(
		        fault, -EBUSY,
		        "%s is not silent: it said something %s. If it does not come back, "
		        "give --force",
		        name, when_since(age, json_object_get(node, "spoke"), time(NULL)));
	return 0;
}

/* 0: go on. */
static int ask_person(const json_t *node, const char *name, struct fault *fault)
{
	char line[16] = "", age[WHEN_TEXT];
	const char *spoke = when_since(age, json_object_get(node, "spoke"), time(NULL));

	if (!isatty(STDIN_FILENO))
		return fault_set(fault, -EPERM,
		                 "retire: nobody can be asked here, so give --yes: %s's static "
		                 "entries become this node's, and its learned ones end",
		                 name);
	fprintf(stderr,
	        "%s has %" PRId64 " claim%s, and last said something %s. Its static entries become "
	        "this node's, and its learned ones end. Retire it? [y/N] ",
	        name, (int64_t)json_number(node, "claims"),
	        text_plural((uint64_t)json_number(node, "claims")), spoke ? spoke : "never");
	fflush(stderr);
	if (!fgets(line, sizeof(line), stdin) || (*line != 'y' && *line != 'Y'))
		return fault_set(fault, -ECANCELED, "%s is not retired", name);
	return 0;
}

int retire_run(const struct retire_arguments *arguments, const json_t *fleet, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;
	const char *name = settings->argument[1];
	const json_t *node = nodes_find(json_object_get(fleet, "nodes"), name);
	json_t *request, *response = NULL;
	int error = check(node, name, arguments->force, fault);

	if (!error && !arguments->yes)
		error = ask_person(node, name, fault);
	if (error)
		return error;
	request = json_pack("{s:s, s:s}", "command", "retire", "node", name);
	if (request && settings->message)
		json_object_set_new(request, "message", json_string(settings->message));
	author_give(request, settings);
	confirm_give(request, settings);
	error = ask(&response, settings, request, fault);
	if (error)
		return error;
	if (settings->json) {
		json_print(json_pack("{s:s, s:s, s:I, s:s}", "retired", name, "commit",
		                     json_text(response, "commit"), "changed",
		                     json_number(response, "applied"), "text",
		                     json_text(response, "text")));
	} else {
		lines_write(stdout, json_text(response, "text"));
		if (json_number(response, "applied") > 0)
			line_write(stdout, "commit %.10s", json_text(response, "commit"));
	}
	json_decref(response);
	return EXIT_OK;
}

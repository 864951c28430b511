/* SPDX-License-Identifier: MIT */
/* `arpkeeper sync`: the agent exchanges branches with its remotes now, and says what became of it.
 */
#include <stdio.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/table.h"
#include "client/client.h"

static const char doc[] =
        "Exchange history with the fleet's remotes, or with one of them, now: fetch what other "
        "nodes say, and push what this one says. Waits until that is done, and what came is in the "
        "table. The status is 1 if a remote was not reached.\v"
        "The agent does the same by itself, every `poll` of a remote and up to six times more "
        "seldom while nothing happens, and within a second when this node has something to "
        "say. A branch that was left out (it went back, or is damaged) is tried again.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper sync\n"
        "  arpkeeper sync hub --json\n";

struct arguments {
	struct settings settings;
};

static void print_remote(const json_t *remote)
{
	const char *error = json_text(remote, "error");
	const json_t *refused;
	size_t index;

	if (error && *error)
		line_write(stdout, "%s: failed: %s", json_text(remote, "remote"), error);
	else
		line_write(stdout,
		           "%s: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT
		           " branches fetched, %" JSON_INTEGER_FORMAT " pushed",
		           json_text(remote, "remote"), json_number(remote, "fetched"),
		           json_number(remote, "listed"), json_number(remote, "pushed"));
	json_array_foreach (json_object_get(remote, "refused"), index, refused)
		line_write(stdout, "%s: %s left out, %s: %s", json_text(remote, "remote"),
		           json_text(refused, "branch"), json_text(refused, "why"),
		           json_text(refused, "text"));
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	json_t *response = NULL, *remote;
	int status = EXIT_OK;
	size_t index;
	int error =
	        ask(&response, settings,
	            json_pack("{s:s, s:s?}", "command", "sync", "remote", settings->argument[0]),
	            fault);

	if (error < 0)
		return error;
	json_array_foreach (json_object_get(response, "remotes"), index, remote) {
		const char *failed = json_text(remote, "error");

		if (failed && *failed)
			status = EXIT_FAILED;
		if (!settings->json)
			print_remote(remote);
	}
	if (settings->json)
		json_print_response(response);
	json_decref(response);
	return status;
}

const struct command_spec command_sync = {
        .size = sizeof(struct arguments),
        .arguments = "[REMOTE]",
        .doc = doc,
        .run = run,
};

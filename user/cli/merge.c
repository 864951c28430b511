/* SPDX-License-Identifier: MIT */
/* `arpkeeper merge`: the agent merges a branch of the repository into the table. */
#include "cli/ask.h"
#include "cli/author.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/table.h"
#include "client/client.h"

static const char doc[] =
        "Merge BRANCH of the agent's repository into main and into the table. The rule for an "
        "address that both sides changed: static beats dynamic, then the later 'since' wins, "
        "then the lower MAC.\v"
        "A push to merge/<anything> does the same.\n"
        "\n"
        "Example:\n"
        "  arpkeeper merge rack3-renumbering\n";

static void print(const json_t *response)
{
	lines_write(stdout, json_text(response, "text"));
}

static int run(void *arguments, struct fault *fault)
{
	const struct settings *settings = arguments;
	json_t *request =
	        json_pack("{s:s, s:s}", "command", "merge", "branch", settings->argument[0]);

	confirm_give(request, settings);
	author_give(request, settings);
	return ask_and_print(settings, request, print, fault);
}

const struct command_spec command_merge = {
        .size = sizeof(struct settings),
        .arguments = "BRANCH",
        .too_few = "give a branch",
        .doc = doc,
        .run = run,
};

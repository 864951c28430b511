/* SPDX-License-Identifier: MIT */
/* `arpkeeper reload`: the running agent reads its configuration again, and becomes what it says. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/author.h"
#include "cli/command.h"
#include "client/client.h"

static const char doc[] =
        "Make the agent read its configuration again: the file that it was started with, under the "
        "options of its command line. The file is checked whole, and each difference is printed. "
        "No request is lost meanwhile.\v"
        "Segments, prefixes and interfaces may come, go, grow and shrink. The program is taken off "
        "an interface that is not configured any more; entries outside the new prefixes stay in "
        "history. What cannot be changed while the agent runs (history.path, and "
        "agent.alert-command, "
        "control, instance, mode, node, operators and recorder-user) is refused by name, and then "
        "nothing is "
        "changed. SIGHUP does the same, and the log has the outcome.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper reload --dry-run -c /etc/arpkeeper.conf\n"
        "  arpkeeper reload -c /etc/arpkeeper.conf\n";

struct arguments {
	struct settings settings;
	bool dry;
};

static const struct command_option options[] = {
        {"dry-run", NULL, "Check and print only, change nothing", STORE(dry)},
        {0},
};

/* What is wrong with the file. */
static void print_problems(const json_t *response)
{
	const json_t *problems = json_object_get(response, "problems"), *problem;
	const char *path = json_text(response, "config");
	size_t index;

	json_array_foreach ((json_t *)problems, index, problem) {
		const json_t *line = json_object_get(problem, "line");

		if (json_is_integer(line))
			log_error("%s:%" JSON_INTEGER_FORMAT ": %s", path, json_integer_value(line),
			          json_text(problem, "reason"));
		else
			log_error("%s: %s", path, json_text(problem, "reason"));
	}
	log_error("nothing is changed: mend what is named above");
}

static void print(const json_t *response)
{
	const json_t *changes = json_object_get(response, "changes"), *change;
	size_t index;

	json_array_foreach ((json_t *)changes, index, change)
		puts(json_string_value(change));
	if (json_array_size(changes) == 0)
		puts("nothing differs");
	else if (json_is_false(json_object_get(response, "applied")))
		puts("nothing was changed: this was a dry run");
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	json_t *request = json_pack("{s:s, s:b}", "command", "reload", "dry", (int)arguments->dry);
	json_t *response;
	bool wrong;
	int error;

	author_give(request, &arguments->settings);
	error = ask(&response, &arguments->settings, request, fault);
	if (error < 0)
		return error;
	wrong = json_array_size(json_object_get(response, "problems")) > 0;
	if (arguments->settings.json)
		json_print_response(response);
	else if (wrong)
		print_problems(response);
	else
		print(response);
	json_decref(response);
	return wrong ? EXIT_FAILED : EXIT_OK;
}

const struct command_spec command_reload = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .run = run,
};

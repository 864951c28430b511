/* SPDX-License-Identifier: MIT */
/* `arpkeeper watch`: changes and alerts as they happen, a line each, until interrupted. */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "cli/words.h"

static const char doc[] = "Changes of the table and alerts as they happen, a line each, until "
                          "interrupted.\v"
                          "With --json, one object a line.\n"
                          "\n"
                          "Examples:\n"
                          "  arpkeeper watch\n"
                          "  arpkeeper watch --json | jq 'select(.type == \"alert\")'\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static struct words_side side_of(const json_t *side)
{
	return (struct words_side){
	        .mac = json_string_value(json_object_get(side, "mac")),
	        .state = json_string_value(json_object_get(side, "state")),
	};
}

/* One that is about no address says it in words of its own. */
static void alert_words(char words[WORDS_TEXT], const json_t *event)
{
	const char *other = text_of(event, "other"), *interface = text_of(event, "interface");
	const char *text = text_of(event, "text");
	char vlan[WORDS_VLAN];
	bool where = *words_vlan(vlan, json_object_get(event, "vlan")) || *interface;

	snprintf(words, WORDS_TEXT, "ALERT %s: %s%s%s%s%s%s%s%s%s", text_of(event, "alert"),
	         *text ? text : text_of(event, "mac"), *other ? " against " : "", other,
	         where ? " (" : "", interface, *interface && *vlan ? ", " : "",
	         *vlan ? "VLAN " : "", vlan, where ? ")" : "");
}

static void print(struct table *table, const json_t *event)
{
	const char *type = text_of(event, "type");
	char when[WORDS_TIME_TEXT], words[WORDS_TEXT];

	words_time(when, text_of(event, "time"));
	if (strcmp(type, "change") == 0) {
		bool is_operator = strcmp(text_of(event, "task"), "operator") == 0;
		const struct words_transition transition = {
		        .task = text_of(event, "task"),
		        .before = side_of(json_object_get(event, "before")),
		        .after = side_of(json_object_get(event, "after")),
		        .interface = text_of(event, "interface"),
		        .trigger = is_operator ? NULL : text_of(event, "trigger"), /* "set" */
		};

		table_row(table, when, text_of(event, "segment"), text_of(event, "address"),
		          words_of(words, &transition));
	} else if (strcmp(type, "alert") == 0) {
		alert_words(words, event);
		table_row(table, when, text_of(event, "segment"), text_of(event, "address"), words);
	} else {
		table_row(table, when, NULL, NULL, text_of(event, "text"));
	}
	table_write(table, stdout);
}

static int follow(int socket, const struct settings *settings)
{
	static const struct table_column columns[] = {
	        {.title = "TIME", .width = 20},
	        {.title = "SEGMENT"},
	        {.title = "ADDRESS", .width = 15},
	        {.title = "WHAT"},
	};
	struct table *table = settings->json ? NULL : table_new(columns, 4);
	struct fault fault = {""};
	json_t *event;

	if (table)
		table_write(table, stdout); /* the header says that it listens */
	while (fflush(stdout) == 0 && (event = client_next(socket, &fault))) {
		if (settings->json) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			print(table, event);
		}
		json_decref(event);
	}
	table_free(table);
	if (!ferror(stdout))
		log_error("%s", fault.text[0] ? fault.text : "the agent has ended the stream");
	return EXIT_FAILED;
}

int command_watch(int argc, char **argv)
{
	struct settings settings = {0};
	struct fault fault = {""};
	json_t *request = NULL, *response = NULL;
	int socket = -1, status;

	settings_parse(&settings, argc, argv, doc);
	status = settings_load(&settings);
	if (status != EXIT_OK)
		goto out;
	status = EXIT_FAILED;
	socket = client_connect(settings.control, &fault);
	request = json_pack("{s:s}", "command", "watch");
	if (socket >= 0)
		response = client_call(socket, request, &fault);
	if (response)
		status = follow(socket, &settings);
	else
		log_error("%s", fault.text);
out:
	json_decref(response);
	json_decref(request);
	client_close(socket);
	settings_clear(&settings);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* `arpkeeper watch`: changes and alerts as they happen, a line each, until interrupted. */
#include <errno.h>
#include <string.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/table.h"
#include "cli/when.h"
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
	const char *text = json_text(object, key);

	return text ? text : "";
}

static struct words_side side_of(const json_t *side)
{
	return (struct words_side){
	        .mac = json_text(side, "mac"),
	        .state = json_text(side, "state"),
	};
}

/* An alert without an address has a text instead. */
static void alert_words(char words[WORDS_TEXT], const json_t *event)
{
	const char *other = text_of(event, "other"), *interface = text_of(event, "interface");
	const char *text = text_of(event, "text");
	char vlan[JSON_NUMBER];
	bool where = *json_vlan(vlan, event) || *interface;

	snprintf(words, WORDS_TEXT, "ALERT %s: %s%s%s%s%s%s%s%s%s", text_of(event, "alert"),
	         *text ? text : text_of(event, "mac"), *other ? " against " : "", other,
	         where ? " (" : "", interface, *interface && *vlan ? ", " : "",
	         *vlan ? "VLAN " : "", vlan, where ? ")" : "");
}

static void print(struct table *table, const json_t *event)
{
	const char *type = text_of(event, "type");
	char when[WHEN_TEXT], words[WORDS_TEXT];

	when_utc(when, text_of(event, "time"));
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

static void follow(FILE *agent, bool json, struct fault *fault)
{
	struct table *table =
	        json ? NULL : table_new("TIME                |SEGMENT|ADDRESS        |WHAT");
	json_t *event;

	if (table)
		table_write(table,
		            stdout); /* the header shows that events will be seen from now on */
	while (fflush(stdout) == 0 && (event = client_next(agent, fault))) {
		if (json) {
			json_dumpf(event, stdout, JSON_COMPACT);
			putchar('\n');
		} else {
			print(table, event);
		}
		json_decref(event);
	}
	table_free(table);
}

/* Fails in any case, because it ends only when the agent does, or when the output is closed. */
static int run(void *arguments, struct fault *fault)
{
	const struct settings *settings = arguments;
	json_t *request = json_pack("{s:s}", "command", "watch"), *response;
	FILE *agent;
	int error = client_ask(&agent, &response, settings->control, request, fault);

	if (error < 0)
		return error;
	json_decref(response);
	follow(agent, settings->json, fault);
	client_close(agent);
	if (!ferror(stdout) && !fault->text[0])
		fault_set(fault, -EPIPE, "the agent has ended the stream");
	return -EPIPE;
}

const struct command_spec command_watch = {.size = sizeof(struct settings), .doc = doc, .run = run};

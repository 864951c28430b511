/* SPDX-License-Identifier: MIT */
/* `arpkeeper watch`: changes and alerts as they happen, a line each, until interrupted. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/eventwords.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

#define WAIT_MS 1000

static const char doc[] = "Changes of the table and alerts as they happen, a line each, until "
                          "interrupted.\v"
                          "With --json, one object a line. With --follow, it goes on with the "
                          "next agent.\n"
                          "\n"
                          "Examples:\n"
                          "  arpkeeper watch\n"
                          "  arpkeeper watch --json | jq 'select(.type == \"alert\")'\n";

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_text(object, key);

	return text ? text : "";
}

static void print(struct table *table, const json_t *event)
{
	bool placed = event_is(event, "change") || event_is(event, "alert");
	char when[WHEN_TEXT], words[WORDS_TEXT];

	table_row(table, when_utc(when, text_of(event, "time")),
	          placed ? text_of(event, "segment") : NULL,
	          placed ? text_of(event, "address") : NULL, event_words(words, event));
	table_write(table, stdout);
}

/* `table`: NULL, as JSON. */
static void put(struct table *table, const json_t *event)
{
	if (table) {
		print(table, event);
	} else {
		json_dumpf(event, stdout, JSON_COMPACT);
		putchar('\n');
	}
}

struct arguments {
	struct settings settings;
	bool follow;
};

static const struct command_option options[] = {
        {"follow", NULL, "When the agent ends, or none is there, wait for the next one",
         STORE(follow)},
        {0},
};

/* Until the agent ends, or the output is closed. */
static void stream(FILE *agent, struct table *table, struct fault *fault)
{
	json_t *event;

	if (table)
		table_write(table,
		            stdout); /* the header shows that events will be seen from now on */
	while (fflush(stdout) == 0 && (event = client_next(agent, fault))) {
		put(table, event);
		json_decref(event);
	}
}

/* In the words of the agent's own notices. */
static void note(struct table *table, const char *text)
{
	char when[TIME_TEXT];
	json_t *event = json_pack("{s:s, s:s, s:s}", "time", time_format(when, time(NULL)), "type",
	                          "notice", "text", text);

	put(table, event);
	json_decref(event);
	fflush(stdout);
}

/* One agent. -ENOENT and the like: none is there; -EPIPE: it has ended. */
static int watch(const struct settings *settings, struct table *table, struct fault *fault)
{
	json_t *request = json_pack("{s:s}", "command", "watch"), *response;
	FILE *agent;
	int error = client_ask(&agent, &response, settings->control, request, fault);

	if (error < 0)
		return error;
	json_decref(response);
	stream(agent, table, fault);
	client_close(agent);
	if (!ferror(stdout) && !fault->text[0])
		fault_set(fault, -EPIPE, "the agent has ended the stream");
	return -EPIPE;
}

/* Fails in any case, because it ends only when the agent does, or when the output is closed. */
static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	struct table *table =
	        settings->json ? NULL
	                       : table_new("TIME                |SEGMENT|ADDRESS        |*WHAT");
	bool told = false;
	int error;

	for (;;) {
		error = watch(settings, table, fault);
		/* -EREMOTEIO: it starts or ends, and does not take the request. */
		if (!arguments->follow || ferror(stdout) ||
		    (error != -EPIPE && error != -EREMOTEIO && !client_is_absent(error)))
			break;
		if (error == -EPIPE || (!told && client_is_absent(error)))
			note(table, error == -EPIPE
			                    ? "the agent has ended: waiting for the next one"
			                    : "no agent is there: waiting for one");
		told = true;
		client_await(settings->control, -1, WAIT_MS);
	}
	table_free(table);
	return error;
}

const struct command_spec command_watch = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .run = run,
};

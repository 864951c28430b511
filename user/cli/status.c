/* SPDX-License-Identifier: MIT */
/* `arpkeeper status`: what is attached where, how and since when; table and history at a glance. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/leftover.h"
#include "cli/outside.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

#define KNOWN_TEXT 48 /* two numbers, and " of " between */

static const char doc[] =
        "What the agent has attached where, how and since when; its table and its history at a "
        "glance. Without an agent: what still answers, and what to do; then the status is 1.\v"
        "Example:\n"
        "  arpkeeper status -c /etc/arpkeeper.conf\n";

/* A list of strings in one cell, or "-". The caller frees it. */
static char *list_of(const json_t *list)
{
	const json_t *item;
	char *text = NULL;
	size_t index, size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	json_array_foreach ((json_t *)list, index, item)
		fprintf(stream, "%s%s", index ? ", " : "", json_string_value(item));
	fputs(json_array_size(list) ? "" : "-", stream);
	fclose(stream);
	return text;
}

/* Nothing without a fleet. */
static void print_fleet(struct table *table, const json_t *fleet)
{
	char text[512];

	if (!json_is_object(fleet))
		return;
	snprintf(text, sizeof(text),
	         "%s, with %" JSON_INTEGER_FORMAT " others; %" JSON_INTEGER_FORMAT
	         " claims of its own, %" JSON_INTEGER_FORMAT " waiting, %" JSON_INTEGER_FORMAT
	         " overruled",
	         json_text(fleet, "node"), json_number(fleet, "nodes"),
	         json_number(fleet, "claims"), json_number(fleet, "waiting"),
	         json_number(fleet, "overruled"));
	table_row(table, "fleet", text);
}

/* What nodes exchange history through. */
static void print_remotes(struct table *table, const json_t *remotes, int64_t now)
{
	const json_t *remote;
	size_t index;

	json_array_foreach ((json_t *)remotes, index, remote) {
		const char *error = json_text(remote, "error"), *since;
		char text[1024], age[WHEN_TEXT];

		since = when_since(age, json_object_get(remote, "succeeded"), now);
		snprintf(text, sizeof(text),
		         "%s, %s: last reached %s, %" JSON_INTEGER_FORMAT
		         " branches fetched, %" JSON_INTEGER_FORMAT " pushed%s%.400s",
		         json_text(remote, "remote"), json_text(remote, "url"),
		         since ? since : "never", json_number(remote, "fetched"),
		         json_number(remote, "pushed"), error ? "; failing: " : "",
		         error ? error : "");
		table_row(table, index ? "" : "remote", text);
	}
}

static void print_agent(const json_t *status, int64_t now)
{
	const json_t *repository = json_object_get(status, "repository");
	const json_t *recorder = json_object_get(status, "recorder");
	const json_t *command = json_object_get(status, "alert_command");
	struct table *table = table_new("|");
	const json_int_t commits = json_number(repository, "commits");
	const json_int_t queued = json_number(repository, "queued");
	const char *trouble = json_text(repository, "trouble");
	char text[256], age[WHEN_TEXT];
	const json_t *missing;
	char *outside;
	size_t index;
	const char *since = when_since(age, json_object_get(status, "since"), now);

	snprintf(text, sizeof(text), "%s, process %" JSON_INTEGER_FORMAT ", instance %s",
	         json_text(status, "version"), json_number(status, "pid"),
	         json_text(status, "instance"));
	table_row(table, "arpkeeper", text);
	table_row(table, "started", since);
	table_row(table, "control", json_text(status, "control"));
	table_row(table, "repository", json_text(repository, "path"));
	if (json_text(recorder, "rights"))
		table_row(table, "recorder", json_text(recorder, "rights"));
	snprintf(text, sizeof(text),
	         "main %.10s, applied %.10s, %" JSON_INTEGER_FORMAT
	         " commit%s since the start, %" JSON_INTEGER_FORMAT " change%s not yet durable",
	         json_text(repository, "tip") ? json_text(repository, "tip") : "-",
	         json_text(repository, "applied") ? json_text(repository, "applied") : "-", commits,
	         text_plural((uint64_t)commits), queued, text_plural((uint64_t)queued));
	table_row(table, "history", text);
	if (json_text(repository, "kept_since")) {
		snprintf(text, sizeof(text), "since %s; older history was thinned",
		         json_text(repository, "kept_since"));
		table_row(table, "kept", text);
	}
	if (json_number(repository, "dropped") > 0) {
		snprintf(text, sizeof(text),
		         "%" JSON_INTEGER_FORMAT
		         " transitions, while history was behind; the last state of each address "
		         "is kept",
		         json_number(repository, "dropped"));
		table_row(table, "dropped", text);
	}
	if (trouble && *trouble)
		table_row(table, "trouble", trouble);
	if (json_is_object(command) &&
	    (json_number(command, "failed") > 0 || json_number(command, "dropped") > 0 ||
	     json_is_false(json_object_get(command, "running")))) {
		snprintf(text, sizeof(text),
		         "%s: %" JSON_INTEGER_FORMAT " passed on, %" JSON_INTEGER_FORMAT
		         " failed, %" JSON_INTEGER_FORMAT " dropped%s",
		         json_text(command, "command"), json_number(command, "passed"),
		         json_number(command, "failed"), json_number(command, "dropped"),
		         json_is_true(json_object_get(command, "running"))
		                 ? ""
		                 : "; its process has ended: restart the agent");
		table_row(table, "alert command", text);
	}
	print_fleet(table, json_object_get(status, "fleet"));
	print_remotes(table, json_object_get(status, "remotes"), now);
	json_array_foreach (json_object_get(status, "missing"), index, missing)
		table_row(table, index ? "" : "missing", json_string_value(missing));
	outside = outside_words(json_object_get(status, "outside"));
	if (outside)
		table_row(table, "outside", outside);
	free(outside);
	table_write(table, stdout);
	table_free(table);
}

static void print_segments(const json_t *segments)
{
	struct table *table = table_new("SEGMENT|~PREFIXES|VLAN|ANSWER|LEARN|TIMEOUT");
	const json_t *segment;
	size_t index;

	json_array_foreach ((json_t *)segments, index, segment) {
		const json_t *timeout = json_object_get(segment, "timeout");
		char *prefixes = list_of(json_object_get(segment, "prefixes"));
		char vlan[JSON_NUMBER], age[WHEN_TEXT];

		table_row(table, json_text(segment, "name"), prefixes,
		          *json_vlan(vlan, segment) ? vlan : "-", json_text(segment, "answer"),
		          json_text(segment, "learn"),
		          json_is_integer(timeout) ? when_age(age, json_integer_value(timeout))
		                                   : json_string_value(timeout));
		free(prefixes);
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print_ports(const json_t *ports, int64_t now)
{
	struct table *table = table_new("INTERFACE|SEGMENT|*STATE|MODE|ATTACHED|SINCE|MAC|~"
	                                "ADDRESSES|RXVLAN|~WHY THIS MODE");
	const json_t *port;
	size_t index;

	json_array_foreach ((json_t *)ports, index, port) {
		char *addresses = list_of(json_object_get(port, "addresses"));
		char *segments = list_of(json_object_get(port, "segments"));
		char age[WHEN_TEXT];

		table_row(table, json_text(port, "interface"), segments, json_text(port, "state"),
		          json_text(port, "mode"), json_text(port, "attachment"),
		          when_since(age, json_object_get(port, "since"), now),
		          json_text(port, "mac"), addresses, json_text(port, "vlan_offload"),
		          json_text(port, "reason"));
		free(segments);
		free(addresses);
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

/* Only where a segment has neighbour discovery. */
static void print_hearing(const json_t *ports, int64_t now)
{
	struct table *table = table_new(
	        "INTERFACE|SOLICITATIONS HEARD|>GROUPS REPORTED|IN MLD|QUERIER|LAST ASKED");
	const json_t *port;
	size_t index, rows = 0;

	json_array_foreach ((json_t *)ports, index, port) {
		const json_t *hearing = json_object_get(port, "hearing");
		char groups[JSON_NUMBER], version[JSON_NUMBER], age[WHEN_TEXT];

		if (!json_is_object(hearing))
			continue;
		rows++;
		table_row(table, json_text(port, "interface"),
		          json_is_true(json_object_get(hearing, "every_group"))
		                  ? "all (allmulti)"
		                  : "only those for the host",
		          json_number_text(groups, hearing, "groups"),
		          json_number_text(version, hearing, "version"),
		          json_text(hearing, "querier"),
		          when_since(age, json_object_get(hearing, "queried"), now));
	}
	if (rows) {
		putchar('\n');
		table_write(table, stdout);
	}
	table_free(table);
}

/* How many addresses of a family are known, of how many there is room for; "-": it is not kept. */
static const char *known_of(char text[KNOWN_TEXT], const json_t *totals, const char *taken,
                            const char *slots)
{
	if (json_number(totals, slots) <= 0)
		return "-";
	snprintf(text, KNOWN_TEXT, "%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT,
	         json_number(totals, taken), json_number(totals, slots));
	return text;
}

static void print_table(const json_t *totals)
{
	static const char *const names[] = {"static", "local",   "dynamic", "stale",     "pending",
	                                    "dead",   "sponged", "frozen",  "resolving", "refused"};
	struct table *table =
	        table_new(">IPV4 KNOWN|>IPV6 KNOWN|>STATIC|>LOCAL|>DYNAMIC|>STALE|>PENDING|>"
	                  "DEAD|>SPONGED|>FROZEN|>RESOLVING|>REFUSED");
	char number[10][JSON_NUMBER], known4[KNOWN_TEXT], known6[KNOWN_TEXT];

	for (unsigned i = 0; i < 10; i++)
		json_number_text(number[i], totals, names[i]);
	table_row(table, known_of(known4, totals, "taken4", "slots4"),
	          known_of(known6, totals, "taken6", "slots6"), number[0], number[1], number[2],
	          number[3], number[4], number[5], number[6], number[7], number[8], number[9]);
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print(const json_t *response)
{
	int64_t now = time(NULL);

	print_agent(response, now);
	print_segments(json_object_get(response, "segments"));
	print_ports(json_object_get(response, "ports"), now);
	print_hearing(json_object_get(response, "ports"), now);
	print_table(json_object_get(response, "table"));
}

/* Mostly the agent knows that there is nothing. Else as the repository has it, if the caller may
 * read it: to open it takes as long as all the rest. */
static void add_outside(json_t *status)
{
	const char *path = json_text(json_object_get(status, "repository"), "path");
	struct reader *reader = NULL;
	struct fault fault = {""};
	json_t *outside = NULL;

	if (json_is_object(json_object_get(status, "outside")))
		return;
	if (path && reader_open(&reader, path, &fault) == 0)
		outside = outside_list(reader, &fault);
	reader_close(reader);
	json_object_set_new(status, "outside", outside ? outside : json_null());
}

struct arguments {
	struct settings settings;
	const char *instance, *netns;
};

static const struct command_option options[] = {
        {"instance", "NAME", "Without an agent: look for this instance (default: \"default\")",
         STORE(instance), .check = config_check_instance},
        {"netns", "NAME", "Without an agent: look in this network namespace", STORE(netns)},
        {0},
};

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct leftover leftover = {&arguments->settings, arguments->instance,
	                                  arguments->netns};
	json_t *status;
	int error =
	        ask(&status, &arguments->settings, json_pack("{s:s}", "command", "status"), fault);

	if (client_is_absent(error))
		return leftover_status(&leftover, error, fault);
	if (error < 0)
		return error;
	add_outside(status);
	if (arguments->settings.json)
		json_print_response(status);
	else
		print(status);
	json_decref(status);
	return 0;
}

const struct command_spec command_status = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .run = run,
};

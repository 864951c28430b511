/* SPDX-License-Identifier: MIT */
/* `arpkeeper set` and `arpkeeper unset`: what an operator declares. */
#include <stdio.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "entry/entry.h"
#include "wire/wire.h"

static const char set_doc[] =
        "Declare that ADDRESS is at MAC. Returns when that is in the table and durable in the "
        "history, and says which commit holds it.\v"
        "A declared (static) binding is never overwritten by what is learned.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper set 10.0.3.17 02:50:2a:16:6d:01 --note 'rack 3, uplink'\n"
        "  arpkeeper set 10.0.3.17 02:50:2a:16:6d:02 -m 'NIC replaced, ticket 4711'\n";

static const char unset_doc[] =
        "Forget what is known of ADDRESS, declared or learned. Returns when that is in the table "
        "and durable in the history.\v"
        "If the address speaks afterwards, it is learned again.\n"
        "\n"
        "Example:\n"
        "  arpkeeper unset 10.0.3.17 -m 'server retired'\n";

enum { OPTION_SEGMENT = 0x2000, OPTION_NOTE };

#define SEGMENT_OPTION                                                                             \
	{                                                                                          \
		"segment", OPTION_SEGMENT, "NAME", 0,                                              \
		        "The segment; needed only if ADDRESS alone does not say", 0                \
	}
#define MESSAGE_OPTION                                                                             \
	{                                                                                          \
		"message", 'm', "MESSAGE", 0, "The commit's message", 0                            \
	}

static const struct argp_option set_options[] = {
        SEGMENT_OPTION,
        {"note", OPTION_NOTE, "TEXT", 0, "A note, one line, kept with the entry", 0},
        MESSAGE_OPTION,
        {0},
};
static const struct argp_option unset_options[] = {SEGMENT_OPTION, MESSAGE_OPTION, {0}};

struct arguments {
	struct settings settings;
	const char *address, *mac, *segment, *note, *message;
	unsigned wanted; /* how many of ADDRESS and MAC */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case OPTION_SEGMENT:
		arguments->segment = argument;
		return 0;
	case OPTION_NOTE:
		arguments->note = argument;
		return 0;
	case 'm':
		arguments->message = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num >= arguments->wanted)
			argp_error(state, "too many arguments: '%s'", argument);
		else if (state->arg_num == 0)
			arguments->address = argument;
		else
			arguments->mac = argument;
		return 0;
	case ARGP_KEY_END:
		if (state->arg_num < arguments->wanted)
			argp_error(state, arguments->wanted == 2 ? "give an address and a MAC"
			                                         : "give an address");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* Whether what was given can be meant at all, before anybody is asked. */
static int check(const struct arguments *arguments)
{
	struct fault fault = {""};
	struct mac mac;
	uint32_t address;

	if (ipv4_parse(&address, arguments->address) < 0) {
		log_error("%s is not an IPv4 address: four numbers of 0 to 255 with dots between, "
		          "as in 10.0.3.17",
		          arguments->address);
		return EXIT_FAILED;
	}
	if (arguments->mac && mac_parse(&mac, arguments->mac) < 0) {
		log_error("%s is not a MAC address: six pairs of hexadecimal digits with colons "
		          "between, as in 02:50:2a:16:6d:01",
		          arguments->mac);
		return EXIT_FAILED;
	}
	if (arguments->mac && !mac_is_station(mac)) {
		log_error("%s is no station's MAC address: it is zero, or that of a group",
		          arguments->mac);
		return EXIT_FAILED;
	}
	if ((arguments->note && entry_check_text("note", arguments->note, &fault) < 0) ||
	    (arguments->message && entry_check_text("message", arguments->message, &fault) < 0)) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

/* json_pack's "s?" puts null; a key that was not given is left out. */
static void give(json_t *request, const char *key, const char *value)
{
	if (value)
		json_object_set_new(request, key, json_string(value));
}

static int declare(struct arguments *arguments, const char *command, json_t **response)
{
	json_t *request;
	int status = check(arguments);

	if (status == EXIT_OK)
		status = settings_load(&arguments->settings);
	if (status != EXIT_OK)
		return status;
	request = json_pack("{s:s, s:s}", "command", command, "address", arguments->address);
	give(request, "mac", arguments->mac);
	give(request, "segment", arguments->segment);
	give(request, "note", arguments->note);
	give(request, "message", arguments->message);
	status = settings_ask(response, &arguments->settings, request);
	if (status == EXIT_OK && arguments->settings.json)
		settings_print(*response);
	return status;
}

static const char *text_of(const json_t *response, const char *key)
{
	const char *text = json_string_value(json_object_get(response, key));

	return text ? text : "?";
}

int command_set(int argc, char **argv)
{
	const struct argp argp = {
	        set_options, parse, "ADDRESS MAC", set_doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {.wanted = 2};
	json_t *response = NULL;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = declare(&arguments, "set", &response);
	if (status == EXIT_OK && !arguments.settings.json) {
		if (json_is_true(json_object_get(response, "changed")))
			line_write(stdout, "%s is at %s (static), commit %.10s",
			           text_of(response, "address"), text_of(response, "mac"),
			           text_of(response, "commit"));
		else
			line_write(stdout, "%s is at %s (static) already: nothing changed",
			           text_of(response, "address"), text_of(response, "mac"));
	}
	json_decref(response);
	settings_clear(&arguments.settings);
	return status;
}

int command_unset(int argc, char **argv)
{
	const struct argp argp = {unset_options,           parse, "ADDRESS", unset_doc,
	                          settings_agent_children, NULL,  NULL};
	struct arguments arguments = {.wanted = 1};
	json_t *response = NULL;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = declare(&arguments, "unset", &response);
	if (status == EXIT_OK && !arguments.settings.json) {
		if (json_is_true(json_object_get(response, "changed")))
			line_write(stdout, "%s is forgotten, commit %.10s",
			           text_of(response, "address"), text_of(response, "commit"));
		else
			line_write(stdout, "%s is not in the table: nothing changed",
			           text_of(response, "address"));
	}
	json_decref(response);
	settings_clear(&arguments.settings);
	return status;
}

/* SPDX-License-Identifier: MIT */
/* `arpkeeper set` and `arpkeeper unset`: an operator declares and removes bindings. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/ask.h"
#include "cli/author.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/table.h"
#include "client/client.h"

static const char set_doc[] =
        "Declare that ADDRESS is at MAC. Returns when the binding is in the table and durable in "
        "the history, and prints the commit.\v"
        "ADDRESS is of IPv4 or IPv6. "
        "It may also be a prefix or a range, whose addresses (at most 4,096) are then all at "
        "MAC, as one task. MAC is taken in any common spelling, such as 0250.2a16.6d01.\n"
        "Learning never overwrites a declared (static) binding. Like every command that changes "
        "the table, it needs root or a member of the group agent.operators.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper set 10.0.3.17 02:50:2a:16:6d:01 --note 'rack 3, uplink'\n"
        "  arpkeeper set 10.0.3.17 02:50:2a:16:6d:02 -m 'NIC replaced, ticket 4711'\n"
        "  arpkeeper set 2001:db8:0:7::11f 02:50:2a:16:6d:02\n"
        "  arpkeeper set fe80::1 02:50:2a:16:6d:02 --segment lan --role router\n";

static const char unset_doc[] =
        "Forget the binding of ADDRESS, declared or learned. Returns when the table has changed "
        "and the change is durable in the history.\v"
        "ADDRESS may also be a prefix or a range: all of their bindings (at most 4,096) are "
        "forgotten, as one task.\n"
        "If the address speaks again, the agent learns it again.\n"
        "With --segment, ADDRESS may also be an entry of history that no configured segment or "
        "prefix has: 'arpkeeper show --all' lists them.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper unset 10.0.3.17 -m 'server retired'\n"
        "  arpkeeper unset 10.0.3.0/28\n"
        "  arpkeeper unset 10.0.3.4-10.0.3.9\n"
        "  arpkeeper unset 2001:db8:0:7::/64\n";

struct arguments {
	struct settings settings; /* its arguments: ADDRESS, MAC */
	const char *segment, *note, *role;
};

static const char *const roles[] = {ENTRY_ROLE_ROUTER, "none", NULL};

static const struct command_option options[] = {
        {"note", "TEXT", "A note, one line, kept with the entry", STORE(note)},
        {"role", "ROLE", "router: its router advertisements pass ra-guard; none", STORE(role),
         .choices = roles},
        {"segment", "NAME", "The segment; needed only if several have ADDRESS", STORE(segment)},
        {0},
};

/* Checks the arguments, before the agent is asked. */
static int check(const char *address, const char *mac, const char *note, struct fault *fault)
{
	struct mac parsed;
	struct range range;

	if (mac && mac_read(&parsed, address) == 0 && range_parse(&range, mac, fault) == 0)
		return fault_set(fault, -EINVAL, "the address comes first: arpkeeper set %s %s",
		                 mac, address);
	if (range_parse(&range, address, fault) < 0)
		return -EINVAL;
	if (mac && range_size(range) > UINT32_MAX)
		return fault_set(
		        fault, -EINVAL,
		        "%s has more than 4 billion addresses: at most 4,096 are set at once",
		        address);
	if (mac && mac_read(&parsed, mac) < 0)
		return fault_set(
		        fault, -EINVAL,
		        "%s is not a MAC address: give six pairs of hexadecimal digits with "
		        "colons between, as in 02:50:2a:16:6d:01",
		        mac);
	if (mac && !mac_is_station(parsed))
		return fault_set(fault, -EINVAL,
		                 "%s is not a station's MAC address: it is zero, or a group's",
		                 mac);
	return note ? entry_check_text("note", note, fault) : 0;
}

/* json_pack's "s?" writes null; a key that was not given is left out. */
static void give(json_t *request, const char *key, const char *value)
{
	if (value)
		json_object_set_new(request, key, json_string(value));
}

static const char *text_of(const json_t *response, const char *key)
{
	const char *text = json_text(response, key);

	return text ? text : "?";
}

/* Of a range. */
static void print_several(const json_t *response, const char *became)
{
	json_int_t addresses = json_number(response, "addresses");
	json_int_t changes = json_number(response, "changes");
	json_int_t skipped = json_number(response, "skipped");

	if (changes > 0)
		line_write(stdout, "%s to %s: %" PRId64 " of %" PRId64 " %s, commit %.10s",
		           text_of(response, "first"), text_of(response, "last"), (int64_t)changes,
		           (int64_t)addresses, became, text_of(response, "commit"));
	else
		line_write(stdout, "%s to %s: nothing changed", text_of(response, "first"),
		           text_of(response, "last"));
	if (skipped > 0)
		line_write(stdout,
		           "%" PRId64
		           " left alone: no host can have them, or they are this host's own",
		           (int64_t)skipped);
}

/* On a line of its own, and not among what was done. */
static void print_hint(const json_t *response)
{
	const char *hint = json_text(response, "hint");

	if (hint)
		line_write(stderr, "hint: %s", hint);
}

static void print_set(const json_t *response)
{
	const char *address = json_text(response, "address"), *mac = text_of(response, "mac");
	char became[64];

	snprintf(became, sizeof(became), "are at %s (static) now", mac);
	if (!address)
		print_several(response, became);
	else if (json_is_true(json_object_get(response, "changed")))
		line_write(stdout, "%s is at %s (static), commit %.10s", address, mac,
		           text_of(response, "commit"));
	else
		line_write(stdout, "%s is at %s (static) already: nothing changed", address, mac);
	print_hint(response);
}

static void print_unset(const json_t *response)
{
	const char *address = json_text(response, "address");

	if (!address)
		print_several(response, "are forgotten");
	else if (json_is_true(json_object_get(response, "changed")))
		line_write(stdout, "%s is forgotten, commit %.10s", address,
		           text_of(response, "commit"));
	else
		line_write(stdout, "%s is not in the table: nothing changed", address);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	const char *address = settings->argument[0], *mac = settings->argument[1];
	json_t *request;

	if (check(address, mac, arguments->note, fault) < 0)
		return RUN_USAGE;
	request = json_pack("{s:s, s:s}", "command", mac ? "set" : "unset", "address", address);
	give(request, "mac", mac);
	give(request, "segment", arguments->segment);
	give(request, "note", arguments->note);
	give(request, "role", arguments->role);
	give(request, "message", settings->message);
	author_give(request, settings);
	confirm_give(request, settings);
	return ask_and_print(settings, request, mac ? print_set : print_unset, fault);
}

const struct command_spec command_set = {
        .size = sizeof(struct arguments),
        .arguments = "ADDRESS|PREFIX|RANGE MAC",
        .too_few = "give an address and a MAC",
        .doc = set_doc,
        .options = options,
        .run = run,
};

const struct command_spec command_unset = {
        .size = sizeof(struct arguments),
        .arguments = "ADDRESS|PREFIX|RANGE",
        .too_few = "give an address",
        .doc = unset_doc,
        .options = options + 2, /* without --note and --role */
        .run = run,
};

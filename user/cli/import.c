/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper import`: a list of neighbours becomes the table's. Reads and checks all of it before
 * the agent hears of any, and sends it sorted by address, which is how history is quickest.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/places.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "cli/transfer.h"
#include "lists/lists.h"

#define HOSTS_PATH "/etc/hosts"

static const char doc[] =
        "Import a list of neighbours, as one task. FILE is read and checked whole before anything "
        "changes; '-' is standard input. Returns when all of it is in the table and durable in "
        "the history.\v"
        "FORMAT is ip-neigh (text or -j), ethers, arp.dat (arpwatch), arp (-a or -n), proc "
        "(/proc/net/arp), dnsmasq (leases) or json (arpkeeper export, show or at); without "
        "--format it is found by itself. IPv6 and neighbours without an answer are passed over.\n"
        "\n"
        "An import displaces nothing: what is declared elsewhere is reported, and stays; what is "
        "learned stays where it was heard, unless the list declares it.\n"
        "\n"
        "Examples:\n"
        "  ip neigh show dev eth1 | arpkeeper import -\n"
        "  arpkeeper import /etc/ethers -m 'moved in from the gateway'\n"
        "  arpkeeper import /var/lib/arpwatch/arp.dat --dry-run\n";

enum {
	OPTION_FORMAT = 0x2000,
	OPTION_SEGMENT,
	OPTION_STATIC,
	OPTION_DYNAMIC,
	OPTION_NOTE,
	OPTION_SKIP,
	OPTION_FORCE,
	OPTION_HOSTS
};

static const struct argp_option options[] = {
        {"format", OPTION_FORMAT, "FORMAT", 0, "What FILE is; see below", 0},
        {"segment", OPTION_SEGMENT, "NAME", 0, "The segment; only its addresses are right", 0},
        {"static", OPTION_STATIC, NULL, 0, "Declare all of them, whatever FILE says", 0},
        {"dynamic", OPTION_DYNAMIC, NULL, 0, "Take all of them for learned, likewise", 0},
        {"note", OPTION_NOTE, "TEXT", 0, "A note for those that bring none", 0},
        {"message", 'm', "MESSAGE", 0, "The commits' message", 0},
        {"dry-run", 'n', NULL, 0, "Say what would come of it, and change nothing", 0},
        {"skip-invalid", OPTION_SKIP, NULL, 0, "Leave out lines that are wrong", 0},
        {"force", OPTION_FORCE, NULL, 0, "Replace what is declared or learned elsewhere", 0},
        {"hosts", OPTION_HOSTS, "FILE", 0,
         "Where ethers' host names are looked up (default: " HOSTS_PATH ")", 0},
        {0},
};

struct arguments {
	struct settings settings;
	struct list_options list;
	struct transfer transfer;
	const char *path, *segment, *hosts;
	const char *shown; /* the path, for people */
	bool skip;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	struct list_options *list = &arguments->list;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case OPTION_FORMAT:
		list->format = list_format_find(argument);
		if (list->format == LIST_FORMATS)
			argp_error(state,
			           "%s is no format: give ip-neigh, ethers, arp.dat, arp, proc, "
			           "dnsmasq or json",
			           argument);
		return 0;
	case OPTION_SEGMENT:
		arguments->segment = argument;
		return 0;
	case OPTION_STATIC:
	case OPTION_DYNAMIC:
		if (list->with_state)
			argp_error(state, "give one of --static and --dynamic");
		list->with_state = true;
		list->state = key == OPTION_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC;
		return 0;
	case OPTION_NOTE:
		list->note = argument;
		return 0;
	case 'm':
		arguments->transfer.message = argument;
		return 0;
	case 'n':
		arguments->transfer.dry = true;
		return 0;
	case OPTION_SKIP:
		arguments->skip = true;
		return 0;
	case OPTION_FORCE:
		arguments->transfer.force = true;
		return 0;
	case OPTION_HOSTS:
		arguments->hosts = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->path)
			argp_error(state, "one file at a time");
		arguments->path = argument;
		arguments->shown = strcmp(argument, "-") == 0 ? "standard input" : argument;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->path)
			argp_error(state, "name a file, or - for standard input");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int check_texts(const struct arguments *arguments, struct fault *fault)
{
	const char *note = arguments->list.note, *message = arguments->transfer.message;

	if (note && entry_check_text("note", note, fault) < 0)
		return -EINVAL;
	return message ? entry_check_text("message", message, fault) : 0;
}

static int read_hosts(struct hosts *hosts, const struct arguments *arguments, struct fault *fault)
{
	int error = hosts_read(hosts, arguments->hosts ? arguments->hosts : HOSTS_PATH, fault);

	/* Who did not ask for names may have none. */
	return error && error != -ENOMEM && !arguments->hosts ? 0 : error;
}

static void print_problems(const struct list *list, const char *path)
{
	size_t shown = list->problems < LIST_PROBLEMS ? list->problems : LIST_PROBLEMS;

	for (size_t i = 0; i < shown; i++)
		log_error("%s: line %u: %s", path, list->problem[i].line, list->problem[i].text);
	if (list->problems > shown)
		log_error("%s: and %zu more", path, list->problems - shown);
}

/* Whether what is wrong with the list is to stop it. */
static int judge(const struct arguments *arguments, const struct list *list)
{
	if (list->problems == 0)
		return EXIT_OK;
	print_problems(list, arguments->shown);
	if (arguments->skip)
		return EXIT_OK;
	log_error("nothing is imported: mend what is named above, or leave it out with "
	          "--skip-invalid");
	return EXIT_FAILED;
}

static void print_refused(const struct transfer *transfer, const struct list *list,
                          const char *path)
{
	size_t shown =
	        transfer->refused < TRANSFER_REFUSALS ? transfer->refused : TRANSFER_REFUSALS;
	char address[IPV4_TEXT], mac[MAC_TEXT];

	for (size_t i = 0; i < shown; i++) {
		const struct list_item *item = &list->item[transfer->refusal[i].item];

		log_warning("%s: line %u: %s is not taken to %s: %s", path, item->line,
		            ipv4_format(address, item->address), mac_format(mac, item->mac),
		            transfer->refusal[i].why);
	}
	if (transfer->refused > shown)
		log_warning("%s: and %zu more", path, transfer->refused - shown);
}

static json_t *refused_json(const struct transfer *transfer, const struct list *list)
{
	size_t shown =
	        transfer->refused < TRANSFER_REFUSALS ? transfer->refused : TRANSFER_REFUSALS;
	char address[IPV4_TEXT], mac[MAC_TEXT];
	json_t *refused = json_array();

	for (size_t i = 0; i < shown; i++) {
		const struct list_item *item = &list->item[transfer->refusal[i].item];

		json_array_append_new(refused, json_pack("{s:I, s:s, s:s, s:s}", "line",
		                                         (json_int_t)item->line, "address",
		                                         ipv4_format(address, item->address), "mac",
		                                         mac_format(mac, item->mac), "reason",
		                                         transfer->refusal[i].why));
	}
	return refused;
}

static void print_json(const struct arguments *arguments, const struct list *list)
{
	const struct transfer *transfer = &arguments->transfer;
	json_t *object = json_pack(
	        "{s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I}, s:s?}",
	        "file", arguments->path, "format", list_format_name(list->format), "dry-run",
	        transfer->dry, "interrupted", transfer->interrupted, "addresses",
	        (json_int_t)list->count, "changed", (json_int_t)transfer->changed, "unchanged",
	        (json_int_t)transfer->unchanged, "kept", (json_int_t)transfer->kept, "refused",
	        (json_int_t)transfer->refused, "refusals", refused_json(transfer, list), "skipped",
	        "ipv6", (json_int_t)list->ipv6, "unbound", (json_int_t)list->unbound, "invalid",
	        (json_int_t)list->problems, "commit",
	        transfer->commit[0] ? transfer->commit : NULL);

	if (object) {
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
	}
	json_decref(object);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "es";
}

static void print_text(const struct arguments *arguments, const struct list *list)
{
	const struct transfer *transfer = &arguments->transfer;
	size_t done = transfer->changed + transfer->unchanged;
	char first[PROGRESS_COUNT_TEXT], second[PROGRESS_COUNT_TEXT];

	line_write(stdout, "%s%s address%s of %s (%s): %s changed%s%.10s",
	           transfer->dry ? "would import " : "imported ", progress_count(first, done),
	           plural(done), arguments->shown, list_format_name(list->format),
	           progress_count(second, transfer->changed),
	           transfer->commit[0] ? ", commit " : "", transfer->commit);
	if (transfer->kept)
		line_write(stdout, "%s learned elsewhere: the table keeps what it heard",
		           progress_count(first, transfer->kept));
	if (list->ipv6)
		line_write(stdout, "%s of IPv6 passed over", progress_count(first, list->ipv6));
	if (list->unbound)
		line_write(stdout, "%s without a station's answer passed over",
		           progress_count(first, list->unbound));
	if (list->problems)
		line_write(stdout, "%s lines left out", progress_count(first, list->problems));
}

/* What came of it. */
static int report(const struct arguments *arguments, const struct list *list)
{
	const struct transfer *transfer = &arguments->transfer;

	print_refused(transfer, list, arguments->shown);
	if (arguments->settings.json)
		print_json(arguments, list);
	else
		print_text(arguments, list);
	if (transfer->interrupted)
		log_error("interrupted: of %zu addresses %zu were sent, and are in the table; the "
		          "rest is not imported",
		          list->count, transfer->sent);
	if (transfer->refused)
		log_error("%zu of them %s refused: --force replaces what is declared elsewhere",
		          transfer->refused, transfer->dry ? "would be" : "were");
	return transfer->interrupted || transfer->refused ? EXIT_FAILED : EXIT_OK;
}

static int run(struct arguments *arguments, struct list *list, struct fault *fault)
{
	struct transfer *transfer = &arguments->transfer;
	const char *slash = strrchr(arguments->path, '/');
	struct places places = {0};
	int error = transfer_open(transfer, arguments->settings.control, fault);
	int status;

	if (!error)
		error = transfer_prefixes(transfer, &places, arguments->segment, fault);
	if (!error)
		error = list_read(list, arguments->path, &arguments->list, fault);
	if (error)
		goto out;
	list_settle(list);
	places_check(&places, list);
	status = judge(arguments, list);
	if (status != EXIT_OK) {
		places_clear(&places);
		return status;
	}
	transfer->name = strcmp(arguments->path, "-") == 0 ? "stdin"
	                 : slash                           ? slash + 1
	                                                   : arguments->path;
	transfer->segment = arguments->segment;
	error = transfer_run(transfer, list, fault);
out:
	places_clear(&places);
	if (!error)
		return report(arguments, list);
	log_error("%s", fault->text);
	return EXIT_FAILED;
}

int command_import(int argc, char **argv)
{
	const struct argp argp = {options, parse, "FILE", doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {.list.format = LIST_GUESS, .transfer.socket = -1};
	struct fault fault = {""};
	struct hosts hosts = {0};
	struct list list = {0};
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(&arguments.settings);
	if (status == EXIT_OK &&
	    (check_texts(&arguments, &fault) < 0 || read_hosts(&hosts, &arguments, &fault) < 0)) {
		log_error("%s", fault.text);
		status = EXIT_FAILED;
	}
	arguments.list.hosts = &hosts;
	if (status == EXIT_OK)
		status = run(&arguments, &list, &fault);
	transfer_close(&arguments.transfer);
	hosts_clear(&hosts);
	list_clear(&list);
	settings_clear(&arguments.settings);
	return status;
}

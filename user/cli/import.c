/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper import`: puts a list of neighbours into the table. Reads and checks the whole list
 * before it sends any of it. Sends it sorted by address, which history records fastest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/table.h"
#include "cli/transfer.h"
#include "client/client.h"

#define HOSTS_PATH "/etc/hosts"

static const char doc[] =
        "Import a list of neighbours, as one task. The whole FILE is read and checked before "
        "anything changes; '-' is standard input. Returns when all of it is in the table and "
        "durable in the history.\v"
        "FORMAT is ip-neigh (text or -j), ethers, arp.dat (arpwatch), arp (-a or -n), proc "
        "(/proc/net/arp), dnsmasq (leases), show-arp ('show ip arp', 'show arp' and 'show ipv6 "
        "neighbors' of Cisco, Arista and Juniper), dhcpd (leases and hosts of ISC's server), csv "
        "(with a line that names the columns; Kea's leases; NetBox) or json (arpkeeper export, "
        "show or at; ip -j; NetBox). "
        "Without --format it is detected. Neighbours that did not answer, and leases that are "
        "over, are skipped.\n"
        "\n"
        "An import displaces nothing. An address that is declared elsewhere is reported, and "
        "stays. An address that was learned elsewhere stays, unless the list declares it.\n"
        "\n"
        "Examples:\n"
        "  ip neigh show dev eth1 | arpkeeper import -\n"
        "  arpkeeper import /etc/ethers -m 'moved in from the gateway'\n"
        "  arpkeeper import /var/lib/arpwatch/arp.dat --dry-run\n";

struct arguments {
	struct settings settings;
	const char *format, *segment, *note, *hosts;
	bool is_static, is_dynamic, dry, skip, force;
};

static int check_format(const char *text, struct fault *fault)
{
	if (list_format_find(text) != LIST_FORMATS)
		return 0;
	return fault_set(fault, -EINVAL, "'%s' is not a format: give " LIST_FORMAT_NAMES, text);
}

static const struct command_option options[] = {
        {"format", "FORMAT", "What FILE is; see below", STORE(format), .check = check_format},
        {"segment", "NAME", "The segment; only its addresses are accepted", STORE(segment)},
        {"static", NULL, "Declare all of them, whatever FILE says", STORE(is_static)},
        {"dynamic", NULL, "Import all of them as learned, whatever FILE says", STORE(is_dynamic)},
        {"note", "TEXT", "A note for those without one", STORE(note)},
        {"dry-run", NULL, "Print what would happen, and change nothing", STORE(dry), .letter = 'n'},
        {"skip-invalid", NULL, "Leave out invalid lines", STORE(skip)},
        {"force", NULL, "Replace what is declared or learned elsewhere", STORE(force)},
        {"hosts", "FILE",
         "Where to look up host names of ethers and dhcpd (default: " HOSTS_PATH ")", STORE(hosts)},
        {0},
};

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (arguments->is_static && arguments->is_dynamic)
		argp_error(state, "give one of --static and --dynamic");
}

/* An import: its list, and the way to the agent. */
struct import {
	const struct arguments *arguments;
	const char *path, *shown; /* shown: for people */
	struct hosts hosts;
	struct list list;
	struct transfer transfer;
};

static int read_hosts(struct import *import, struct fault *fault)
{
	const char *path = import->arguments->hosts;
	int error = hosts_read(&import->hosts, path ? path : HOSTS_PATH, fault);

	/* The default file may be missing. */
	return error && error != -ENOMEM && !path ? 0 : error;
}

/* Prints the problems of the list. Returns whether they stop the import. */
static int judge(const struct import *import)
{
	const struct list *list = &import->list;
	size_t shown = list->problems < LIST_PROBLEMS ? list->problems : LIST_PROBLEMS;

	for (size_t i = 0; i < shown; i++)
		log_error("%s: line %u: %s", import->shown, list->problem[i].line,
		          list->problem[i].text);
	if (list->problems > shown)
		log_error("%s: and %zu more", import->shown, list->problems - shown);
	if (list->problems == 0 || import->arguments->skip)
		return EXIT_OK;
	log_error("nothing is imported: mend what is named above, or leave it out with "
	          "--skip-invalid");
	return EXIT_FAILED;
}

/* The refusals that were kept: a warning each, or JSON. */
static json_t *list_refused(const struct import *import, bool json)
{
	const struct transfer *transfer = &import->transfer;
	size_t kept = transfer->refused < TRANSFER_REFUSALS ? transfer->refused : TRANSFER_REFUSALS;
	json_t *refused = json ? json_array() : NULL;

	for (size_t i = 0; i < kept; i++) {
		const struct transfer_refusal *refusal = &transfer->refusal[i];
		const struct list_item *item = &import->list.item[refusal->item];
		char address[ADDRESS_TEXT], mac[MAC_TEXT];

		address_format(address, item->address);
		mac_format(mac, item->mac);
		if (json)
			json_array_append_new(refused,
			                      json_pack("{s:I, s:s, s:s, s:s}", "line",
			                                (json_int_t)item->line, "address", address,
			                                "mac", mac, "reason", refusal->why));
		else
			log_warning("%s: line %u: %s is not moved to %s: %s", import->shown,
			            item->line, address, mac, refusal->why);
	}
	if (!json && transfer->refused > kept)
		log_warning("%s: and %zu more", import->shown, transfer->refused - kept);
	return refused;
}

static void print_json(const struct import *import)
{
	const struct transfer *transfer = &import->transfer;
	const struct list *list = &import->list;

	json_print(json_pack(
	        "{s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:{s:I, s:I, s:I}, s:s?}",
	        "file", import->path, "format", list_format_name(list->format), "dry_run",
	        transfer->dry, "interrupted", transfer->interrupted, "addresses",
	        (json_int_t)list->count, "changed", (json_int_t)transfer->changed, "unchanged",
	        (json_int_t)transfer->unchanged, "kept", (json_int_t)transfer->kept, "refused",
	        (json_int_t)transfer->refused, "refusals", list_refused(import, true), "skipped",
	        "ipv6", (json_int_t)transfer->ipv6, "unbound", (json_int_t)list->unbound, "invalid",
	        (json_int_t)list->problems, "commit",
	        transfer->commit[0] ? transfer->commit : NULL));
}

static void print_count(size_t count, const char *what)
{
	char text[PROGRESS_COUNT_TEXT];

	if (count)
		line_write(stdout, "%s %s", progress_count(text, count), what);
}

static void print_text(const struct import *import)
{
	const struct transfer *transfer = &import->transfer;
	const struct list *list = &import->list;
	size_t done = transfer->changed + transfer->unchanged;
	char first[PROGRESS_COUNT_TEXT], second[PROGRESS_COUNT_TEXT];

	line_write(stdout, "%s%s address%s of %s (%s): %s changed%s%.10s",
	           transfer->dry ? "would import " : "imported ", progress_count(first, done),
	           done == 1 ? "" : "es", import->shown, list_format_name(list->format),
	           progress_count(second, transfer->changed),
	           transfer->commit[0] ? ", commit " : "", transfer->commit);
	print_count(transfer->kept, "learned elsewhere: the table keeps what it heard");
	print_count(transfer->ipv6, "of IPv6 skipped: no segment has an IPv6 prefix");
	print_count(list->unbound, "without a station's answer skipped");
	print_count(list->problems, "lines left out");
}

static int report(const struct import *import)
{
	const struct transfer *transfer = &import->transfer;

	list_refused(import, false);
	if (import->arguments->settings.json)
		print_json(import);
	else
		print_text(import);
	if (transfer->interrupted)
		log_error("interrupted: %zu of %zu addresses were sent, and are in the table; "
		          "the rest is not imported",
		          transfer->sent, import->list.count);
	if (transfer->refused)
		log_error("%zu of them %s refused: --force replaces what is declared elsewhere",
		          transfer->refused, transfer->dry ? "would be" : "were");
	return transfer->interrupted || transfer->refused ? EXIT_FAILED : EXIT_OK;
}

/* What the agent would refuse as a whole is reported all the same; the fault is printed after it.
 */
static int conclude(const struct import *import, int status)
{
	int reported = status && !import->transfer.compared ? EXIT_OK : report(import);

	fflush(stdout);
	return status ? status : reported;
}

static int perform_import(struct import *import, struct fault *fault)
{
	const struct arguments *arguments = import->arguments;
	const struct list_options how = {
	        .format = arguments->format ? list_format_find(arguments->format) : LIST_GUESS,
	        .with_state = arguments->is_static || arguments->is_dynamic,
	        .state = arguments->is_static ? ENTRY_STATIC : ENTRY_DYNAMIC,
	        .note = arguments->note,
	        .hosts = &import->hosts,
	};
	int status = read_hosts(import, fault);

	if (!status)
		status = transfer_open(&import->transfer, arguments->settings.control, fault);
	if (!status)
		status = list_read(&import->list, import->path, &how, fault);
	if (!status) {
		list_settle(&import->list);
		transfer_check(&import->transfer, &import->list);
		status = judge(import);
	}
	return status ? status
	              : conclude(import, transfer_run(&import->transfer, &import->list, fault));
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *path = arguments->settings.argument[0], *slash = strrchr(path, '/');
	bool is_input = strcmp(path, "-") == 0;
	struct import import = {
	        .arguments = arguments,
	        .path = path,
	        .shown = is_input ? "standard input" : path,
	        .transfer = {.name = is_input ? "stdin"
	                             : slash  ? slash + 1
	                                      : path,
	                     .message = arguments->settings.message,
	                     .settings = &arguments->settings,
	                     .segment = arguments->segment,
	                     .dry = arguments->dry,
	                     .force = arguments->force},
	};
	int status = arguments->note ? entry_check_text("note", arguments->note, fault) : 0;

	if (status == -EINVAL)
		status = RUN_USAGE;
	if (!status)
		status = perform_import(&import, fault);
	transfer_close(&import.transfer);
	hosts_clear(&import.hosts);
	list_clear(&import.list);
	return status;
}

const struct command_spec command_import = {
        .size = sizeof(struct arguments),
        .arguments = "FILE",
        .too_few = "name a file, or - for standard input",
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};

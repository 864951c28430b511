/* SPDX-License-Identifier: MIT */
/* `arpkeeper export`: the recorded table, as other programs read it. Asks no agent for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/source.h"
#include "reader/reader.h"

static const char doc[] =
        "Print the table as the repository has it, by address, for other programs. Needs no agent "
        "and no root.\v"
        "FORMAT is json (the default: all there is of an entry), ethers (as /etc/ethers) or "
        "ip-neigh (as 'ip neigh' prints them; with --dev, commands for 'ip -batch'). "
        "'arpkeeper import' reads all of them.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper export --format ethers > /etc/ethers\n"
        "  arpkeeper export --format ip-neigh --dev eth1 | ip -batch -\n"
        "  arpkeeper export --repo lan.git --segment lan\n";

enum { OPTION_FORMAT = 0x2000, OPTION_SEGMENT, OPTION_DEV };

static const struct argp_option options[] = {
        {"format", OPTION_FORMAT, "FORMAT", 0, "json, ethers or ip-neigh", 0},
        {"segment", OPTION_SEGMENT, "NAME", 0, "Only this segment", 0},
        {"dev", OPTION_DEV, "IFACE", 0, "Of ip-neigh: commands that set them on IFACE", 0},
        {0},
};

static const struct argp_child children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_repository_argp, 0, NULL, 0},
        {&settings_control_argp, 0, NULL, 0},
        {0},
};

struct output;
typedef void print_entry(struct output *output, const struct reader_entry *found);

static print_entry print_json, print_ethers, print_ip_neigh;

static const struct format {
	const char *name;
	print_entry *print;
} formats[] = {
        {"json", print_json},
        {"ethers", print_ethers},
        {"ip-neigh", print_ip_neigh},
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

struct arguments {
	struct settings settings;
	const struct format *format;
	const char *segment, *dev;
};

struct output {
	const struct format *format;
	const char *dev;
	uint64_t entries, problems;
	struct progress progress;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, children, &arguments->settings);
		return 0;
	case OPTION_FORMAT:
		arguments->format = NULL;
		for (size_t i = 0; i < FORMATS; i++)
			if (strcmp(argument, formats[i].name) == 0)
				arguments->format = &formats[i];
		if (!arguments->format)
			argp_error(state, "%s is no format: give json, ethers or ip-neigh",
			           argument);
		return 0;
	case OPTION_SEGMENT:
		arguments->segment = argument;
		return 0;
	case OPTION_DEV:
		arguments->dev = argument;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "too many arguments: '%s'", argument);
		return 0;
	case ARGP_KEY_END:
		if (arguments->dev && arguments->format->print != print_ip_neigh)
			argp_error(state, "--dev goes with --format ip-neigh");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* An entry's text has no control characters, so that this is all there is to escape. */
static void put_string(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			putchar('\\');
		putchar(text[i]);
	}
	putchar('"');
}

static void put_member(const char *key, const char *text)
{
	printf(", \"%s\": ", key);
	if (text)
		put_string(text, strlen(text));
	else
		fputs("null", stdout);
}

static void put_extra(const char *line)
{
	const char *comma = "";

	fputs(", \"extra\": [", stdout);
	for (size_t length; *line; line += length + 1, comma = ", ") {
		length = strcspn(line, "\n");
		fputs(comma, stdout);
		put_string(line, length);
	}
	putchar(']');
}

static void print_json(struct output *output, const struct reader_entry *found)
{
	const struct entry *entry = found->entry;
	char address[IPV4_TEXT], mac[MAC_TEXT], since[TIME_TEXT];

	printf("%s  {\"segment\": \"%s\", \"address\": \"%s\", \"mac\": \"%s\", \"state\": \"%s\", "
	       "\"since\": \"%s\"",
	       output->entries ? ",\n" : "{\"entries\": [\n", found->segment,
	       ipv4_format(address, found->address), mac_format(mac, entry->mac),
	       entry_state_name(entry->state), time_format(since, entry->since));
	put_member("origin", entry->origin);
	put_member("note", entry->note);
	if (entry->extra)
		put_extra(entry->extra);
	putchar('}');
}

static void print_ethers(struct output *output, const struct reader_entry *found)
{
	char address[IPV4_TEXT], mac[MAC_TEXT];

	(void)output;
	printf("%s %s\n", mac_format(mac, found->entry->mac), ipv4_format(address, found->address));
}

static void print_ip_neigh(struct output *output, const struct reader_entry *found)
{
	bool is_static = found->entry->state == ENTRY_STATIC;
	char address[IPV4_TEXT], mac[MAC_TEXT];

	ipv4_format(address, found->address);
	mac_format(mac, found->entry->mac);
	if (output->dev)
		printf("neigh replace %s lladdr %s nud %s dev %s\n", address, mac,
		       is_static ? "permanent" : "stale", output->dev);
	else
		printf("%s lladdr %s %s\n", address, mac, is_static ? "PERMANENT" : "STALE");
}

static int handle(void *context, const struct reader_entry *found)
{
	struct output *output = context;

	output->format->print(output, found);
	progress_step(&output->progress, ++output->entries);
	return ferror(stdout);
}

static void problem(void *context, const char *path, const char *reason)
{
	struct output *output = context;

	output->problems++;
	log_warning("%s: %s: left out", path, reason);
}

static int export(struct reader *reader, const struct arguments *arguments, struct fault *fault)
{
	struct output output = {.format = arguments->format, .dev = arguments->dev};
	const struct reader_entries wanted = {.segment = arguments->segment,
	                                      .handle = handle,
	                                      .problem = problem,
	                                      .context = &output};
	int error;

	progress_begin(&output.progress, "exporting", 0);
	if (isatty(STDOUT_FILENO))
		progress_end(&output.progress); /* the entries themselves are seen to come */
	error = reader_entries(reader, &wanted, fault);
	progress_end(&output.progress);
	if (error < 0)
		return error;
	if (output.format->print == print_json)
		puts(output.entries ? "\n]}" : "{\"entries\": []}");
	return output.problems ? 1 : 0;
}

int command_export(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, children, NULL, NULL};
	struct arguments arguments = {.format = &formats[0]};
	struct reader *reader = NULL;
	struct fault fault = {""};
	int status, error;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(&arguments.settings);
	if (status == EXIT_OK) {
		error = source_open(&reader, &arguments.settings, &fault);
		if (!error)
			error = export(reader, &arguments, &fault);
		if (error < 0)
			log_error("%s", fault.text);
		status = error ? EXIT_FAILED : EXIT_OK;
	}
	reader_close(reader);
	settings_clear(&arguments.settings);
	return status;
}

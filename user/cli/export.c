/* SPDX-License-Identifier: MIT */
/* `arpkeeper export`: the recorded table, as other programs read it. Reads the repository, and
 * needs no agent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/source.h"
#include "client/client.h"

static const char doc[] =
        "Print the table of the repository, by address, for other programs. Needs no agent and "
        "no root.\v"
        "FORMAT is json (the default: whole entries), csv (with a line that names the columns), "
        "ethers (as /etc/ethers, which has no IPv6) or ip-neigh (as 'ip neigh' prints; with --dev, "
        "commands for 'ip "
        "-batch'). 'arpkeeper import' reads all of them.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper export --format ethers > /etc/ethers\n"
        "  arpkeeper export --format ip-neigh --dev eth1 | ip -batch -\n"
        "  arpkeeper export --repo lan.git --segment lan\n";

struct arguments {
	struct settings settings;
	const char *format, *segment, *dev;
};

enum { JSON, CSV, ETHERS, IP_NEIGH };
static const char *const formats[] = {
        [JSON] = "json", [CSV] = "csv", [ETHERS] = "ethers", [IP_NEIGH] = "ip-neigh", NULL};

static const struct command_option options[] = {
        {"format", "FORMAT", "json, csv, ethers or ip-neigh", STORE(format), .choices = formats},
        {"segment", "NAME", "Only this segment", STORE(segment)},
        {"dev", "IFACE", "Only IFACE's segment; of ip-neigh, commands that set it there",
         STORE(dev)},
        {0},
};

struct output {
	void (*print)(struct output *output, const struct reader_entry *found);
	const char *dev;
	uint64_t entries, problems, ipv6; /* ipv6: not in ethers */
	struct progress progress;
};

/* `before`, and a JSON string or null. An entry has no control characters to escape. */
static void put(const char *before, const char *text, size_t length)
{
	printf(text ? "%s\"" : "%snull", before);
	for (size_t i = 0; text && i < length && text[i]; i++) {
		if (text[i] == '"' || text[i] == '\\')
			putchar('\\');
		putchar(text[i]);
	}
	if (text)
		putchar('"');
}

static void put_extra(const char *line)
{
	const char *before = ", \"extra\": [";

	for (size_t length; *line; line += length + 1, before = ", ") {
		length = strcspn(line, "\n");
		put(before, line, length);
	}
	putchar(']');
}

static void print_json(struct output *output, const struct reader_entry *found)
{
	const struct entry *entry = found->entry;
	char address[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT];

	printf("%s  {\"segment\": \"%s\", \"address\": \"%s\", \"mac\": \"%s\", \"state\": \"%s\", "
	       "\"since\": \"%s\"",
	       output->entries ? ",\n" : "{\"entries\": [\n", found->segment,
	       address_format(address, found->address), mac_format(mac, entry->mac),
	       entry_state_name(entry->state), time_format(since, entry->since));
	put(", \"origin\": ", entry->origin, SIZE_MAX);
	put(", \"note\": ", entry->note, SIZE_MAX);
	if (entry->router)
		put(", \"role\": ", ENTRY_ROLE_ROUTER, SIZE_MAX);
	if (entry->extra && *entry->extra)
		put_extra(entry->extra);
	putchar('}');
}

/* A comma, and a field (RFC 4180). */
static void put_field(const char *text)
{
	putchar(',');
	if (!text)
		return;
	if (!strpbrk(text, ",\"")) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

static void print_csv(struct output *output, const struct reader_entry *found)
{
	const struct entry *entry = found->entry;
	char address[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT];

	(void)output;
	printf("%s,%s,%s,%s,%s", found->segment, address_format(address, found->address),
	       mac_format(mac, entry->mac), entry_state_name(entry->state),
	       time_format(since, entry->since));
	put_field(entry->origin);
	put_field(entry->note);
	put_field(entry->router ? ENTRY_ROLE_ROUTER : NULL);
	putchar('\n');
}

static void print_ethers(struct output *output, const struct reader_entry *found)
{
	char address[ADDRESS_TEXT], mac[MAC_TEXT];

	if (!address_is_v4(found->address)) {
		output->ipv6++;
		return;
	}
	printf("%s %s\n", mac_format(mac, found->entry->mac),
	       address_format(address, found->address));
}

static void print_ip_neigh(struct output *output, const struct reader_entry *found)
{
	const char *router = found->entry->router ? " router" : "";
	bool is_static = found->entry->state == ENTRY_STATIC;
	char address[ADDRESS_TEXT], mac[MAC_TEXT];

	address_format(address, found->address);
	mac_format(mac, found->entry->mac);
	if (output->dev)
		printf("neigh replace %s lladdr %s%s nud %s dev %s\n", address, mac, router,
		       is_static ? "permanent" : "stale", output->dev);
	else
		printf("%s lladdr %s%s %s\n", address, mac, router,
		       is_static ? "PERMANENT" : "STALE");
}

static int handle(void *context, const struct reader_entry *found)
{
	struct output *output = context;

	output->print(output, found);
	progress_step(&output->progress, ++output->entries);
	return ferror(stdout);
}

static void problem(void *context, const char *path, const char *reason)
{
	struct output *output = context;

	output->problems++;
	log_warning("%s: %s: left out", path, reason);
}

/* The configuration's segment that has the interface: the untagged one, or the only one. NULL:
 * none, or several. */
static const char *configured_segment(const struct config *config, const char *dev)
{
	const char *found = NULL;
	unsigned count = 0;

	for (size_t s = 0; s < config->segments; s++) {
		const struct config_segment *segment = &config->segment[s];

		for (size_t i = 0; i < segment->interfaces; i++) {
			if (strcmp(segment->interface[i], dev) != 0)
				continue;
			if (!segment->vlan)
				return segment->name;
			found = segment->name;
			count++;
		}
	}
	return count == 1 ? found : NULL;
}

/* The same, as the running agent has it. */
static const char *agents_segment(const json_t *status, const char *dev)
{
	const char *interface;
	size_t index;
	json_t *port;

	json_array_foreach (json_object_get(status, "ports"), index, port) {
		interface = json_text(port, "interface");
		if (interface && strcmp(interface, dev) == 0)
			return json_array_size(json_object_get(port, "segments")) == 1
			               ? json_text(port, "segment")
			               : NULL;
	}
	return NULL;
}

/* Which segment --dev is about. `status` keeps its name: to be freed. */
static int find_segment(const char **segment, json_t **status, const struct reader *reader,
                        const struct arguments *arguments, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;

	*segment = arguments->segment;
	if (!arguments->dev || *segment)
		return 0;
	*segment = configured_segment(&settings->config, arguments->dev);
	if (!*segment && ask(status, settings, json_pack("{s:s}", "command", "status"), NULL) == 0)
		*segment = agents_segment(*status, arguments->dev);
	return *segment || reader_has_one_segment(reader)
	               ? 0
	               : fault_set(fault, -ENOENT,
	                           "neither the configuration nor an agent says which segment "
	                           "%s is in: name it with --segment",
	                           arguments->dev);
}

static int export(struct reader *reader, const struct arguments *arguments, const char *segment,
                  struct fault *fault)
{
	void (*const prints[])(struct output *,
	                       const struct reader_entry *) = {[JSON] = print_json,
	                                                       [CSV] = print_csv,
	                                                       [ETHERS] = print_ethers,
	                                                       [IP_NEIGH] = print_ip_neigh};
	char list[CHOICES_TEXT];
	int format = arguments->format ? choices_find(arguments->format, formats, list) : JSON;
	struct output output = {.print = prints[format], .dev = arguments->dev};
	const struct reader_entries wanted = {
	        .segment = segment, .handle = handle, .problem = problem, .context = &output};
	int error;

	if (format == CSV)
		puts("segment,address,mac,state,since,origin,note,role");
	progress_begin(&output.progress, "exporting", 0);
	if (isatty(STDOUT_FILENO))
		progress_end(&output.progress); /* the entries themselves show it */
	error = reader_entries(reader, &wanted, fault);
	progress_end(&output.progress);
	if (error < 0)
		return error;
	if (output.ipv6)
		log_warning("ethers has no IPv6 addresses: %llu %s left out; json, csv and "
		            "ip-neigh have them",
		            (unsigned long long)output.ipv6,
		            output.ipv6 == 1 ? "entry is" : "entries are");
	if (format == JSON)
		puts(output.entries ? "\n]}" : "{\"entries\": []}");
	return output.problems ? EXIT_FAILED : EXIT_OK;
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	struct reader *reader = NULL;
	const char *segment;
	json_t *agent = NULL;
	int status = source_open(&reader, &arguments->settings, fault);

	if (status == 0)
		status = find_segment(&segment, &agent, reader, arguments, fault);
	if (status == 0)
		status = export(reader, arguments, segment, fault);
	reader_close(reader);
	json_decref(agent);
	return status;
}

const struct command_spec command_export = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .run = run,
};

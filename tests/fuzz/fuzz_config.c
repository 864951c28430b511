// SPDX-License-Identifier: MIT
/*
 * The configuration file. What is read is within its bounds, and written again with every key it
 * reads as the same. A fault names the file.
 */
#include "fuzz.h"

#include <errno.h>
#include <git2.h>

#include "arpkeeper/port.h"
#include "arpkeeper/slot.h"
#include "config/config.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return git_libgit2_init() < 0;
}

/* A value in quotes. */
static void put(FILE *out, const char *key, const char *value)
{
	fprintf(out, "\t%s = \"", key);
	for (; *value; value++)
		switch (*value) {
		case '\n':
			fputs("\\n", out);
			break;
		case '\t':
			fputs("\\t", out);
			break;
		case '\b':
			fputs("\\b", out);
			break;
		case '"':
		case '\\':
			putc('\\', out);
			/* fall through */
		default:
			putc(*value, out);
		}
	fputs("\"\n", out);
}

static void put_number(FILE *out, const char *key, uint32_t number, const char *unit)
{
	fprintf(out, "\t%s = %u%s\n", key, number, number ? unit : "");
}

static void put_remote(FILE *out, const struct config_remote *remote)
{
	fprintf(out, "[remote \"%s\"]\n", remote->name);
	put(out, "url", remote->url);
	put(out, "fetch", config_fetches[remote->fetch]);
	put(out, "push", config_pushes[remote->push]);
	put_number(out, "poll", remote->poll_ms, "ms");
	put(out, "operators", remote->operators ? "on" : "off");
}

static void put_segment(FILE *out, const struct config_segment *segment)
{
	static const char *const announce[] = {"local", "static", "off"};
	static const char *const kernel[] = {"off", "import", "export", "both"};
	char prefix[PREFIX_TEXT], mac[MAC_TEXT], vlan[VLAN_TEXT];

	fprintf(out, "[segment \"%s\"]\n", segment->name);
	for (size_t i = 0; i < segment->interfaces; i++)
		put(out, "interface", segment->interface[i]);
	for (size_t i = 0; i < segment->prefixes; i++)
		put(out, "prefix", prefix_format(prefix, segment->prefix[i]));
	put(out, "nd", config_nds[segment->nd]);
	put(out, "ra-guard", segment->ra_guard ? "on" : "off");
	if (segment->vlan)
		put(out, "vlan", vlan_format(vlan, segment->vlan));
	if (segment->vlan_protocol)
		put(out, "vlan-protocol", segment->vlan_protocol == 0x88a8 ? "802.1ad" : "802.1q");
	put(out, "vlan-offload", segment->vlan_offload_off ? "off" : "report");
	put(out, "answer", config_answers[segment->answer]);
	put(out, "learn", config_learns[segment->learn]);
	put_number(out, "learn-limit", segment->learn_limit, "");
	put_number(out, "mac-limit", segment->mac_limit, "");
	put_number(out, "timeout", segment->timeout, "s");
	put(out, "announce", announce[segment->announce]);
	put_number(out, "announce-every", segment->announce_every, "s");
	put(out, "reply-source", segment->reply_as_target ? "target" : "own");
	put(out, "enforce", segment->enforce ? "on" : "off");
	put(out, "sponge", segment->sponge ? "on" : "off");
	if (!mac_is_zero(segment->sponge_mac))
		put(out, "sponge-mac", mac_format(mac, segment->sponge_mac));
	put_number(out, "sponge-rate", segment->sponge_rate, "");
	put(out, "local", segment->local_offload ? "offload" : "stack");
	put(out, "kernel", kernel[segment->kernel]);
	put(out, "share", config_shares[segment->share]);
}

static void write_config(FILE *out, const struct config *config)
{
	fputs("[history]\n", out);
	put(out, "path", config->history_path);
	put_number(out, "interval", config->interval_ms, "ms");
	put_number(out, "backlog", config->backlog, "");
	if (config->guard == GUARD_AUTO)
		put(out, "guard", "auto");
	else
		put_number(out, "guard", config->guard, "");
	if (config->keep)
		put_number(out, "keep", config->keep, "s");
	if (config->archive)
		put(out, "archive", config->archive);
	fputs("[agent]\n", out);
	put(out, "instance", config->instance);
	put(out, "control", config->control);
	if (config->operators)
		put(out, "operators", config->operators);
	if (config->recorder_user)
		put(out, "recorder-user", config->recorder_user);
	if (config->alert_command)
		put(out, "alert-command", config->alert_command);
	put_number(out, "silence", config->silence, "s");
	put(out, "mode", config_modes[config->mode]);
	put_number(out, "neighbours6", config->neighbours6, "");
	if (config->fleet) {
		fputs("[fleet]\n", out);
		put(out, "node", config->fleet);
	}
	for (size_t i = 0; i < config->remotes; i++)
		put_remote(out, &config->remote[i]);
	for (size_t s = 0; s < config->segments; s++)
		put_segment(out, &config->segment[s]);
}

/* As text, every member of both structs counts. */
static char *text_of(const struct config *config)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	MUST(out);
	write_config(out, config);
	MUST(fclose(out) == 0);
	return text;
}

static void check_bounds(const struct config *config)
{
	struct fault fault = {""};

	MUST(config_check(config, &fault) == 0);
	MUST(config->interval_ms >= 1 && config->interval_ms <= 60000);
	MUST(config->history_path[0] == '/' || !strcmp(config->history_path, CONFIG_MEMORY));
	MUST(config->control[0] == '/' && config->instance[0]);
	MUST(config->backlog >= 1000 && config->backlog <= 10000000);
	MUST(config->guard == GUARD_AUTO || config->guard <= GUARD_MOST);
	MUST(!config->fleet || node_name_is_valid(config->fleet));
	for (size_t i = 0; i < config->remotes; i++) {
		const struct config_remote *remote = &config->remote[i];

		MUST(config->fleet && node_name_is_valid(remote->name));
		MUST(remote->url && remoteurl_check(remote->url, &fault) == 0);
		MUST(remote->poll_ms >= 100 && remote->poll_ms <= 3600000);
	}
	for (size_t s = 0; s < config->segments; s++) {
		const struct config_segment *segment = &config->segment[s];
		size_t ipv6 = 0;

		MUST(segment_name_is_valid(segment->name));
		MUST(config_find_segment(config, segment->name) == (int)s);
		MUST((segment->vlan & 0xffff) <= 4094 && segment->vlan >> 16 <= 4094);
		MUST(segment->timeout >= 1 && segment->learn_limit <= SLOT_MAX);
		MUST(segment->sponge_rate >= 1 && segment->sponge_rate <= 60000);
		for (size_t i = 0; i < segment->prefixes; i++)
			ipv6 += !prefix_is_v4(segment->prefix[i]);
		MUST(segment->interfaces == 0 ||
		     (segment->prefixes - ipv6 <= PORT_PREFIXES_MAX && ipv6 <= PORT_PREFIXES_MAX));
	}
}

static void check_again(const struct config *config)
{
	char *text = text_of(config), *other;
	struct fault fault = {""};
	struct memory_file file;
	struct config again;

	memory_file(&file, text, strlen(text));
	MUST(config_init(&again) == 0);
	if (config_read(&again, file.path, NULL, &fault)) {
		fprintf(stderr, "%s\n%s", fault.text, text);
		MUST(!"what was written can be read");
	}
	other = text_of(&again);
	MUST(strcmp(text, other) == 0);
	config_clear(&again);
	close(file.descriptor);
	free(other);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = {""};
	struct memory_file file;
	struct config config;
	int error;

	memory_file(&file, data, size);
	MUST(config_init(&config) == 0);
	error = config_read(&config, file.path, NULL, &fault);
	if (error) {
		MUST(error == -EINVAL || error == -EEXIST || error == -E2BIG);
		MUST(strncmp(fault.text, file.path, strlen(file.path)) == 0);
	} else {
		check_bounds(&config);
		check_again(&config);
	}
	config_clear(&config);
	close(file.descriptor);
	return 0;
}

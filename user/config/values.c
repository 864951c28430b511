/* SPDX-License-Identifier: MIT */
/*
 * The life of a configuration: its defaults, its segments, its end; and what can be checked only
 * once all of it is there. It does not know where the values come from: a file or the command line.
 */
#include "config/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "arpkeeper/port.h"
#include "config/remote.h"

#define DEFAULT_PATH        "/var/lib/arpkeeper/history.git"
#define DEFAULT_CONTROL     "/run/arpkeeper/control.sock"
#define DEFAULT_INSTANCE    "default"
#define DEFAULT_INTERVAL_MS 200
#define DEFAULT_BACKLOG     131072
#define DEFAULT_SILENCE     60
#define DEFAULT_NEIGHBOURS6 65536
#define DEFAULT_TIMEOUT     (5 * 60)
#define DEFAULT_HOLD        30 /* RFC 9161 3.7: how long a Confirm message may take */
#define DEFAULT_RECLAIM     (10 * 60)
#define DEFAULT_MOVES       5 /* RFC 9161 3.7, RFC 7432 15.1: N, M and the hold-down timer */
#define DEFAULT_MOVES_TIME  180
#define DEFAULT_MOVES_HOLD  540
#define DEFAULT_MAC_LIMIT   64
#define DEFAULT_LEARN_RATE  10
#define DEFAULT_SPONGE_RATE 50 /* a minute, as the ARP sponge has it */
#define INSTANCE_MAX        63
#define INTERFACE_MAX       15 /* IFNAMSIZ, less the NUL */

int config_init(struct config *config)
{
	*config = (struct config){
	        .history_path = strdup(DEFAULT_PATH),
	        .interval_ms = DEFAULT_INTERVAL_MS,
	        .backlog = DEFAULT_BACKLOG,
	        .guard = GUARD_AUTO,
	        .instance = strdup(DEFAULT_INSTANCE),
	        .control = strdup(DEFAULT_CONTROL),
	        .silence = DEFAULT_SILENCE,
	        .mode = MODE_AUTO,
	        .neighbours6 = DEFAULT_NEIGHBOURS6,
	};
	if (config->history_path && config->instance && config->control)
		return 0;
	config_clear(config);
	return -ENOMEM;
}

int config_check_instance(const char *name, struct fault *fault)
{
	size_t length = strlen(name);
	bool fine = length && length <= INSTANCE_MAX;

	for (size_t i = 0; i < length; i++)
		fine = fine && (isalnum((unsigned char)name[i]) || strchr("-_", name[i]));
	return fine ? 0
	            : fault_set(fault, -EINVAL,
	                        "instance = '%.80s' is not a name of letters, digits, '-' and '_', "
	                        "at most %d",
	                        name, INSTANCE_MAX);
}

int config_check_segment(const char *name, struct fault *fault)
{
	return segment_name_is_valid(name)
	               ? 0
	               : fault_set(fault, -EINVAL,
	                           "segment '%.80s': a name is letters, digits, '-', '_' and '.', "
	                           "at most %d, begins with a letter or digit, does not end in "
	                           ".lock and is not README.md, a file that the agent writes",
	                           name, SEGMENT_NAME_MAX);
}

struct config_segment *config_add_segment(struct config *config, const char *name,
                                          struct fault *fault)
{
	struct config_segment *segment;

	if (config_check_segment(name, fault) < 0)
		return NULL;
	if (config_find_segment(config, name) >= 0) {
		fault_set(fault, -EEXIST, "segment '%s' is there already", name);
		return NULL;
	}
	if (array_reserve(&config->segment, &config->segment_room, config->segments + 1)) {
		fault_set(fault, -ENOMEM, "segment '%s': out of memory", name);
		return NULL;
	}
	segment = &config->segment[config->segments++];
	*segment = (struct config_segment){
	        .answer = ANSWER_KNOWN,
	        .learn = LEARN_VERIFIED,
	        .mac_limit = DEFAULT_MAC_LIMIT,
	        .learn_rate = DEFAULT_LEARN_RATE,
	        .sponge_rate = DEFAULT_SPONGE_RATE,
	        .timeout = DEFAULT_TIMEOUT,
	        .hold = DEFAULT_HOLD,
	        .reclaim = DEFAULT_RECLAIM,
	        .duplicate_moves = DEFAULT_MOVES,
	        .duplicate_time = DEFAULT_MOVES_TIME,
	        .duplicate_hold = DEFAULT_MOVES_HOLD,
	        .announce = ANNOUNCE_LOCAL,
	};
	memcpy(segment->name, name, strlen(name) + 1); /* a valid name fits */
	return segment;
}

/* What the kernel's dev_valid_name() accepts, without control characters. */
static bool is_interface_name(const char *name)
{
	size_t length = strlen(name);

	if (!length || length > INTERFACE_MAX || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == '/' || *name == ':' || *name == 0x7f)
			return false;
	return true;
}

int config_segment_add_interface(struct config_segment *segment, const char *name,
                                 struct fault *fault)
{
	if (!is_interface_name(name))
		return fault_set(fault, -EINVAL,
		                 "'%.40s' is not the name of an interface: 1 to %d characters, no "
		                 "spaces, '/' or ':'",
		                 name, INTERFACE_MAX);
	if (array_reserve(&segment->interface, &segment->interface_room, segment->interfaces + 1) ||
	    !(segment->interface[segment->interfaces] = strdup(name)))
		return fault_set(fault, -ENOMEM, "interface %s: out of memory", name);
	segment->interfaces++;
	return 0;
}

int config_segment_add_prefix(struct config_segment *segment, struct prefix prefix)
{
	if (array_reserve(&segment->prefix, &segment->prefix_room, segment->prefixes + 1))
		return -ENOMEM;
	segment->prefix[segment->prefixes++] = prefix;
	return 0;
}

bool config_segment_has_nd(const struct config_segment *segment)
{
	for (size_t i = 0; i < segment->prefixes && segment->nd == ND_AUTO; i++)
		if (!prefix_is_v4(segment->prefix[i]))
			return true;
	return segment->nd == ND_ON;
}

int config_find_segment(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->segments; i++)
		if (!strcmp(config->segment[i].name, name))
			return (int)i;
	return -1;
}

static int copy_text(char **copy, const char *text)
{
	*copy = text ? strdup(text) : NULL;
	return text && !*copy ? -ENOMEM : 0;
}

static int copy_segment(struct config_segment *copy, const struct config_segment *segment)
{
	*copy = *segment;
	copy->interface = NULL;
	copy->prefix = NULL;
	copy->interfaces = copy->interface_room = copy->prefixes = copy->prefix_room = 0;
	for (size_t i = 0; i < segment->interfaces; i++)
		if (config_segment_add_interface(copy, segment->interface[i], NULL))
			return -ENOMEM;
	for (size_t i = 0; i < segment->prefixes; i++)
		if (config_segment_add_prefix(copy, segment->prefix[i]))
			return -ENOMEM;
	return 0;
}

int config_copy(struct config *copy, const struct config *config)
{
	int error;

	*copy = *config;
	copy->history_path = copy->instance = copy->control = NULL;
	copy->operators = copy->recorder_user = copy->node = copy->alert_command = NULL;
	copy->archive = copy->fleet = copy->web = NULL;
	error = config_copy_remotes(copy, config);
	copy->segments = copy->segment_room = 0;
	copy->segment = calloc(config->segments + 1, sizeof(*copy->segment));
	if (error || !copy->segment || copy_text(&copy->history_path, config->history_path) ||
	    copy_text(&copy->archive, config->archive) ||
	    copy_text(&copy->instance, config->instance) ||
	    copy_text(&copy->control, config->control) ||
	    copy_text(&copy->operators, config->operators) ||
	    copy_text(&copy->recorder_user, config->recorder_user) ||
	    copy_text(&copy->node, config->node) || copy_text(&copy->fleet, config->fleet) ||
	    copy_text(&copy->web, config->web) ||
	    copy_text(&copy->alert_command, config->alert_command))
		error = -ENOMEM;
	copy->segment_room = copy->segment ? config->segments + 1 : 0;
	while (!error && copy->segments < config->segments) {
		error = copy_segment(&copy->segment[copy->segments],
		                     &config->segment[copy->segments]);
		copy->segments++; /* also when it is half copied: it is cleared */
	}
	if (error)
		config_clear(copy);
	return error;
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < config->segments; i++) {
		struct config_segment *segment = &config->segment[i];

		for (size_t j = 0; j < segment->interfaces; j++)
			free(segment->interface[j]);
		free(segment->interface);
		free(segment->prefix);
	}
	config_clear_remotes(config);
	free(config->segment);
	free(config->fleet);
	free(config->web);
	free(config->history_path);
	free(config->archive);
	free(config->instance);
	free(config->node);
	free(config->control);
	free(config->operators);
	free(config->recorder_user);
	free(config->alert_command);
	*config = (struct config){0};
}

int config_check_prefixes(const struct config *config, struct fault *fault)
{
	struct layout layout = {0};
	struct fault reason;
	int error = 0;

	for (size_t i = 0; i < config->segments && !error; i++) {
		const struct config_segment *segment = &config->segment[i];

		for (size_t j = 0; j < segment->prefixes && !error; j++)
			error = layout_add(&layout, (unsigned)i, segment->prefix[j], &reason);
		if (error)
			fault_set(fault, error, "segment '%s': %s", segment->name, reason.text);
	}
	if (!error)
		error = layout_add_sparse(&layout, config->neighbours6, fault);
	layout_clear(&layout);
	return error;
}

int config_check_guards(const struct config *config, size_t *culprit, struct fault *fault)
{
	for (size_t i = 0; i < config->segments; i++) {
		const struct config_segment *segment = &config->segment[i];

		if (!segment->ra_guard || config_segment_has_nd(segment))
			continue;
		*culprit = i;
		return fault_set(fault, -EINVAL,
		                 "segment '%s': ra-guard needs neighbour discovery: %s",
		                 segment->name,
		                 segment->nd == ND_OFF ? "remove 'nd = off'"
		                                       : "add an IPv6 prefix, or 'nd = on'");
	}
	return 0;
}

/* Adds those that the program must know of a segment, by family. With IPv6 each has its link-local
 * one, too. */
static void count_prefixes(size_t count[2], const struct config_segment *segment)
{
	bool link_local = config_segment_has_nd(segment);

	for (size_t i = 0; i < segment->prefixes; i++) {
		const bool v4 = prefix_is_v4(segment->prefix[i]);

		count[!v4]++;
		link_local = link_local && !prefix_overlaps(segment->prefix[i], prefix_link_local);
	}
	count[1] += link_local;
}

/* Looks for an earlier use of the interface and VLAN, and counts the interface's prefixes. */
static int check_port(const struct config *config, const struct config_port *port,
                      struct fault *fault)
{
	const struct config_segment *segment = &config->segment[port->segment];
	const char *name = segment->interface[port->interface];
	size_t prefixes[2] = {0};

	count_prefixes(prefixes, segment);
	for (size_t i = 0; i <= port->segment; i++) {
		const struct config_segment *other = &config->segment[i];
		size_t end = i == port->segment ? port->interface : other->interfaces;

		for (size_t j = 0; j < end; j++) {
			if (strcmp(other->interface[j], name) != 0)
				continue;
			if (i == port->segment)
				return fault_set(fault, -EEXIST,
				                 "segment '%s': interface %s is listed twice",
				                 segment->name, name);
			if (other->vlan == segment->vlan)
				return fault_set(
				        fault, -EEXIST,
				        "segment '%s': interface %s %s belongs to segment '%s' "
				        "already; give one of them another vlan",
				        segment->name, name,
				        segment->vlan ? "with this vlan" : "without a vlan",
				        other->name);
			count_prefixes(prefixes, other);
		}
	}
	for (int family = 0; family < 2; family++)
		if (prefixes[family] > PORT_PREFIXES_MAX)
			return fault_set(fault, -E2BIG,
			                 "segment '%s': interface %s has %zu %s prefixes in all%s; "
			                 "at most %d are possible",
			                 segment->name, name, prefixes[family],
			                 family ? "IPv6" : "IPv4",
			                 family ? ", fe80::/64 of each segment included" : "",
			                 PORT_PREFIXES_MAX);
	return 0;
}

int config_check_ports(const struct config *config, struct config_port *culprit,
                       struct fault *fault)
{
	struct config_port port;

	for (port.segment = 0; port.segment < config->segments; port.segment++)
		for (port.interface = 0; port.interface < config->segment[port.segment].interfaces;
		     port.interface++) {
			int error = check_port(config, &port, fault);

			if (error) {
				*culprit = port;
				return error;
			}
		}
	return 0;
}

int config_check(const struct config *config, struct fault *fault)
{
	struct config_port culprit;
	char section[CONFIG_SECTION];
	size_t segment;
	int error = config_check_prefixes(config, fault);

	if (!error)
		error = config_check_guards(config, &segment, fault);
	if (!error)
		error = config_check_ports(config, &culprit, fault);
	return error ? error : config_check_fleet(config, section, fault);
}

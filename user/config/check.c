/* SPDX-License-Identifier: MIT */
/* Checks the whole configuration: prefixes that overlap, and interfaces used twice. */
#include "config/check.h"

#include <errno.h>
#include <string.h>

#include "arpkeeper/port.h"

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
	layout_clear(&layout);
	return error;
}

/* Looks for an earlier use of the interface and VLAN, and counts the interface's prefixes. */
static int check_port(const struct config *config, const struct config_port *port,
                      struct fault *fault)
{
	const struct config_segment *segment = &config->segment[port->segment];
	const char *name = segment->interface[port->interface];
	size_t prefixes = segment->prefixes;

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
			prefixes += other->prefixes;
		}
	}
	if (prefixes > PORT_PREFIXES_MAX)
		return fault_set(fault, -E2BIG,
		                 "segment '%s': interface %s has %zu prefixes in all; at most %d "
		                 "are possible",
		                 segment->name, name, prefixes, PORT_PREFIXES_MAX);
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
	int error = config_check_prefixes(config, fault);

	return error ? error : config_check_ports(config, &culprit, fault);
}

/* SPDX-License-Identifier: MIT */
/* Frames of MLD, as a host sends them. It knows no time. */
#include "ports/reports.h"

#include "ports/groups.h"
#include "ports/send.h"

void reports_begin(struct reports *reports, const struct agent_port *port, unsigned segment,
                   bool version1)
{
	const struct port_segment *here = port_segment_of(port, segment);

	reports->port = port;
	reports->version1 = version1;
	reports->frames = 0;
	reports->report.records = 0;
	reports->report.mtu = port->mtu;
	reports->report.from = ports_link_local(port, here->vlan);
	reports->report.ethernet = (struct ethernet){
	        .source = port->mac,
	        .vlan = here->vlan,
	        .protocol = port->ports->config->segment[segment].vlan_protocol,
	};
}

static void put(struct reports *reports, size_t length)
{
	if (!length)
		return;
	ports_send(reports->port, reports->report.frame, length);
	reports->frames++;
}

void reports_put(struct reports *reports, enum mld_record type, uint32_t suffix)
{
	const struct address group = group_address(suffix);

	if (reports->version1) {
		put(reports, mld1_build(&reports->report, type != MLD_TO_INCLUDE, group));
		return;
	}
	mld_add(&reports->report, type, group);
	if (mld_is_full(&reports->report))
		put(reports, mld_finish(&reports->report));
}

void reports_end(struct reports *reports)
{
	put(reports, mld_finish(&reports->report));
}

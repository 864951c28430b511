/* SPDX-License-Identifier: MIT */
/*
 * From the XDP program's events to the neighbour rules. An event is a hint that may be old:
 * one whose slot does not belong to its address (the table was laid out anew) is dropped.
 */
#include <arpa/inet.h>
#include <string.h>

#include "agent/internal.h"
#include "arpkeeper/frame.h"

static void alert(struct agent *agent, enum alert_kind kind, unsigned segment,
                  const struct event *event, struct mac other, const char *interface)
{
	struct neighbour_alert told = {
	        .kind = kind,
	        .segment = segment,
	        .address = ntohl(event->address),
	        .other = other,
	        .interface = interface,
	};

	memcpy(told.mac.octet, event->mac, sizeof(told.mac.octet));
	record_ops.alert(agent, &told);
}

void events_handle(void *context, const struct event *event)
{
	struct agent *agent = context;
	struct neighbour_clock clock = agent_clock();
	const struct agent_port *port = ports_find(&agent->ports, event->ifindex);
	const struct layout_range *range = layout_range_of(&agent->layout, event->slot);
	const char *interface = port ? port->name : NULL;
	struct neighbour_view view = {0};
	struct mac source;

	if (!range || range->prefix.network + (event->slot - range->base) != ntohl(event->address))
		return;
	memcpy(source.octet, event->source, sizeof(source.octet));

	switch ((enum event_kind)event->kind) {
	case EVENT_MISS:
		neighbour_asked(agent->neighbour, event->slot, &clock);
		break;
	case EVENT_HEARD: {
		struct neighbour_heard heard = {
		        .slot = event->slot,
		        .reply = event->opcode == ARP_OP_REPLY,
		        .gratuitous = event->address == event->peer,
		        .interface = interface,
		};

		memcpy(heard.mac.octet, event->mac, sizeof(heard.mac.octet));
		neighbour_heard(agent->neighbour, &heard, &clock);
		break;
	}
	case EVENT_SPOOF:
		neighbour_view(agent->neighbour, range->segment, ntohl(event->address), &view);
		alert(agent, ALERT_SPOOF, range->segment, event, view.mac, interface);
		break;
	case EVENT_MISMATCH:
		alert(agent, ALERT_MISMATCH, range->segment, event, source, interface);
		break;
	case EVENT_BAD_SENDER:
		alert(agent, ALERT_BROADCAST_SOURCE, range->segment, event, source, interface);
		break;
	case EVENT_BOGON:
	case EVENT_SPONGED:
	case EVENT_LOCAL:
		break;
	}
}

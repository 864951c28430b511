/* SPDX-License-Identifier: MIT */
/* Finds the segment of each event, and what it means. */
#include "agent/events.h"

#include <arpa/inet.h>
#include <string.h>

#include "agent/alerts.h"
#include "agent/clock.h"
#include "agent/kernel.h"
#include "arpkeeper/frame.h"

static struct mac mac_of(const __u8 octet[ETH_ALEN])
{
	struct mac mac;

	memcpy(mac.octet, octet, sizeof(mac.octet));
	return mac;
}

static void alert(struct agent *agent, enum alert_kind kind, unsigned segment,
                  const struct event *event, struct mac other, const char *interface)
{
	const struct neighbour_alert told = {
	        .kind = kind,
	        .segment = segment,
	        .address = ntohl(event->address),
	        .mac = mac_of(event->mac),
	        .other = other,
	        .interface = interface,
	};

	alerts_raise(agent, &told);
}

static void heard(struct agent *agent, const struct event *event, const char *interface,
                  const struct neighbour_clock *clock)
{
	const struct neighbour_heard heard = {
	        .slot = event->slot,
	        .mac = mac_of(event->mac),
	        .reply = event->opcode == ARP_OP_REPLY,
	        .answer = event->opcode == ARP_OP_REPLY && event->flags & EVENT_TO_US,
	        .gratuitous = event->address == event->peer,
	        .interface = interface,
	};

	neighbour_heard(agent->neighbour, &heard, clock);
}

/* The segment of an event: by its slot, or, when its address is in no prefix, by port and VLAN.
 * False: none, or the event is older than the table's layout. */
static bool segment_of(unsigned *segment, const struct event *event,
                       const struct layout_range *range, const struct agent_port *port)
{
	if (range) {
		*segment = range->segment;
		return layout_address(range, event->slot) == ntohl(event->address);
	}
	for (size_t s = 0; event->slot == EVENT_NO_SLOT && port && s < port->segments; s++) {
		*segment = port->segment[s].segment;
		if (port->segment[s].vlan == event->vlan)
			return true;
	}
	return false;
}

void events_handle(void *context, const struct event *event)
{
	struct agent *agent = context;
	struct neighbour_clock clock = clock_now();
	const struct agent_port *port = ports_find(&agent->ports, event->ifindex);
	const struct layout_range *range = layout_range_of(&agent->layout, event->slot);
	const char *interface = port ? port->name : NULL;
	const struct mac source = mac_of(event->source), none = {0};
	struct neighbour_view view = {0};
	unsigned segment;

	if (!segment_of(&segment, event, range, port))
		return;
	switch ((enum event_kind)event->kind) {
	case EVENT_MISS:
		neighbour_asked(agent->neighbour, event->slot, &clock);
		break;
	case EVENT_HEARD:
		/* RFC 1122 3.2.1.3: no host may speak from the network's or broadcast address. */
		if (range && prefix_is_host(range->prefix, ntohl(event->address)))
			heard(agent, event, interface, &clock);
		else
			alert(agent, ALERT_BROADCAST_SOURCE, segment, event, none, interface);
		break;
	case EVENT_SPOOF:
		neighbour_view(agent->neighbour, segment, ntohl(event->address), &view);
		alert(agent, ALERT_SPOOF, segment, event, view.mac, interface);
		break;
	case EVENT_MISMATCH:
		alert(agent, ALERT_MISMATCH, segment, event, source, interface);
		break;
	case EVENT_BAD_SENDER:
		alert(agent, ALERT_BROADCAST_SOURCE, segment, event, source, interface);
		break;
	case EVENT_BOGON:
		alert(agent, ALERT_BOGON, segment, event, none, interface);
		break;
	case EVENT_SPONGED:
		neighbour_sponged(agent->neighbour, event->slot, ntohl(event->peer),
		                  mac_of(event->mac), &clock);
		break;
	case EVENT_LOCAL:
		kernel_asked(agent->kernel, segment, event->ifindex, ntohl(event->peer),
		             mac_of(event->mac));
		break;
	}
}

/* SPDX-License-Identifier: MIT */
/* Decides nothing but what the policy on announcing says. */
#include "agent/events.h"

#include <string.h>

#include "agent/alerts.h"
#include "agent/clock.h"
#include "agent/correct.h"
#include "agent/kernel.h"
#include "agent/place.h"
#include "agent/publish.h"
#include "arpkeeper/frame.h"

#define VIEWS_AT_ONCE 4096 /* a fraction of a millisecond */
/* Others who heard the contradiction may speak at once: a defence waits this long. */
#define DEFENCE_DELAY_MS 200

/* From the XDP program. */

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
	        .address = address_load(event->address),
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
	        .gratuitous = memcmp(event->address, event->peer, sizeof(event->peer)) == 0,
	        .interface = interface,
	};

	neighbour_heard(agent->neighbour, &heard, clock);
}

/* The segment of an event: by its slot, or, when its address is in no prefix, by port and VLAN.
 * False: none. */
static bool segment_of(unsigned *segment, const struct event *event,
                       const struct layout_range *range, const struct agent_port *port)
{
	if (range) {
		*segment = range->segment;
		return true;
	}
	for (size_t s = 0; event->slot == EVENT_NO_SLOT && port && s < port->segments; s++) {
		*segment = port->segment[s].segment;
		if (port->segment[s].vlan == event->vlan)
			return true;
	}
	return false;
}

/* The slot of an event's address. The event may be older than the table's layout, if the
 * configuration has changed. False: the address is in no prefix any more. */
static bool slot_of(uint32_t *slot, const struct agent *agent, const struct event *event,
                    const struct agent_port *port)
{
	const struct layout_range *range = layout_range_of(&agent->layout, event->slot);
	struct address address = address_load(event->address);

	*slot = event->slot;
	if (*slot == EVENT_NO_SLOT ||
	    (range && address_equal(layout_address(range, *slot), address)))
		return true;
	for (size_t s = 0; port && s < port->segments; s++) {
		int64_t found = layout_slot(&agent->layout, port->segment[s].segment, address);

		*slot = (uint32_t)found;
		if (found >= 0 && port->segment[s].vlan == event->vlan)
			return true;
	}
	return false;
}

static void handle(struct agent *agent, const struct event *event, const struct agent_port *port)
{
	struct neighbour_clock clock = clock_now();
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
		if (range && prefix_is_host(range->prefix, address_load(event->address)))
			heard(agent, event, interface, &clock);
		else
			alert(agent, ALERT_BROADCAST_SOURCE, segment, event, none, interface);
		break;
	case EVENT_SPOOF:
		neighbour_view(agent->neighbour, segment, address_load(event->address), &view);
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
		neighbour_sponged(agent->neighbour, event->slot, address_load(event->peer),
		                  mac_of(event->mac), &clock);
		break;
	case EVENT_LOCAL:
		kernel_asked(agent->kernel, segment, event->ifindex, address_load(event->peer),
		             mac_of(event->mac));
		break;
	case EVENT_ROGUE_ROUTER: /* no port is told to look */
		break;
	}
}

void events_handle(void *context, const struct event *event)
{
	struct agent *agent = context;
	const struct agent_port *port = ports_find(agent->ports, event->ifindex);
	struct event placed = *event;
	uint32_t slot;

	if (!slot_of(&slot, agent, event, port))
		return;
	placed.slot = slot;
	handle(agent, &placed, port);
}

/* To the announcer. */

static bool is_announced(const struct agent *agent, unsigned segment, enum slot_state state)
{
	enum config_announce announce = agent->config.segment[segment].announce;

	return (state == SLOT_LOCAL && announce != ANNOUNCE_OFF) ||
	       (state == SLOT_STATIC && announce == ANNOUNCE_STATIC);
}

static bool on_holds(void *context, unsigned segment, struct address address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;

	if (!neighbour_view(agent->neighbour, segment, address, &view) ||
	    !is_announced(agent, segment, view.state))
		return false;
	*owner = view.mac;
	return true;
}

static enum announce_next on_next(void *context, unsigned segment, uint32_t *cursor,
                                  struct address *address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;
	uint32_t first, last;

	if (agent->config.segment[segment].announce == ANNOUNCE_OFF)
		return ANNOUNCE_END;
	place_slots(&first, &last, &agent->layout, (int)segment, place_anywhere);
	if (*cursor < first)
		*cursor = first;
	for (unsigned i = 0; i < VIEWS_AT_ONCE; i++) {
		if (!neighbour_next(agent->neighbour, cursor, last, &view))
			return ANNOUNCE_END;
		if (view.segment != segment || !is_announced(agent, segment, view.state))
			continue;
		*address = view.address;
		*owner = view.mac;
		return ANNOUNCE_FOUND;
	}
	return ANNOUNCE_LATER;
}

const struct announce_ops events_announced = {on_holds, on_next};

/* From the table. */

void events_changed(struct agent *agent, const struct neighbour_change *change)
{
	kernel_changed(agent->kernel, change->segment, change->address);
	publish_change(agent, change);
}

static void on_changed(void *context, const struct neighbour_change *change)
{
	struct agent *agent = context;
	/* A change by an outsider is found on the way, and is not the operator's. */
	const struct operator_context *by =
	        agent->by && agent->by->kind == change->kind ? agent->by : NULL;
	struct task_context told = {
	        .segment = agent->config.segment[change->segment].name,
	        .interface = change->interface,
	        .trigger = by && by->trigger ? by->trigger : change->trigger,
	        .author = by ? by->author : NULL,
	        .message = by ? by->message : NULL,
	};
	uint64_t task = by && by->task ? by->task : change->task;
	struct entry *after = entry_copy(change->after);
	int error;

	if (task)
		error = ledger_task_change(agent->ledger, task, by && by->said ? NULL : &told,
		                           change->segment, change->address, after);
	else
		error = ledger_record(agent->ledger, task_kind_name(change->kind), &told,
		                      change->segment, change->address, after, by ? by->done : NULL,
		                      by ? by->argument : NULL);
	if (error)
		log_error("a change could not be handed to history: %s", strerror(-error));
	events_changed(agent, change);
}

static uint64_t on_task_begin(void *context, enum task_kind kind, unsigned segment,
                              struct address address)
{
	struct agent *agent = context;

	(void)segment;
	(void)address;
	return ledger_begin(agent->ledger, task_kind_name(kind));
}

static void on_task_end(void *context, uint64_t task)
{
	struct agent *agent = context;

	ledger_end(agent->ledger, task, NULL, NULL);
}

static void on_ask(void *context, unsigned segment, struct address address, const struct mac *to)
{
	struct agent *agent = context;

	ports_ask(agent->ports, segment, address, to);
}

static void on_defend(void *context, unsigned segment, struct address address, struct mac mac)
{
	struct agent *agent = context;

	announce_once(&agent->announcer, segment, address, mac, DEFENCE_DELAY_MS);
}

static void on_sponged(void *context, unsigned segment, struct address address, bool begun)
{
	struct agent *agent = context;
	char text[ADDRESS_TEXT], line[SEGMENT_NAME_MAX + 120];

	snprintf(line, sizeof(line), "%s: %s is %s with the sponge's MAC",
	         agent->config.segment[segment].name, address_format(text, address),
	         begun ? "dead and under heavy request load: answered" : "no longer answered");
	publish_notice(agent, line);
}

static void on_declared(void *context, unsigned segment, struct address address, struct mac mac,
                        bool local)
{
	struct agent *agent = context;

	(void)mac; /* the announcement takes the MAC of the moment when it leaves */
	if (is_announced(agent, segment, local ? SLOT_LOCAL : SLOT_STATIC))
		announce_add(&agent->announcer, segment, address);
}

const struct neighbour_ops events_of_table = {
        .ask = on_ask,
        .task_begin = on_task_begin,
        .task_end = on_task_end,
        .changed = on_changed,
        .alert = alerts_raise,
        .defend = on_defend,
        .correct = correct_add,
        .sponged = on_sponged,
        .declared = on_declared,
};

static void on_local(void *context, unsigned segment, struct address address, const struct mac *mac)
{
	struct agent *agent = context;
	struct neighbour_clock clock = clock_now();

	neighbour_local(agent->neighbour, segment, address, mac, &clock);
}

void events_beat(struct agent *agent)
{
	const struct locals *locals = &agent->ports->locals;
	struct neighbour_view view;

	for (size_t i = 0; i < locals->count; i++) {
		const struct local *own = &locals->item[i];

		if (neighbour_view(agent->neighbour, own->segment, own->address, &view) &&
		    view.state != SLOT_LOCAL && view.state != SLOT_STATIC)
			on_local(agent, own->segment, own->address, &own->mac);
	}
}

/* From the ports. */

static void on_port_ready(void *context, struct agent_port *port)
{
	struct agent *agent = context;

	for (size_t s = 0; s < port->segments; s++)
		announce_all(&agent->announcer, port->segment[s].segment);
}

static void on_port_link(void *context, unsigned segment, bool up)
{
	struct agent *agent = context;
	struct neighbour_clock clock = clock_now();

	neighbour_link(agent->neighbour, segment, up, &clock);
	clock_wake(agent);
}

static void on_port_mac(void *context, unsigned segment, struct mac mac)
{
	struct agent *agent = context;

	if (mac_is_zero(agent->config.segment[segment].sponge_mac))
		neighbour_sponge_at(agent->neighbour, segment, mac);
}

static void on_port_moved(void *context)
{
	struct agent *agent = context;

	kernel_moved(agent->kernel);
	agent->reloading.look = true;
}

const struct ports_ops events_of_ports = {
        .local = on_local,
        .ready = on_port_ready,
        .moved = on_port_moved,
        .link = on_port_link,
        .mac = on_port_mac,
        .notice = publish_notice,
};

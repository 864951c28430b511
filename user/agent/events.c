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
#include "arpkeeper/nd.h"

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

static void heard(struct agent *agent, const struct event *event, uint32_t slot,
                  const char *interface, const struct neighbour_clock *clock)
{
	const bool advertised = event->opcode == ND_NEIGHBOR_ADVERTISEMENT;
	const bool reply = event->opcode == ARP_OP_REPLY || advertised;
	/* An advertisement that no host asked for is an announcement (RFC 4861 7.2.6). */
	const bool unsolicited = advertised && !(event->flags & EVENT_SOLICITED);
	const struct neighbour_heard heard = {
	        .slot = slot,
	        .mac = mac_of(event->mac),
	        .reply = reply,
	        .answer = reply && !unsolicited && event->flags & EVENT_TO_US,
	        .gratuitous = unsolicited ||
	                      memcmp(event->address, event->peer, sizeof(event->peer)) == 0,
	        .advertised = advertised,
	        .router = event->flags & EVENT_ROUTER,
	        .interface = interface,
	};

	neighbour_heard(agent->neighbour, &heard, clock);
}

/* Where an event's address is. */
struct spot {
	unsigned segment;
	struct address address;
	const struct layout_range *range; /* NULL: it is in no prefix of the segment */
	bool host;                        /* a host may have the address */
	int64_t slot;                     /* -1: it has none */
};

/* By the slot, if that is still the address's: the event may be older than the table's layout, and
 * a sparse slot may be another address's meanwhile. Else by port and VLAN. False: nowhere. */
static bool find_spot(struct spot *spot, const struct agent *agent, const struct event *event,
                      const struct agent_port *port)
{
	struct address at;
	bool found = false;

	*spot = (struct spot){.address = address_load(event->address), .slot = -1};
	if (event->slot != EVENT_NO_SLOT &&
	    neighbour_place(agent->neighbour, event->slot, &spot->segment, &at) &&
	    address_equal(at, spot->address)) {
		spot->slot = event->slot;
		found = true;
	}
	for (size_t s = 0; !found && port && s < port->segments; s++) {
		spot->segment = port->segment[s].segment;
		found = port->segment[s].vlan == event->vlan;
	}
	if (!found)
		return false;
	spot->range = layout_find(&agent->layout, spot->segment, spot->address);
	spot->host = spot->range && prefix_is_host(spot->range->prefix, spot->address);
	if (spot->slot < 0)
		spot->slot = neighbour_slot(agent->neighbour, spot->segment, spot->address);
	return true;
}

/* A slot for the address, also if it is new. False: there is none for it. */
static bool take(struct agent *agent, struct spot *spot, enum neighbour_need need,
                 const struct neighbour_clock *clock)
{
	if (spot->slot < 0)
		spot->slot =
		        neighbour_take(agent->neighbour, spot->segment, spot->address, need, clock);
	return spot->slot >= 0;
}

/* A host wants a declared address, or the host's own (RFC 4862 5.4). It has none yet, so that is no
 * claim. */
static void wanted(struct agent *agent, const struct event *event, const struct spot *spot,
                   const char *interface)
{
	struct neighbour_view view;

	if (neighbour_view(agent->neighbour, spot->segment, spot->address, &view) &&
	    (view.state == SLOT_STATIC || view.state == SLOT_LOCAL))
		alert(agent, ALERT_CONFLICT, spot->segment, event, view.mac, interface);
}

static void speaks(struct agent *agent, const struct event *event, struct spot *spot,
                   const char *interface, const struct neighbour_clock *clock)
{
	const struct mac none = {0};

	if (event->flags & EVENT_DAD) {
		wanted(agent, event, spot, interface);
	} else if (spot->host) {
		if (take(agent, spot, NEIGHBOUR_HEARD, clock))
			heard(agent, event, (uint32_t)spot->slot, interface, clock);
	} else if (spot->range || event->slot == EVENT_NO_SLOT) {
		/* RFC 1122 3.2.1.3, RFC 4291 2.6.1: no host may speak from there. */
		alert(agent, ALERT_BROADCAST_SOURCE, spot->segment, event, none, interface);
	}
}

void events_handle(void *context, const struct event *event)
{
	struct agent *agent = context;
	struct neighbour_clock clock = clock_now();
	const struct agent_port *port = ports_find(agent->ports, event->ifindex);
	const char *interface = port ? port->name : NULL;
	const struct mac source = mac_of(event->source), none = {0};
	struct neighbour_view view = {0};
	struct spot spot;

	if (!find_spot(&spot, agent, event, port))
		return;
	switch ((enum event_kind)event->kind) {
	case EVENT_MISS:
		if (take(agent, &spot, NEIGHBOUR_ASKED, &clock))
			neighbour_asked(agent->neighbour, (uint32_t)spot.slot, &clock);
		break;
	case EVENT_HEARD:
		speaks(agent, event, &spot, interface, &clock);
		break;
	case EVENT_SPOOF:
		neighbour_view(agent->neighbour, spot.segment, spot.address, &view);
		alert(agent, ALERT_SPOOF, spot.segment, event, view.mac, interface);
		break;
	case EVENT_MISMATCH:
		alert(agent, ALERT_MISMATCH, spot.segment, event, source, interface);
		break;
	case EVENT_BAD_SENDER:
		alert(agent, ALERT_BROADCAST_SOURCE, spot.segment, event, source, interface);
		break;
	case EVENT_BOGON:
		alert(agent, ALERT_BOGON, spot.segment, event, none, interface);
		break;
	case EVENT_ROGUE_ROUTER:
		alert(agent, ALERT_ROGUE_ROUTER, spot.segment, event, none, interface);
		break;
	case EVENT_SPONGED:
		if (spot.slot >= 0)
			neighbour_sponged(agent->neighbour, (uint32_t)spot.slot,
			                  address_load(event->peer), mac_of(event->mac), &clock);
		break;
	case EVENT_LOCAL:
		kernel_asked(agent->kernel, spot.segment, event->ifindex, address_load(event->peer),
		             mac_of(event->mac));
		break;
	}
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
	place_slots(&first, &last, &agent->layout, (int)segment, range_anywhere);
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

/* Into the program's index, and into what the ports hear. Without the former the address is not
 * answered for, and nothing else is lost. */
static void on_placed(void *context, uint32_t slot, unsigned segment, struct address address,
                      bool taken)
{
	struct agent *agent = context;
	char text[ADDRESS_TEXT];
	int error = taken ? offload_place(agent->offload, segment, address, slot)
	                  : offload_unplace(agent->offload, segment, address);

	if (taken)
		hearing_add(&agent->hearing, segment, address);
	else
		hearing_remove(&agent->hearing, segment, address);
	if (agent->reloaded && !taken)
		agent->reloaded[slot / 8] &= (uint8_t) ~(1u << (slot % 8));
	if (error && !agent->misplaced++)
		log_error("%s: %s could not be %s the program's index: %s",
		          agent->config.segment[segment].name, address_format(text, address),
		          taken ? "put into" : "taken out of", strerror(-error));
}

static bool on_is_router(void *context, unsigned segment, struct address address)
{
	const struct agent *agent = context;

	return agent->ports && domains_is_router(agent->ports, segment, address);
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
        .placed = on_placed,
        .declared = on_declared,
        .is_router = on_is_router,
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
	hearing_ready(&agent->hearing, port);
}

static bool on_port_router(void *context, unsigned segment, struct address address)
{
	const struct agent *agent = context;
	struct neighbour_view view;

	return neighbour_view(agent->neighbour, segment, address, &view) &&
	       view.flags & SLOT_ROUTER;
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
        .is_router = on_port_router,
        .notice = publish_notice,
};

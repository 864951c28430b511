/* SPDX-License-Identifier: MIT */
/* Which ports listen, and to what. turns.c reports it. */
#include "ports/hearing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ports/ear.h"
#include "ports/turns.h"

#define QUERIES_A_TURN 64 /* of the loop */

static struct hearing_port *port_find(const struct hearing *hearing, unsigned ifindex)
{
	struct hearing_port *here = hearing->first;

	while (here && here->ifindex != ifindex)
		here = here->next;
	return here;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct hearing_port *port = poll->data;
	struct mld_query query;

	(void)events;
	for (unsigned i = 0; !status && i < QUERIES_A_TURN && ear_next(port->ear, &query); i++)
		for (size_t p = 0; p < port->places; p++)
			if (port->place[p].vlan == query.vlan)
				turns_answer(port->hearing, port, &port->place[p], &query);
}

/* --- ports -------------------------------------------------------------------------------------
 */

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Takes the port at `link` off the list. */
static void port_drop(struct hearing_port **link)
{
	struct hearing_port *port = *link;

	*link = port->next;
	uv_close((uv_handle_t *)&port->poll, on_closed);
	close(port->ear);
	free(port->place);
}

static bool has_nd(const struct agent_port *port, size_t segment)
{
	return config_segment_has_nd(&port->ports->config->segment[port->segment[segment].segment]);
}

static bool is_wanted(const struct agent_port *port)
{
	for (size_t s = 0; port && port->ifindex && s < port->segments; s++)
		if (has_nd(port, s))
			return true;
	return false;
}

static int places_fill(struct hearing_port *here, const struct agent_port *port)
{
	struct hearing_place *place = calloc(port->segments, sizeof(*place));

	if (!place)
		return -ENOMEM;
	free(here->place);
	here->place = place;
	here->places = 0;
	for (size_t s = 0; s < port->segments; s++)
		if (has_nd(port, s))
			place[here->places++] = (struct hearing_place){
			        .segment = port->segment[s].segment, .vlan = port->segment[s].vlan};
	return 0;
}

static int port_add(struct hearing *hearing, const struct agent_port *port)
{
	struct fault fault = {0};
	struct hearing_port *here;
	int ear;

	here = calloc(1, sizeof(*here));
	if (!here || places_fill(here, port)) {
		free(here);
		return -ENOMEM;
	}
	ear = ear_open(port->ifindex, port->name, &fault);
	if (ear < 0 || uv_poll_init(hearing->loop, &here->poll, ear)) {
		if (hearing->refused != port->ifindex)
			log_warning("%s", ear < 0 ? fault.text : "cannot poll for queries");
		hearing->refused = port->ifindex;
		if (ear >= 0)
			close(ear);
		free(here->place);
		free(here);
		return ear < 0 ? ear : -EIO;
	}
	here->hearing = hearing;
	here->ifindex = port->ifindex;
	here->ear = ear;
	here->poll.data = here;
	uv_poll_start(&here->poll, UV_READABLE, on_readable);
	here->next = hearing->first;
	hearing->first = here;
	hearing->refused = 0;
	for (size_t p = 0; p < here->places; p++)
		turns_join(hearing, &here->place[p]);
	return 0;
}

/* An ear for each port with neighbour discovery, and no others. */
static void follow(struct hearing *hearing)
{
	for (struct hearing_port **link = &hearing->first; *link;) {
		if (!is_wanted(ports_find(hearing->ports, (*link)->ifindex)))
			port_drop(link);
		else
			link = &(*link)->next;
	}
	for (size_t i = 0; i < hearing->ports->count; i++) {
		const struct agent_port *port = &hearing->ports->port[i];

		/* Where it fails, hearing_beat() tries again. */
		if (is_wanted(port) && !port_find(hearing, port->ifindex))
			(void)port_add(hearing, port);
	}
}

/* --- the agent's side ---------------------------------------------------------------------------
 */

static int begin(struct hearing *hearing, struct ports *ports, struct fault *fault)
{
	hearing->ports = ports;
	hearing->groups = calloc(ports->config->segments, sizeof(*hearing->groups));
	if (!hearing->groups)
		return fault_set(fault, -ENOMEM, "out of memory");
	hearing->segments = ports->config->segments;
	return 0;
}

static void forget(struct hearing *hearing)
{
	for (size_t s = 0; s < hearing->segments; s++)
		groups_clear(&hearing->groups[s]);
	free(hearing->groups);
	hearing->groups = NULL;
	hearing->segments = 0;
	for (unsigned round = 0; round < 2; round++) {
		free(hearing->changes[round].item);
		hearing->changes[round] = (struct hearing_changes){0};
	}
}

int hearing_init(struct hearing *hearing, uv_loop_t *loop, struct ports *ports, struct fault *fault)
{
	*hearing = (struct hearing){.loop = loop};
	uv_timer_init(loop, &hearing->timer);
	hearing->timer.data = hearing;
	return begin(hearing, ports, fault);
}

int hearing_restart(struct hearing *hearing, struct ports *ports, struct fault *fault)
{
	int error;

	uv_timer_stop(&hearing->timer);
	forget(hearing);
	error = begin(hearing, ports, fault);
	for (struct hearing_port **link = &hearing->first; !error && *link;) {
		const struct agent_port *port = ports_find(ports, (*link)->ifindex);

		if (!is_wanted(port)) {
			port_drop(link);
			continue;
		}
		if (places_fill(*link, port))
			error = fault_set(fault, -ENOMEM, "out of memory");
		link = &(*link)->next;
	}
	return error;
}

/* All groups of a segment, on one of its ports; `ifindex` 0: on all. */
static void join_all(struct hearing *hearing, unsigned segment, unsigned ifindex)
{
	for (struct hearing_port *here = hearing->first; here; here = here->next) {
		for (size_t p = 0; p < here->places; p++)
			if (here->place[p].segment == segment &&
			    (!ifindex || here->ifindex == ifindex))
				turns_join(hearing, &here->place[p]);
	}
}

/* Without a port that listens, hearing_ready() reports it later. */
static bool is_heard(const struct hearing *hearing, unsigned segment)
{
	for (const struct hearing_port *here = hearing->first; here; here = here->next)
		for (size_t p = 0; p < here->places; p++)
			if (here->place[p].segment == segment)
				return true;
	return false;
}

static void change(struct hearing *hearing, unsigned segment, uint32_t suffix,
                   enum mld_record record)
{
	if (is_heard(hearing, segment) && turns_change(hearing, segment, suffix, record) &&
	    record == MLD_TO_EXCLUDE)
		join_all(hearing, segment, 0);
}

void hearing_add(struct hearing *hearing, unsigned segment, struct address address)
{
	if (address_is_v4(address) || segment >= hearing->segments)
		return;
	switch (groups_add(&hearing->groups[segment], group_suffix(address))) {
	case 1:
		change(hearing, segment, group_suffix(address), MLD_TO_EXCLUDE);
		break;
	case -ENOMEM:
		log_error("the groups of IPv6 addresses: out of memory");
		break;
	default:
		break;
	}
}

void hearing_remove(struct hearing *hearing, unsigned segment, struct address address)
{
	if (!address_is_v4(address) && segment < hearing->segments &&
	    groups_remove(&hearing->groups[segment], group_suffix(address)))
		change(hearing, segment, group_suffix(address), MLD_TO_INCLUDE);
}

void hearing_ready(struct hearing *hearing, const struct agent_port *port)
{
	follow(hearing);
	for (size_t s = 0; s < port->segments; s++)
		join_all(hearing, port->segment[s].segment, port->ifindex);
}

void hearing_beat(struct hearing *hearing)
{
	follow(hearing);
}

struct hearing_report hearing_report(const struct hearing *hearing, const struct agent_port *port)
{
	const struct hearing_port *here = port_find(hearing, port->ifindex);
	struct hearing_report report = {
	        .wanted = is_wanted(port), .open = here != NULL, .version = 2};
	uint64_t last = 0;

	for (size_t p = 0; here && p < here->places; p++) {
		const struct hearing_place *place = &here->place[p];

		report.groups += hearing->groups[place->segment].count;
		if (address_is_none(place->querier) || place->queried_ms < last)
			continue;
		last = place->queried_ms;
		report.querier = place->querier;
		report.version = turns_version1(hearing, place) ? 1 : 2;
		report.ago_ms = uv_now(hearing->loop) - place->queried_ms;
	}
	return report;
}

void hearing_clear(struct hearing *hearing)
{
	while (hearing->first) {
		struct hearing_port *port = hearing->first;

		hearing->first = port->next;
		close(port->ear);
		free(port->place);
		free(port);
	}
	forget(hearing);
}

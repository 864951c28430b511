/* SPDX-License-Identifier: MIT */
/* A port's life: follows its interface, and keeps the program attached to it. */
#include "ports/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ports/domains.h"
#include "ports/program.h"

static void state_set(struct agent_port *port, enum port_state state)
{
	if (port->state == state && port->since)
		return;
	port->state = state;
	port->since = time(NULL);
}

static int check_ethernet(const struct agent_port *port, struct fault *fault)
{
	return port->ethernet
	               ? 0
	               : fault_set(fault, -EINVAL, "%s: not an Ethernet interface: it has no ARP",
	                           port->name);
}

/* With a handle, its program is replaced by one on the maps that are open now. */
static int port_attach(struct agent_port *port, struct fault *fault)
{
	struct ports *ports = port->ports;
	static const enum offload_mode mode[] = {[MODE_AUTO] = OFFLOAD_AUTO,
	                                         [MODE_NATIVE] = OFFLOAD_NATIVE,
	                                         [MODE_GENERIC] = OFFLOAD_GENERIC};
	bool replaced = port->offload != NULL;
	struct port_config config;
	int error = check_ethernet(port, fault);

	if (!error)
		error = program_config(&config, port, fault);
	if (!error && replaced)
		error = offload_reattach(&port->offload, ports->offload, mode[ports->config->mode],
		                         &config, fault);
	else if (!error && port->away)
		error = offload_port_return(&port->offload, port->away, ports->offload,
		                            port->ifindex, mode[ports->config->mode], &config,
		                            fault);
	else if (!error)
		error = offload_attach(&port->offload, ports->offload, port->name, port->ifindex,
		                       mode[ports->config->mode], &config, fault);
	if (error)
		return error;
	port->away = NULL;
	offload_port_heartbeat(port->offload, offload_now(), ports->config->silence);
	state_set(port, port->up ? PORT_ATTACHED : PORT_DOWN);
	port_notice(port, "%s: attached in %s mode (%s), as %s%s", port->name,
	            offload_port_mode(port->offload), offload_port_reason(port->offload),
	            offload_port_attachment(port->offload), port->up ? "" : "; the link is down");
	port_tags_attach(port);
	domains_addresses(ports);
	/* What was answered before needs no announcement. */
	if (port->up && !replaced)
		ports->ops->ready(ports->context, port);
	return 0;
}

/* After start, a port that cannot be attached must not end the agent: other ports still answer. */
static void port_attach_or_note(struct agent_port *port)
{
	struct fault fault = {0};

	if (!port_attach(port, &fault))
		return;
	if (port->state != PORT_FAILED || strcmp(port->reason, fault.text) != 0)
		port_notice(port, "%s: cannot attach: %s; trying again", port->name, fault.text);
	snprintf(port->reason, sizeof(port->reason), "%s", fault.text);
	state_set(port, PORT_FAILED);
}

/* Keeps the handle of a program that is not on the interface, until another is attached. */
static void port_keep(struct agent_port *port)
{
	if (!port->offload)
		return;
	offload_port_forget(port->away);
	port->away = port->offload;
	port->offload = NULL;
}

/* `left`: the interface is deleted, or in another network namespace, with our program on it. */
static void port_gone(struct agent_port *port, bool left)
{
	struct fault fault = {0};

	if (left) {
		port_keep(port);
		if (port->away)
			offload_port_abandon(port->away);
	} else if (port->offload) {
		if (offload_port_detach(port->offload, &fault))
			log_debug("%s: %s", port->name, fault.text);
		offload_port_close(port->offload);
		port->offload = NULL;
	}
	port->ifindex = 0;
	port->up = false;
	port->tags = (struct port_tags){0};
	domains_addresses(port->ports);
	state_set(port, PORT_GONE);
	port_notice(port, "%s: the interface is gone; it is attached again when it returns",
	            port->name);
}

static struct agent_port *port_named(struct ports *ports, const char *name)
{
	for (size_t i = 0; i < ports->count; i++)
		if (!strcmp(ports->port[i].name, name))
			return &ports->port[i];
	return NULL;
}

static void mac_changed(struct agent_port *port)
{
	char text[MAC_TEXT];
	struct port_config config;
	struct fault fault = {0};

	if (!port->offload)
		return;
	if (program_config(&config, port, &fault)) {
		log_error("%s: %s", port->name, fault.text);
		return;
	}
	offload_port_configure(port->offload, &config);
	port_notice(port, "%s: its MAC is now %s", port->name, mac_format(text, port->mac));
	domains_addresses(port->ports);
}

static void port_follow(struct ports *ports, const struct link_state *link)
{
	struct agent_port *port = ports_find(ports, link->ifindex);
	struct agent_port *named = port_named(ports, link->name);
	bool came_up;

	if (port && (link->gone || port != named)) /* removed, moved to another netns, or renamed */
		port_gone(port, link->gone);
	if (!named || link->gone)
		return;
	port = named;
	/* Another interface of that name came before netlink reported the end of the first. */
	if (port->ifindex && port->ifindex != link->ifindex)
		port_gone(port, true);

	came_up = link->up && !port->up;
	port_tags_follow(port);
	port->up = link->up;
	port->ethernet = link->ethernet;
	port->mtu = link->mtu;
	if (!port->ifindex) {
		port->ifindex = link->ifindex;
		port->mac = link->mac;
		if (ports->offload)
			port_attach_or_note(port);
		return;
	}
	if (!mac_equal(port->mac, link->mac)) {
		port->mac = link->mac;
		mac_changed(port);
		came_up = came_up || link->up;
	}
	if (!port->offload)
		return;
	if (port->state != (link->up ? PORT_ATTACHED : PORT_DOWN)) {
		state_set(port, link->up ? PORT_ATTACHED : PORT_DOWN);
		port_notice(port, "%s: link %s", port->name, link->up ? "up" : "down");
	}
	if (came_up)
		ports->ops->ready(ports->context, port);
}

static void on_link(void *context, const struct link_state *link)
{
	struct ports *ports = context;
	bool changed = uppers_link(&ports->uppers, link);

	port_follow(ports, link);
	domains_tell(ports);
	if (changed)
		domains_addresses(ports);
}

static void on_address(void *context, const struct link_address *address)
{
	struct ports *ports = context;

	if (uppers_address(&ports->uppers, address))
		domains_addresses(ports);
}

static void on_router(void *context, const struct link_router *router)
{
	struct ports *ports = context;

	if (uppers_router(&ports->uppers, router))
		domains_again(ports);
}

int ports_check_present(const struct ports *ports, struct fault *fault)
{
	for (size_t i = 0; i < ports->count; i++)
		if (!ports->port[i].ifindex)
			return fault_set(fault, -ENODEV,
			                 "%s: no such interface in this network namespace; 'ip -br "
			                 "link' lists those there are",
			                 ports->port[i].name);
	return 0;
}

/* One that is absent is waited for: nobody knows yet what it will be. */
static int check_interfaces(const struct ports *ports, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < ports->count && !error; i++)
		if (ports->port[i].ifindex)
			error = check_ethernet(&ports->port[i], fault);
	return error;
}

int ports_init(struct ports *ports, const struct config *config, const struct ports_ops *ops,
               void *context, struct fault *fault)
{
	static const struct links_ops links_ops = {on_link, on_address, on_router};
	size_t interfaces = 0;
	int error;

	*ports = (struct ports){.config = config, .ops = ops, .context = context, .socket = -1};
	for (size_t s = 0; s < config->segments; s++)
		interfaces += config->segment[s].interfaces;
	ports->port = calloc(interfaces ? interfaces : 1, sizeof(*ports->port));
	if (!ports->port || domains_init(ports))
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t s = 0; s < config->segments; s++) {
		const struct config_segment *segment = &config->segment[s];

		if (!segment->interfaces)
			return fault_set(fault, -EINVAL,
			                 "segment '%s' has no interface: give one with -i, or "
			                 "'interface =' in its section",
			                 segment->name);
		for (size_t i = 0; i < segment->interfaces; i++) {
			struct agent_port *port = port_named(ports, segment->interface[i]);

			if (!port) {
				port = &ports->port[ports->count++];
				port->ports = ports;
				snprintf(port->name, sizeof(port->name), "%s",
				         segment->interface[i]);
				state_set(port, PORT_GONE);
			}
			if (array_reserve(&port->segment, &port->segment_room, port->segments + 1))
				return fault_set(fault, -ENOMEM, "out of memory");
			port->segment[port->segments++] =
			        (struct port_segment){(unsigned)s, segment->vlan};
		}
	}
	/* Protocol 0: a socket that receives nothing. */
	ports->socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ports->socket < 0)
		return fault_set(fault, -errno, "cannot open a packet socket: %s%s",
		                 strerror(errno),
		                 errno == EPERM ? " (this needs root, or CAP_NET_RAW)" : "");
	if ((error = links_open(&ports->links, &links_ops, ports, fault)) ||
	    (error = links_dump(ports->links, fault)))
		return error;
	return check_interfaces(ports, fault);
}

int ports_fd(const struct ports *ports)
{
	return links_fd(ports->links);
}

int ports_receive(struct ports *ports, struct fault *fault)
{
	return links_receive(ports->links, fault);
}

int ports_attach(struct ports *ports, struct offload *offload, const struct layout *layout,
                 struct fault *fault)
{
	ports->offload = offload;
	ports->layout = layout;
	for (size_t i = 0; i < ports->count; i++) {
		int error = 0;

		if (ports->port[i].ifindex)
			error = port_attach(&ports->port[i], fault);
		else
			port_notice(&ports->port[i],
			            "%s: no such interface yet; it is attached when it comes",
			            ports->port[i].name);
		if (error) {
			struct fault later;

			ports->offload = NULL;
			/* An inherited program goes on answering, although this agent cannot start.
			 */
			while (!offload_inherited(offload) && i-- > 0)
				if (ports->port[i].offload)
					offload_port_detach(ports->port[i].offload, &later);
			return error;
		}
	}
	domains_tell(ports);
	return 0;
}

/* --- another configuration ---------------------------------------------------------------------
 */

/* Takes over the handle, with the program as it is. */
static void port_inherit(struct agent_port *port, struct agent_port *before)
{
	port->offload = before->offload;
	before->offload = NULL;
	port->tags = before->tags;
	port->state = before->state;
	port->since = before->since;
}

static void port_continue(struct agent_port *port, bool same_table)
{
	struct port_config config;
	struct fault fault = {0};

	if (!port->offload || !same_table) {
		port_attach_or_note(port);
	} else if (program_config(&config, port, &fault)) {
		log_error("%s: %s", port->name, fault.text);
	} else {
		offload_port_configure(port->offload, &config);
		port_tags_attach(port);
	}
}

static void port_leave(struct agent_port *port)
{
	struct fault fault = {0};

	if (offload_port_detach(port->offload, &fault)) {
		offload_port_abandon(port->offload);
		port_notice(port, "%s; it passes every frame", fault.text);
	} else
		port_notice(port, "%s: detached: it is not configured any more", port->name);
	port_tags_detach(port);
	offload_port_close(port->offload);
	port->offload = NULL;
}

void ports_continue(struct ports *ports, struct ports *before, struct offload *offload,
                    const struct layout *layout, bool same_table)
{
	ports->offload = offload;
	ports->layout = layout;
	for (size_t i = 0; i < ports->count; i++) {
		struct agent_port *port = &ports->port[i];
		struct agent_port *earlier = port_named(before, port->name);

		if (earlier != port && earlier) {
			port->away = earlier->away;
			earlier->away = NULL;
		}
		if (!port->ifindex)
			continue;
		if (earlier != port && earlier && earlier->offload &&
		    earlier->ifindex == port->ifindex)
			port_inherit(port, earlier);
		port_continue(port, same_table);
	}
	for (size_t i = 0; before != ports && i < before->count; i++)
		if (before->port[i].offload)
			port_leave(&before->port[i]);
	domains_addresses(ports);
	domains_tell(ports);
}

void ports_set_config(struct ports *ports, const struct config *config)
{
	ports->config = config;
}

int ports_check_successor(const struct ports *ports, struct ports *before, bool same_table,
                          struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < ports->count && !error; i++) {
		const struct agent_port *port = &ports->port[i];
		const struct agent_port *earlier = port_named(before, port->name);

		if (!port->ifindex)
			continue;
		if (!earlier || !earlier->offload || earlier->ifindex != port->ifindex)
			error = offload_check_free(port->name, port->ifindex, fault);
		else if (!same_table)
			error = offload_port_check_replaceable(earlier->offload, fault);
	}
	return error;
}

static bool keeps(void *context, const char *interface)
{
	return port_named(context, interface) != NULL;
}

void ports_sweep(struct ports *ports)
{
	offload_sweep(ports->offload, keeps, ports);
}

void ports_heartbeat(struct ports *ports)
{
	const uint32_t now = offload_now(), silence = ports->config->silence;

	for (size_t i = 0; i < ports->count; i++)
		if (ports->port[i].offload)
			offload_port_heartbeat(ports->port[i].offload, now, silence);
}

void ports_beat(struct ports *ports)
{
	for (struct agent_port *port = ports->port; port < ports->port + ports->count; port++) {
		if (port->offload && !offload_port_is_attached(port->offload)) {
			/* Or the interface left just now: port_gone() follows. */
			port_notice(port,
			            "%s: another process took the program off; it is put back",
			            port->name);
			port_keep(port);
			port_attach_or_note(port);
		} else if (port->state == PORT_FAILED && port->ifindex) {
			port_attach_or_note(port);
		}
	}
	ports_heartbeat(ports);
	domains_tell(ports);
}

int ports_detach(struct ports *ports, struct fault *fault)
{
	int result = 0;

	ports->offload = NULL; /* from now on, nothing is attached again */
	for (size_t i = 0; i < ports->count; i++) {
		struct agent_port *port = &ports->port[i];
		int error;

		offload_port_forget(port->away);
		port->away = NULL;
		if (!port->offload)
			continue;
		error = offload_port_detach(port->offload, fault);
		if (error) {
			result = error;
			offload_port_abandon(port->offload);
			snprintf(port->reason, sizeof(port->reason), "%s", fault->text);
			state_set(port, PORT_FAILED);
			continue;
		}
		offload_port_close(port->offload);
		port->offload = NULL;
		port_tags_detach(port);
		state_set(port, PORT_GONE);
	}
	return result;
}

void ports_clear(struct ports *ports)
{
	for (size_t i = 0; i < ports->count; i++) {
		offload_port_close(ports->port[i].offload);
		offload_port_close(ports->port[i].away);
		free(ports->port[i].segment);
		free(ports->port[i].address);
	}
	free(ports->port);
	free(ports->domain);
	links_close(ports->links);
	uppers_clear(&ports->uppers);
	locals_clear(&ports->locals);
	if (ports->socket >= 0)
		close(ports->socket);
	*ports = (struct ports){.socket = -1};
}

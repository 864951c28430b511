/* SPDX-License-Identifier: MIT */
/* Compares what the ports are now with what was last reported. */
#include "ports/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ports/send.h"

int domains_init(struct ports *ports)
{
	ports->domain = calloc(ports->config->segments, sizeof(*ports->domain));
	if (!ports->domain)
		return -ENOMEM;
	for (size_t s = 0; s < ports->config->segments; s++)
		ports->domain[s].up = true;
	return 0;
}

void domains_tell(struct ports *ports)
{
	for (size_t s = 0; ports->offload && s < ports->config->segments; s++) {
		struct domain *known = &ports->domain[s], now = {0};

		for (size_t i = 0; i < ports->count; i++) {
			const struct agent_port *port = &ports->port[i];

			if (!port->offload || !port_segment_of(port, (unsigned)s))
				continue;
			now.up = now.up || port->up;
			if (mac_is_zero(now.mac))
				now.mac = port->mac;
		}
		if (mac_is_zero(now.mac)) /* no port is attached: the reported MAC stays */
			now.mac = known->mac;
		if (!mac_equal(now.mac, known->mac) && ports->ops->mac)
			ports->ops->mac(ports->context, (unsigned)s, now.mac);
		if (now.up != known->up && ports->ops->link)
			ports->ops->link(ports->context, (unsigned)s, now.up);
		*known = now;
	}
}

static int compare(const struct local *a, const struct local *b)
{
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return address_compare(a->address, b->address);
}

int locals_add(struct locals *locals, unsigned segment, struct address address, struct mac mac)
{
	const struct local new = {segment, address, mac};
	size_t i = locals->count;

	while (i > 0 && compare(&locals->item[i - 1], &new) > 0)
		i--;
	if (i > 0 && compare(&locals->item[i - 1], &new) == 0)
		return 0;
	if (array_reserve(&locals->item, &locals->room, locals->count + 1))
		return -ENOMEM;
	memmove(&locals->item[i + 1], &locals->item[i],
	        (locals->count - i) * sizeof(locals->item[0]));
	locals->item[i] = new;
	locals->count++;
	return 0;
}

void locals_become(struct locals *told, struct locals *fresh,
                   void (*tell)(void *context, unsigned segment, struct address address,
                                const struct mac *mac),
                   void *context)
{
	struct locals old = *told;
	size_t o = 0, n = 0;

	*told = *fresh;
	*fresh = (struct locals){0};
	while (o < old.count || n < told->count) {
		int order = o == old.count     ? 1
		            : n == told->count ? -1
		                               : compare(&old.item[o], &told->item[n]);

		if (order < 0)
			tell(context, old.item[o].segment, old.item[o].address, NULL);
		else if (order > 0 || !mac_equal(old.item[o].mac, told->item[n].mac))
			tell(context, told->item[n].segment, told->item[n].address,
			     &told->item[n].mac);
		o += order <= 0;
		n += order >= 0;
	}
	free(old.item);
}

const struct local *locals_find(const struct locals *locals, unsigned segment,
                                struct address address)
{
	const struct local wanted = {.segment = segment, .address = address};
	size_t first = 0, last = locals->count;

	while (first < last) {
		size_t middle = (first + last) / 2;
		int order = compare(&wanted, &locals->item[middle]);

		if (order == 0)
			return &locals->item[middle];
		if (order < 0)
			last = middle;
		else
			first = middle + 1;
	}
	return NULL;
}

void locals_clear(struct locals *locals)
{
	free(locals->item);
	*locals = (struct locals){0};
}

struct gather {
	struct agent_port *port;
	uint32_t vlan;
};

static void gather_address(void *context, const struct link_state *upper,
                           const struct link_address *address)
{
	const struct gather *gather = context;
	struct agent_port *port = gather->port;

	if (array_reserve(&port->address, &port->address_room, port->addresses + 1))
		return;
	port->address[port->addresses++] = (struct port_address){
	        .address = address->address,
	        .length = address->length,
	        .vlan = gather->vlan,
	        .ifindex = upper->ifindex,
	        .mac = upper->mac,
	        .up = upper->up,
	};
}

/* The host's own addresses on a port, in one of its segments. */
static int own_of_port(struct locals *own, const struct agent_port *port,
                       const struct port_segment *here, const struct layout *layout)
{
	const struct address asker = ports_asker(port, here->vlan);
	int error = 0;

	for (size_t i = 0; i < port->addresses && !error; i++) {
		const struct port_address *address = &port->address[i];

		if (address->vlan == here->vlan &&
		    layout_find(layout, here->segment, address->address))
			error = locals_add(own, here->segment, address->address, address->mac);
	}
	/* Also the one that only the agent uses: no other host may have it. */
	if (!error && port->ifindex && layout_find(layout, here->segment, asker))
		error = locals_add(own, here->segment, asker, port->mac);
	return error;
}

int domains_own(struct locals *own, const struct ports *ports, const struct layout *layout,
                bool attached)
{
	int error = 0;

	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];

		for (size_t s = 0; (port->offload || !attached) && s < port->segments && !error;
		     s++)
			error = own_of_port(own, port, &port->segment[s], layout);
	}
	return error;
}

void domains_addresses(struct ports *ports)
{
	struct locals fresh = {0};

	for (size_t p = 0; p < ports->count; p++) {
		struct agent_port *port = &ports->port[p];

		port->addresses = 0;
		for (size_t s = 0; s < port->segments; s++) {
			struct gather gather = {port, port->segment[s].vlan};

			uppers_addresses(&ports->uppers, port->ifindex, gather.vlan, gather_address,
			                 &gather);
		}
	}
	if (!ports->offload)
		return;
	if (domains_own(&fresh, ports, ports->layout, true))
		log_error("the host's own addresses: out of memory");
	else
		locals_become(&ports->locals, &fresh, ports->ops->local, ports->context);
	locals_clear(&fresh);
	if (ports->ops->moved)
		ports->ops->moved(ports->context);
}

void domains_again(struct ports *ports)
{
	const struct locals *locals = &ports->locals;

	for (size_t i = 0; i < locals->count; i++)
		ports->ops->local(ports->context, locals->item[i].segment, locals->item[i].address,
		                  &locals->item[i].mac);
}

bool domains_is_router(const struct ports *ports, unsigned segment, struct address address)
{
	for (size_t p = 0; p < ports->count; p++) {
		const struct agent_port *port = &ports->port[p];
		const struct port_segment *here = port_segment_of(port, segment);

		for (size_t i = 0; here && i < port->addresses; i++)
			if (port->address[i].vlan == here->vlan &&
			    address_equal(port->address[i].address, address) &&
			    uppers_is_router(&ports->uppers, port->address[i].ifindex))
				return true;
	}
	return false;
}

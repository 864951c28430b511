/* SPDX-License-Identifier: MIT */
#include "agent/kernel_exchange.h"

#include <errno.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/kernel_place.h"

bool kernel_imports(const struct kernel *kernel, unsigned segment)
{
	enum config_kernel mode = kernel->agent->config.segment[segment].kernel;

	return mode == KERNEL_IMPORT || mode == KERNEL_BOTH;
}

void kernel_hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 const struct agent_port *port)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_find(&agent->layout, segment, running->address);
	struct neighbour_clock clock = clock_now();
	struct neighbour_heard heard = {
	        .mac = running->mac,
	        .reply = true,
	        .answer = true,
	        .interface = port->name,
	        .trigger = "kernel",
	};
	int64_t slot;

	if (!kernel_imports(kernel, segment) || !kernel_is_news(running) || !range ||
	    !prefix_is_host(range->prefix, running->address))
		return;
	slot = neighbour_take(agent->neighbour, segment, running->address, NEIGHBOUR_HEARD, &clock);
	if (slot < 0)
		return;
	heard.slot = (uint32_t)slot;
	neighbour_heard(agent->neighbour, &heard, &clock);
	clock_wake(agent);
}

bool kernel_exports(const struct kernel *kernel, unsigned segment)
{
	enum config_kernel mode = kernel->agent->config.segment[segment].kernel;

	return mode == KERNEL_EXPORT || mode == KERNEL_BOTH;
}

struct kernel_wish kernel_wish_of(const struct neighbour_view *view)
{
	/* Another node's binding may never have been heard here: the kernel asks, too. */
	bool heard = view->seen || !view->foreign;
	bool alive = (view->state == SLOT_DYNAMIC && heard) || view->state == SLOT_STATIC;
	bool frozen = view->flags & SLOT_FROZEN; /* two hosts have it: let the kernel ask */

	return (struct kernel_wish){
	        .wanted = (alive || view->state == SLOT_DYNAMIC || view->state == SLOT_STALE) &&
	                  !frozen,
	        .alive = alive,
	        .router = view->flags & SLOT_ROUTER,
	        .mac = view->mac,
	};
}

bool kernel_wish_on(const struct kernel *kernel, struct kernel_wish *wish, unsigned segment,
                    unsigned ifindex, struct address address)
{
	struct agent *agent = kernel->agent;
	struct kernel_place place;
	struct neighbour_view view;

	*wish = (struct kernel_wish){0};
	if (!kernel_exports(kernel, segment) ||
	    !kernel_place(&place, agent->ports, NULL, segment, address) ||
	    place.ifindex != ifindex || !neighbour_view(agent->neighbour, segment, address, &view))
		return true;
	*wish = kernel_wish_of(&view);
	return place.up;
}

static void on_refused(void *context, int error, const struct kernel_neighbour *request)
{
	struct kernel *kernel = context;
	char address[ADDRESS_TEXT];

	if (error == -EEXIST && kernel->contests < KERNEL_BATCH) {
		kernel->contested[kernel->contests++] = *request;
		return;
	}
	/* The entry or its interface is gone: a message about that follows. */
	if (error == -ENOENT || error == -ENODEV || error == -ENETDOWN || error == -EEXIST)
		return;
	kernel->refused = true;
	if (kernel->said == error)
		return;
	kernel->said = error;
	log_warning("the host's neighbour table: an entry for %s cannot be written: %s; trying "
	            "again",
	            address_format(address, request->address), strerror(-error));
}

/* An entry exists already: its owner decides. The batch has room for all of these. */
static void contest(struct kernel *kernel, const struct kernel_neighbour *request)
{
	struct agent *agent = kernel->agent;
	const struct agent_port *port;
	struct kernel_neighbour running, entry;
	struct kernel_wish wish;
	enum kernel_write write;
	unsigned segment;

	if (kernel_socket_get(&kernel->requests, &running, request->ifindex, request->address))
		return;
	if (!request->ext_learned) {
		if (kernel_introduce(request->mac, &running))
			kernel_socket_put(&kernel->requests, KERNEL_REPLACE, request);
		return;
	}
	if (!kernel_place_of(agent->ports, request->ifindex, request->address, &segment, &port) ||
	    !kernel_wish_on(kernel, &wish, segment, request->ifindex, request->address))
		return;
	entry = kernel_entry_for(&wish, &running);
	if (kernel_reconcile(&write, &wish, &running))
		kernel_socket_put(&kernel->requests, write, &entry);
}

void kernel_flush(struct kernel *kernel)
{
	struct kernel_neighbour contested[KERNEL_BATCH];
	unsigned contests;

	kernel_socket_flush(&kernel->requests, on_refused, kernel);
	contests = kernel->contests;
	memcpy(contested, kernel->contested, contests * sizeof(contested[0]));
	kernel->contests = 0;
	/* These requests create nothing, so that none of them is contested. */
	for (unsigned i = 0; i < contests; i++)
		contest(kernel, &contested[i]);
	kernel_socket_flush(&kernel->requests, on_refused, kernel);
	kernel->contests = 0;
}

void kernel_put(struct kernel *kernel, enum kernel_write write,
                const struct kernel_neighbour *neighbour)
{
	kernel_socket_put(&kernel->requests, write, neighbour);
	if (kernel->requests.count == KERNEL_BATCH)
		kernel_flush(kernel);
}

void kernel_put_right(struct kernel *kernel, const struct kernel_wish *wish,
                      const struct kernel_neighbour *running)
{
	struct kernel_neighbour entry = kernel_entry_for(wish, running);
	enum kernel_write write;

	if (kernel_reconcile(&write, wish, running))
		kernel_put(kernel, write, &entry);
}

/* Most often no entry exists yet, or it is ours. */
void kernel_catch_up(struct kernel *kernel, const struct kernel_change *change)
{
	struct agent *agent = kernel->agent;
	struct kernel_neighbour running, entry;
	struct neighbour_view view;
	struct kernel_place place;
	struct kernel_wish wish = {0};

	if (!kernel_place(&place, agent->ports, NULL, change->segment, change->address) ||
	    !place.up)
		return;
	/* An IPv6 address of which nothing is known any more has no view. */
	if (neighbour_view(agent->neighbour, change->segment, change->address, &view))
		wish = kernel_wish_of(&view);
	entry = kernel_entry(&wish, place.ifindex, change->address);
	if (wish.wanted)
		kernel_put(kernel, KERNEL_CREATE, &entry);
	else if (!kernel_socket_get(&kernel->requests, &running, place.ifindex, change->address))
		kernel_put_right(kernel, &wish, &running);
}

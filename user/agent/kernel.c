/* SPDX-License-Identifier: MIT */
/* Opens and closes; takes what the kernel, the agent's table and the XDP program report. */
#include "agent/kernel.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel_export.h"
#include "agent/kernel_forget.h"
#include "agent/kernel_import.h"
#include "agent/kernel_place.h"
#include "agent/kernel_round.h"
#include "base/base.h"

#define REACT_MAX 500  /* a second: entries put right when the kernel reports them */
#define ASKED_MAX 1000 /* a second: askers */

static bool allowed(struct allowance *allowance, unsigned most)
{
	uint64_t second = uv_hrtime() / 1000000000;

	if (allowance->second != second)
		*allowance = (struct allowance){.second = second};
	return allowance->used++ < most;
}

/*
 * An entry has changed. Entries to remove, and those that are gone, are left to the rounds: another
 * process may add them again, and `ip neigh flush` goes on until nothing is left.
 */
static void on_told(void *context, const struct kernel_neighbour *running)
{
	struct kernel *kernel = context;
	const struct agent_port *port;
	struct kernel_neighbour entry;
	struct kernel_wish wish;
	enum kernel_write write;
	unsigned segment;
	uint32_t slot;

	if (!kernel_place_of(&kernel->agent->ports, running->ifindex, running->address, &segment,
	                     &slot, &port))
		return;
	kernel_hear(kernel, running, segment, slot, port);
	if (running->gone ||
	    !kernel_wish_on(kernel, &wish, segment, running->ifindex, running->address) ||
	    !wish.wanted || !kernel_reconcile(&write, &wish, running) ||
	    (write == KERNEL_REFRESH && running->state & NUD_REACHABLE))
		return;
	if (!allowed(&kernel->reactions, REACT_MAX)) {
		kernel_round_within(kernel, SOON_MS);
		return;
	}
	entry = kernel_entry(&wish, running->ifindex, running->address);
	kernel_put(kernel, write, &entry);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct kernel *kernel = poll->data;
	uint64_t until = uv_hrtime() + TURN_NS;
	int result;

	(void)events;
	if (status || kernel->ended)
		return;
	do
		result = kernel_monitor_next(kernel->monitor, on_told, kernel);
	while (result > 0 && uv_hrtime() < until);
	kernel_flush(kernel);
	if (result < 0) {
		if (result != -ENOBUFS)
			log_debug("the host's neighbour table: %s", strerror(-result));
		kernel->hear_again = true;
		kernel_round_within(kernel, SOON_MS);
	}
}

void kernel_changed(struct kernel *kernel, unsigned segment, uint32_t address)
{
	int64_t slot;

	if (!kernel || kernel->ended || !kernel_exports(kernel, segment))
		return;
	slot = layout_slot(&kernel->agent->layout, segment, address);
	if (slot < 0)
		return;
	if (kernel->changes == CHANGED_MAX) {
		kernel_round_within(kernel, SOON_MS);
		return;
	}
	kernel->changed[kernel->changes++] = (uint32_t)slot;
	kernel_work(kernel);
}

void kernel_moved(struct kernel *kernel)
{
	if (!kernel || (!kernel->exports && !kernel->imports))
		return;
	kernel->hear_again = true;
	kernel_round_within(kernel, SOON_MS);
}

void kernel_asked(struct kernel *kernel, unsigned segment, unsigned ifindex, uint32_t address,
                  struct mac mac)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_find(&agent->layout, segment, address);
	struct kernel_neighbour entry;
	struct kernel_place place;

	if (kernel->ended || !agent->config.segment[segment].local_offload || !range ||
	    !prefix_is_host(range->prefix, address) || !mac_is_station(mac) ||
	    !kernel_place(&place, &agent->ports, ports_find(&agent->ports, ifindex), segment,
	                  address) ||
	    !place.up || !allowed(&kernel->askers, ASKED_MAX))
		return;
	entry = kernel_asker(mac, place.ifindex, address);
	kernel_put(kernel, KERNEL_CREATE, &entry);
	kernel_flush(kernel);
}

int kernel_open(struct kernel **out, struct agent *agent, struct fault *fault)
{
	struct kernel *kernel = calloc(1, sizeof(*kernel));
	int error;

	if (!kernel)
		return fault_set(fault, -ENOMEM, "out of memory");
	kernel->agent = agent;
	for (unsigned s = 0; s < agent->config.segments; s++) {
		kernel->exports = kernel->exports || kernel_exports(kernel, s);
		kernel->imports = kernel->imports || kernel_imports(kernel, s);
	}
	error = kernel_socket_open(&kernel->requests, fault);
	if (!error && (kernel->exports || kernel->imports))
		error = kernel_monitor_open(&kernel->monitor, fault);
	if (error) {
		kernel_close(kernel);
		return error;
	}
	*out = kernel;
	return 0;
}

void kernel_begin(struct kernel *kernel)
{
	kernel_round_init(kernel);
	kernel->poll.data = kernel;
	if (kernel->monitor) {
		uv_poll_init(&kernel->agent->loop, &kernel->poll,
		             mnl_socket_get_fd(kernel->monitor));
		uv_poll_start(&kernel->poll, UV_READABLE, on_readable);
	}
	kernel->begun = kernel->first = kernel->hear_again = true;
	/* Without import and export this is the only round: an earlier agent may have exported. */
	kernel_round_begin(kernel);
}

void kernel_withdraw(struct kernel *kernel)
{
	struct fault fault = {0};

	if (!kernel || !kernel->begun || kernel->ended)
		return;
	kernel_flush(kernel);
	kernel_round_end(kernel);
	kernel->ended = true;
	if (kernel->exports && kernel_forget(&kernel->requests, &kernel->agent->ports, &fault))
		log_warning("%s; entries of ours stay, and age", fault.text);
}

void kernel_close(struct kernel *kernel)
{
	if (!kernel)
		return;
	kernel_round_end(kernel);
	kernel_socket_close(&kernel->requests);
	if (kernel->monitor)
		mnl_socket_close(kernel->monitor);
	free(kernel);
}

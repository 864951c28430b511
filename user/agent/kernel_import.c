/* SPDX-License-Identifier: MIT */
#include "agent/kernel_import.h"

#include "agent/clock.h"
#include "agent/kernel_policy.h"

bool kernel_imports(const struct kernel *kernel, unsigned segment)
{
	enum config_kernel mode = kernel->agent->config.segment[segment].kernel;

	return mode == KERNEL_IMPORT || mode == KERNEL_BOTH;
}

void kernel_hear(struct kernel *kernel, const struct kernel_neighbour *running, unsigned segment,
                 uint32_t slot, const struct agent_port *port)
{
	struct agent *agent = kernel->agent;
	const struct layout_range *range = layout_range_of(&agent->layout, slot);
	struct neighbour_clock clock = clock_now();
	const struct neighbour_heard heard = {
	        .slot = slot,
	        .mac = running->mac,
	        .reply = true,
	        .answer = true,
	        .interface = port->name,
	        .trigger = "kernel",
	};

	if (!kernel_imports(kernel, segment) || !kernel_is_news(running) ||
	    !prefix_is_host(range->prefix, running->address))
		return;
	neighbour_heard(agent->neighbour, &heard, &clock);
	clock_wake(agent);
}

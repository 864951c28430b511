/* SPDX-License-Identifier: MIT */
#include "agent/shared.h"

#include <errno.h>

static int detach(void *context, uint32_t ifindex)
{
	return offload_detach_shared(context, ifindex);
}

void shared_prepare(struct agent *agent)
{
	const struct detacher_options options = {
	        .detach = detach, .context = agent->config.instance, .pins = "/sys/fs/bpf"};
	struct fault fault = {""};

	if (offload_may_share() && detacher_open(&agent->detacher, &options, &fault))
		log_warning("%s: where other programs join the agent's on an interface, only "
		            "'arpkeeper detach' takes it off",
		            fault.text);
}

void shared_settle(struct agent *agent)
{
	for (size_t i = 0; i < agent->ports->count; i++) {
		const struct offload_port *offload = agent->ports->port[i].offload;

		if (offload && offload_port_in_dispatcher(offload))
			return;
	}
	detacher_close(agent->detacher);
	agent->detacher = NULL;
}

static int ask(void *context, unsigned ifindex)
{
	const struct agent *agent = context;

	return agent->detacher ? detacher_ask(agent->detacher, ifindex) : -EPERM;
}

struct detaching shared_detaching(struct agent *agent)
{
	return (struct detaching){ask, agent};
}

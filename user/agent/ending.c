/* SPDX-License-Identifier: MIT */
/* For a signal and for `stop`. agent.c frees everything afterwards. */
#include "agent/ending.h"

#include "agent/kernel.h"

int ending_begin(struct agent *agent, bool keep, struct fault *fault)
{
	int error = 0;

	if (agent->stopping)
		return 0;
	if (!keep && (error = ports_detach(&agent->ports, fault)))
		return error;
	agent->stopping = true;
	agent->keep = keep;
	if (!keep) {
		kernel_withdraw(agent->kernel);
		error = offload_unpin(agent->offload, fault);
	}
	uv_stop(&agent->loop);
	return error;
}

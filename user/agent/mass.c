// SPDX-License-Identifier: MIT
/* Fills in what the table knows, and leaves the rule to entry/guard.h. */
#include "agent/mass.h"

uint32_t mass_confirmed(const struct control_request *request)
{
	json_int_t number = json_integer_value(json_object_get(request->body, "confirm"));

	return number > 0 && number <= GUARD_MOST ? (uint32_t)number : 0;
}

static int judge(const struct agent *agent, const struct guard_part *part, size_t parts,
                 const char *what, struct fault *fault)
{
	uint32_t guard = agent->config.guard;

	return guard_exceeded(guard, part, parts)
	               ? guard_refuse(fault, guard, guard_total(part, parts), what, "--confirm ")
	               : 0;
}

static size_t known(const struct agent *agent, unsigned segment)
{
	struct neighbour_segment_totals totals;

	neighbour_segment_totals(agent->neighbour, segment, &totals);
	return (size_t)totals.state[SLOT_DYNAMIC] + totals.state[SLOT_STATIC] +
	       totals.state[SLOT_STALE];
}

uint32_t mass_unguarded(const struct agent *agent, uint32_t confirmed)
{
	uint32_t allowed = guard_allows(agent->config.guard);
	size_t total = 0;

	if (allowed < confirmed)
		allowed = confirmed;
	for (unsigned s = 0; s < agent->config.segments; s++)
		total += known(agent, s);
	return total <= allowed ? UINT32_MAX : allowed;
}

int mass_judge(const struct agent *agent, struct guard_part *part, uint32_t confirmed,
               const char *what, struct fault *fault)
{
	size_t segments = agent->config.segments;

	if (guard_permits(agent->config.guard, guard_total(part, segments), confirmed))
		return 0;
	for (unsigned s = 0; s < segments; s++)
		part[s].known = known(agent, s);
	return judge(agent, part, segments, what, fault);
}

int mass_judge_segment(const struct agent *agent, unsigned segment, size_t changes,
                       uint32_t confirmed, const char *what, struct fault *fault)
{
	const struct guard_part part = {changes, known(agent, segment)};

	return guard_permits(agent->config.guard, changes, confirmed)
	               ? 0
	               : judge(agent, &part, 1, what, fault);
}

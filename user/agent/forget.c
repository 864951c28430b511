// SPDX-License-Identifier: MIT
#include "agent/forget.h"

#include <string.h>

#include "agent/place.h"
#include "agent/waiting.h"

static void on_forgotten(void *argument, const struct history_outcome *outcome)
{
	struct waiting *waiting = argument;
	struct control *control = waiting->agent->control;
	char address[ADDRESS_TEXT];

	address_format(address, waiting->range.first);
	if (!outcome->status)
		log_info("unset by %s: %s in %s, which is not configured, commit %.10s%s",
		         waiting->by, address, waiting->outside, outcome->commit,
		         waiting->answered ? ", recorded after all" : "");
	if (waiting->answered) {
		waiting_free(waiting);
		return;
	}
	if (outcome->status)
		control_fail(control, waiting->client, "%s", outcome->text);
	else
		control_reply(control, waiting->client,
		              json_pack("{s:b, s:s, s:s, s:s, s:b}", "ok", 1, "segment",
		                        waiting->outside, "address", address, "commit",
		                        outcome->commit, "changed", 1));
	waiting_free(waiting);
}

bool forget_outside(struct agent *agent, const struct control_request *request)
{
	const char *text = control_text(request, "address");
	const char *name = control_text(request, "segment");
	struct history_revert forget = {.message = control_text(request, "message")};
	char path[ENTRY_PATH_MAX];
	struct waiting *waiting;
	struct fault fault;
	unsigned segment;
	struct address address;
	int error;

	if (!name || !segment_name_is_valid(name) || !text || address_parse(&address, text) ||
	    place_find(&segment, agent, name, address, &fault) == 0)
		return false;
	waiting = waiting_new(agent, request);
	if (!waiting)
		return true;
	waiting->range = (struct range){address, address};
	snprintf(waiting->outside, sizeof(waiting->outside), "%s", name);
	forget.name = entry_path(path, name, address);
	forget.author = waiting->by;
	error = ledger_revert(agent->ledger, &forget, on_forgotten, waiting);
	if (error) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s", path, strerror(-error));
	}
	return true;
}

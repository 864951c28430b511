// SPDX-License-Identifier: MIT
/* A list of those who wait. Answers only what cannot begin to wait. */
#include "agent/waiting.h"

#include <stdlib.h>
#include <string.h>

struct waiting *waiting_new(struct agent *agent, const struct control_request *request)
{
	struct waiting *waiting;
	char by[PERSON_TEXT];

	if (!person_of(by, agent, request))
		return NULL;
	waiting = calloc(1, sizeof(*waiting));
	if (!waiting) {
		control_fail(agent->control, request->client, "out of memory");
		return NULL;
	}
	waiting->agent = agent;
	memcpy(waiting->by, by, sizeof(by));
	waiting->client = request->client;
	waiting->since_ms = uv_now(&agent->loop);
	waiting->next = agent->waiting;
	agent->waiting = waiting;
	return waiting;
}

void waiting_free(struct waiting *waiting)
{
	struct waiting **link = &waiting->agent->waiting;

	while (*link != waiting)
		link = &(*link)->next;
	*link = waiting->next;
	free(waiting);
}

bool waiting_is_line(struct agent *agent, const struct control_request *request, const char *key)
{
	const char *text = control_text(request, key);
	struct fault fault = {""};

	if (!text || entry_check_text(key, text, &fault) == 0)
		return true;
	control_fail(agent->control, request->client, "%s", fault.text);
	return false;
}

bool waiting_has_message(struct agent *agent, const struct control_request *request)
{
	const char *text = control_text(request, "message");
	struct fault fault = {""};

	if (!text || entry_check_message(text, &fault) == 0)
		return true;
	control_fail(agent->control, request->client, "%s", fault.text);
	return false;
}

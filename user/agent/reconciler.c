/* SPDX-License-Identifier: MIT */
/* Shares history's looks at pushed references. It changes nothing: history merges. */
#include "agent/reconciler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS 4 /* that history has at a time: a `set` waits for as many */

struct look {
	struct look *next;
	struct agent *agent;
	char *ref; /* owned; NULL: main */
	bool running;
	uint64_t since_ms;
	uint64_t *client; /* owned: those that wait; the limits of the control socket bound the
	                     number */
	size_t clients, room;
};

static void look_free(struct look *look)
{
	struct look **link = &look->agent->reconciler.first;

	while (*link != look)
		link = &(*link)->next;
	*link = look->next;
	free(look->ref);
	free(look->client);
	free(look);
}

static void begin_waiting(struct agent *agent);

/* "refused": it stays so, unless it is pushed anew. */
static void fail(struct agent *agent, uint64_t client, const struct history_outcome *outcome)
{
	char text[sizeof(outcome->text)];

	snprintf(text, sizeof(text), "%s", outcome->text);
	text_mend(text);
	control_reply(agent->control, client,
	              json_pack("{s:b, s:s, s:i, s:b}", "ok", 0, "error", text, "status", 1,
	                        "refused",
	                        outcome->status == -EINVAL || outcome->status == -EPERM));
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct look *look = argument;
	struct agent *agent = look->agent;

	for (size_t i = 0; i < look->clients; i++) {
		if (outcome->status)
			fail(agent, look->client[i], outcome);
		else
			control_reply(agent->control, look->client[i],
			              json_pack("{s:b, s:s, s:I, s:I, s:s}", "ok", 1, "commit",
			                        outcome->commit, "applied",
			                        (json_int_t)outcome->applied, "chosen",
			                        (json_int_t)outcome->chosen, "text",
			                        outcome->text));
	}
	agent->reconciler.running--;
	look_free(look);
	begin_waiting(agent);
}

/* Answers every waiter with an error. */
static void look_fail(struct look *look, const char *format, const char *why)
{
	for (size_t i = 0; i < look->clients; i++)
		control_fail(look->agent->control, look->client[i], format, why);
	look->clients = 0;
}

static void begin_waiting(struct agent *agent)
{
	struct look *look, *next;

	if (agent->stopping)
		return;
	for (look = agent->reconciler.first; look && agent->reconciler.running < LOOKS;
	     look = next) {
		int error;

		next = look->next;
		if (look->running)
			continue;
		look->running = true;
		error = ledger_merge(agent->ledger, look->ref, 0, on_outcome, look);
		if (error) {
			look_fail(look, "reconcile: %s", strerror(-error));
			look_free(look);
		} else {
			agent->reconciler.running++;
		}
	}
}

static bool is_of(const struct look *look, const char *ref)
{
	return look->ref && ref ? strcmp(look->ref, ref) == 0 : look->ref == ref;
}

/* The look that has not begun, of that reference. */
static struct look *find_waiting(const struct agent *agent, const char *ref)
{
	struct look *look = agent->reconciler.first;

	while (look && (look->running || !is_of(look, ref)))
		look = look->next;
	return look;
}

static struct look *look_new(struct agent *agent, const char *ref)
{
	struct look *look = calloc(1, sizeof(*look)), **link = &agent->reconciler.first;

	if (!look || (ref && !(look->ref = strdup(ref)))) {
		free(look);
		return NULL;
	}
	look->agent = agent;
	look->since_ms = uv_now(&agent->loop);
	while (*link)
		link = &(*link)->next;
	*link = look;
	return look;
}

void reconciler_ask(struct agent *agent, uint64_t client, const char *ref)
{
	struct look *look = find_waiting(agent, ref);

	if (!look)
		look = look_new(agent, ref);
	if (!look || array_reserve(&look->client, &look->room, look->clients + 1)) {
		if (look && look->clients == 0)
			look_free(look);
		control_fail(agent->control, client, "out of memory");
		return;
	}
	look->client[look->clients++] = client;
	begin_waiting(agent);
}

void reconciler_beat(struct agent *agent, const char *trouble)
{
	for (struct look *look = agent->reconciler.first; look; look = look->next)
		if (uv_now(&agent->loop) - look->since_ms >= DURABLE_PATIENCE_MS)
			look_fail(look,
			          "not merged yet, because history cannot be written: %s; it is "
			          "merged when that ends",
			          trouble);
}

void reconciler_clear(struct agent *agent)
{
	for (struct look *look = agent->reconciler.first, *next; look; look = next) {
		next = look->next;
		look_free(look);
	}
}

/* SPDX-License-Identifier: MIT */
/* Reads lines as they come. A line that is too long, or not JSON, ends the connection. */
#include "cli/toplink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "client/client.h"

#define CHUNK          (64 << 10)
#define CHUNKS         16 /* read at a time: keys are looked at in between */
#define LINE_MAX_BYTES ((size_t)8 << 20)

bool toplink_is_open(const struct toplink *link)
{
	return link->side[TOPLINK_WATCH].agent != NULL;
}

int toplink_descriptor(const struct toplink *link, enum toplink_which which)
{
	FILE *agent = link->side[which].agent;

	return agent ? fileno(agent) : -1;
}

bool toplink_is_idle(const struct toplink *link)
{
	return toplink_is_open(link) && link->asked == TOPLINK_NOTHING;
}

void toplink_close(struct toplink *link)
{
	for (unsigned i = 0; i < 2; i++) {
		client_close(link->side[i].agent);
		free(link->side[i].text);
		link->side[i] = (struct toplink_side){.agent = NULL};
	}
	link->asked = TOPLINK_NOTHING;
}

static int request(struct toplink *link, enum toplink_which which, json_t *object,
                   struct fault *fault)
{
	struct toplink_side *side = &link->side[which];
	int error = object ? client_send(side->agent, object, fault)
	                   : fault_set(fault, -EINVAL, "an argument is not UTF-8 text");

	json_decref(object);
	side->answered = false;
	return error;
}

int toplink_ask(struct toplink *link, enum toplink_request what, struct fault *fault)
{
	link->asked = what;
	if (what == TOPLINK_STATS)
		return request(link, TOPLINK_ASK, json_pack("{s:s}", "command", "stats"), fault);
	return request(link, TOPLINK_ASK,
	               json_pack("{s:s, s:b, s:s?}", "command", "show", "stream", 1, "prefix",
	                         link->prefix),
	               fault);
}

int toplink_open(struct toplink *link, const char *path, const char *prefix, struct fault *fault)
{
	int error;

	*link = (struct toplink){.prefix = prefix};
	error = client_connect(&link->side[TOPLINK_WATCH].agent, path, fault);
	if (!error)
		error = client_connect(&link->side[TOPLINK_ASK].agent, path, fault);
	/* First the stream: no change is lost between it and the table. */
	if (!error)
		error = request(link, TOPLINK_WATCH, json_pack("{s:s}", "command", "watch"), fault);
	if (!error)
		error = toplink_ask(link, TOPLINK_TABLE, fault);
	if (error)
		toplink_close(link);
	return error;
}

/* An answer that refuses has the reason. */
static int take_response(struct toplink *link, enum toplink_which which, const json_t *object,
                         toplink_fn *take, void *context, struct fault *fault)
{
	const char *reason = json_text(object, "error");

	if (!json_is_true(json_object_get(object, "ok")))
		return fault_set(fault, -EREMOTEIO, "%s", reason ? reason : "the agent refused");
	link->side[which].answered = true;
	if (which == TOPLINK_WATCH || link->asked != TOPLINK_STATS)
		return 0;
	link->asked = TOPLINK_NOTHING;
	return take(context, TOPLINK_COUNTERS, object);
}

static int take_object(struct toplink *link, enum toplink_which which, const json_t *object,
                       toplink_fn *take, void *context, struct fault *fault)
{
	if (!link->side[which].answered)
		return take_response(link, which, object, take, context, fault);
	if (which == TOPLINK_WATCH)
		return take(context, TOPLINK_EVENT, object);
	if (!json_is_true(json_object_get(object, "end")))
		return take(context, TOPLINK_ENTRIES, object);
	link->asked = TOPLINK_NOTHING;
	return take(context, TOPLINK_END, object);
}

static int take_lines(struct toplink *link, enum toplink_which which, toplink_fn *take,
                      void *context, struct fault *fault)
{
	struct toplink_side *side = &link->side[which];
	size_t used = 0;
	int error = 0;

	while (!error) {
		char *end = memchr(side->text + used, '\n', side->length - used);
		json_error_t parse;
		json_t *object;

		if (!end)
			break;
		object =
		        json_loadb(side->text + used, (size_t)(end - side->text) - used, 0, &parse);
		if (json_is_object(object))
			error = take_object(link, which, object, take, context, fault);
		else
			error = fault_set(fault, -EPROTO, "cannot parse the agent's answer: %s",
			                  object ? "not an object" : parse.text);
		json_decref(object);
		used = (size_t)(end - side->text) + 1;
	}
	memmove(side->text, side->text + used, side->length - used);
	side->length -= used;
	return error;
}

int toplink_read(struct toplink *link, enum toplink_which which, toplink_fn *take, void *context,
                 struct fault *fault)
{
	struct toplink_side *side = &link->side[which];
	int error = 0;

	for (unsigned i = 0; i < CHUNKS && !error; i++) {
		ssize_t got;

		if (side->length > LINE_MAX_BYTES)
			return fault_set(fault, -EPROTO, "the agent's answer is too long");
		if (array_reserve(&side->text, &side->room, side->length + CHUNK))
			return fault_set(fault, -ENOMEM, "out of memory");
		got = recv(fileno(side->agent), side->text + side->length, CHUNK, MSG_DONTWAIT);
		if (got < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -EPIPE;
		if (got == 0)
			return -EPIPE;
		side->length += (size_t)got;
		error = take_lines(link, which, take, context, fault);
	}
	return error;
}

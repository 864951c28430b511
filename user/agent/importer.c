/* SPDX-License-Identifier: MIT */
/*
 * An import under way: pieces come in, slices of them are applied between other events, answers go
 * out. What was applied is recorded, also when the client leaves half-way. An import adds what the
 * table does not have; without `force` it displaces nothing static, and nothing that was heard.
 *
 * A list that may change more known addresses than history.guard allows is looked at as a whole
 * before any of it is applied. A client that does not do so is stopped where it is too much.
 */
#include "agent/importer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/import_rule.h"
#include "agent/mass.h"
#include "agent/person.h"
#include "agent/place.h"
#include "agent/publish.h"

#define SLICE 256 /* lines applied at a time: less than a millisecond */

/* A request's lines, and what became of them. */
struct piece {
	struct piece *next;
	struct import *import;
	json_t *lines; /* a string */
	size_t at;     /* bytes done */
	bool dry;      /* nothing of it is applied */
	size_t count, changed, same, kept;
	json_t *refused; /* [[number of the line in the piece, why], ...] */
};

struct import {
	struct agent *agent;
	bool over; /* it waits for history to let go */
	uint64_t client;
	uint64_t task; /* 0: nothing changed yet */
	bool said;     /* the task's commits have its author */
	bool dry, force;
	bool ending;                                 /* all pieces came, and the client waits */
	bool closing;                                /* the task is ended */
	char *user, *message, *name, *origin, *what; /* what: "the import of NAME" */
	const char *segment;         /* the configuration's; NULL: the one of each address */
	struct piece *first, **last; /* to apply */
	unsigned held;               /* marks, and the end, that history still has */
	uint64_t moved_ms;           /* when history last took a piece */
	size_t count, changed;
	uint32_t confirmed;
	struct guard_part *part; /* owned: known addresses that change, by segment */
	bool refused;            /* more than history.guard allows: it ends here */
	struct fault why;
};

static void piece_free(struct piece *piece)
{
	json_decref(piece->lines);
	json_decref(piece->refused);
	free(piece);
}

/* Once the client left or was answered, and history holds no piece any more. */
static void import_release(struct import *import)
{
	if (!import->over || import->held > 0)
		return;
	free(import->user);
	free(import->message);
	free(import->name);
	free(import->origin);
	free(import->what);
	free(import->part);
	free(import);
}

/* Applies nothing more. */
static void import_over(struct import *import)
{
	if (import->over)
		return;
	while (import->first) {
		struct piece *piece = import->first;

		import->first = piece->next;
		piece_free(piece);
	}
	uv_idle_stop(&import->agent->importer.idle);
	import->agent->importer.import = NULL;
	import->over = true;
	import_release(import);
}

static int store(struct import *import, unsigned segment, const struct import_line *said,
                 const struct entry *after, const struct neighbour_clock *clock)
{
	struct agent *agent = import->agent;
	struct operator_context by = {
	        .kind = TASK_IMPORT,
	        .said = import->said,
	        .author = import->user,
	        .message = import->message,
	        .trigger = import->name,
	};
	int result;

	if (!import->task)
		import->task = ledger_begin(agent->ledger, task_kind_name(TASK_IMPORT));
	by.task = import->task;
	agent->by = &by;
	result = neighbour_import(agent->neighbour, segment, said->address, after, clock);
	agent->by = NULL;
	import->said = import->said || result == 0;
	return result;
}

/* Whether more known addresses change than may. */
static bool is_too_much(struct import *import)
{
	return mass_judge(import->agent, import->part, import->confirmed, import->what,
	                  &import->why) != 0;
}

/* Counts a known address that changes, in a piece that is applied or only looked at. Whether it may
 * change. */
static bool may_change(struct import *import, unsigned segment, bool dry)
{
	import->part[segment].changes++;
	import->refused = !dry && is_too_much(import);
	return !import->refused;
}

static enum import_outcome apply_said(struct import *import, struct import_line *said, bool dry,
                                      const struct neighbour_clock *clock, const char **why)
{
	struct agent *agent = import->agent;
	struct neighbour_view view = {0};
	enum import_outcome outcome;
	struct entry after;
	unsigned segment;
	int result = place_find(&segment, agent, import->segment, said->address, NULL);

	if (result < 0) {
		*why = place_why(result);
		return IMPORT_REFUSED;
	}
	/* A line with a time is a complete entry, which need not have an origin. */
	if (!said->has_since && !said->entry.origin)
		said->entry.origin = import->origin;
	if (!said->has_since || time_is_ahead(said->entry.since, clock->wall))
		said->entry.since = clock->wall;
	neighbour_view(agent->neighbour, segment, said->address, &view);
	outcome = import_decide(&after, said, &view, import->force, why);
	if (outcome != IMPORT_CHANGES)
		return outcome;
	if (view.entry && !may_change(import, segment, dry)) {
		*why = "too many known addresses would change";
		return IMPORT_REFUSED;
	}
	if (dry)
		return outcome;
	result = store(import, segment, said, &after, clock);
	if (result < 0)
		*why = place_why(result);
	return result < 0 ? IMPORT_REFUSED : result > 0 ? IMPORT_SAME : IMPORT_CHANGES;
}

static void apply_line(struct piece *piece, const char *line, size_t length,
                       const struct neighbour_clock *clock)
{
	struct import *import = piece->import;
	enum import_outcome outcome = IMPORT_REFUSED;
	char copy[ENTRY_TEXT_MAX + 2]; /* and the last x- line's end */
	const char *why = "it is too long";
	struct import_line said;

	if (length < ENTRY_TEXT_MAX) {
		memcpy(copy, line, length);
		copy[length] = '\0';
		why = import_line_parse(&said, copy);
		if (!why)
			outcome = apply_said(import, &said, piece->dry, clock, &why);
	}
	piece->changed += outcome == IMPORT_CHANGES;
	piece->same += outcome == IMPORT_SAME;
	piece->kept += outcome == IMPORT_KEPT;
	if (outcome == IMPORT_REFUSED)
		json_array_append_new(piece->refused,
		                      json_pack("[I, s]", (json_int_t)piece->count, why));
	piece->count++;
}

static void answer_piece(const struct agent *agent, struct piece *piece)
{
	json_t *body = json_pack("{s:b, s:I, s:I, s:I, s:O}", "ok", 1, "changed",
	                         (json_int_t)piece->changed, "unchanged", (json_int_t)piece->same,
	                         "kept", (json_int_t)piece->kept, "refused", piece->refused);

	control_reply(agent->control, piece->import->client, body);
	piece_free(piece);
}

static void import_end(struct import *import);
static void stop_refused(struct import *import);

/* History has taken it in. */
static void on_taken(void *argument, int status, const char *commit)
{
	struct piece *piece = argument;
	struct import *import = piece->import;

	(void)status;
	(void)commit;
	import->held--;
	if (import->over) {
		piece_free(piece);
		import_release(import);
		return;
	}
	import->moved_ms = uv_now(&import->agent->loop);
	answer_piece(import->agent, piece);
}

static void piece_applied(struct import *import, struct piece *piece)
{
	struct agent *agent = import->agent;

	import->first = piece->next;
	if (!import->first)
		import->last = &import->first;
	if (!piece->dry || import->dry) {
		import->count += piece->count;
		import->changed += piece->changed;
	}
	import->held++;
	if (!piece->dry && ledger_mark(agent->ledger, on_taken, piece) == 0)
		return;
	import->held--;
	answer_piece(agent, piece);
}

static void on_idle(uv_idle_t *idle)
{
	struct agent *agent = idle->data;
	struct import *import = agent->importer.import;
	struct piece *piece = import ? import->first : NULL;
	struct neighbour_clock clock = clock_now();

	if (agent->stopping)
		return;
	if (piece) {
		const char *text = json_string_value(piece->lines);
		size_t length = json_string_length(piece->lines);

		for (unsigned i = 0; i < SLICE && piece->at < length && !import->refused; i++) {
			const char *line = text + piece->at;
			const char *end = memchr(line, '\n', length - piece->at);
			size_t part = end ? (size_t)(end - line) : length - piece->at;

			apply_line(piece, line, part, &clock);
			piece->at += part + (end != NULL);
		}
		if (import->refused) {
			stop_refused(import);
			return;
		}
		if (piece->at >= length)
			piece_applied(import, piece);
	}
	if (import && import->first)
		return;
	uv_idle_stop(idle);
	if (import && import->ending)
		import_end(import);
}

static void on_durable(void *argument, int status, const char *commit)
{
	struct import *import = argument;
	struct control *control = import->agent->control;

	import->held--;
	if (import->over) {
		import_release(import);
		return;
	}
	if (status)
		control_fail(control, import->client,
		             "the table has it, but history could not write it: %s",
		             strerror(-status));
	else
		control_reply(control, import->client,
		              json_pack("{s:b, s:I, s:I, s:s?}", "ok", 1, "count",
		                        (json_int_t)import->count, "changed",
		                        (json_int_t)import->changed, "commit",
		                        *commit ? commit : NULL));
	import_over(import);
}

static void notice(struct import *import, const char *how)
{
	char line[512];

	snprintf(line, sizeof(line), "import of %s by %s%s: %zu addresses, %zu changed",
	         import->name, import->user, how, import->count, import->changed);
	publish_notice(import->agent, line);
}

/* All pieces are applied: answers when they are durable. */
static void import_end(struct import *import)
{
	struct agent *agent = import->agent;
	int error = 0;

	if (import->dry && is_too_much(import)) {
		control_fail(agent->control, import->client, "%s", import->why.text);
		import_over(import);
		return;
	}
	import->closing = true;
	import->moved_ms = uv_now(&agent->loop);
	if (!import->dry)
		notice(import, "");
	import->held++;
	/* Also without changes, the answers to the pieces come first. */
	if (import->task)
		error = ledger_end(agent->ledger, import->task, on_durable, import);
	else if (!import->dry)
		error = ledger_mark(agent->ledger, on_durable, import);
	else
		on_durable(import, 0, "");
	if (error)
		on_durable(import, error, "");
}

/* Half-way: the task ends with what was applied. */
static void import_cut_short(struct import *import, const char *how)
{
	struct agent *agent = import->agent;

	/* The lines applied of an unfinished piece count, too. */
	if (import->first) {
		import->count += import->first->count;
		import->changed += import->first->changed;
	}
	if (!agent->stopping && !import->closing && !import->dry) {
		notice(import, how);
		if (import->task)
			(void)ledger_end(agent->ledger, import->task, NULL, NULL);
	}
	import_over(import);
}

/* Applied are those before the one that was too many. */
static void stop_refused(struct import *import)
{
	control_fail(import->agent->control, import->client, "%s", import->why.text);
	import_cut_short(import, ", stopped by history.guard");
}

/* Everything was looked at: whether it may be applied. Then it is counted anew. */
static void judge_looked(struct agent *agent, struct import *import)
{
	if (is_too_much(import)) {
		control_fail(agent->control, import->client, "%s", import->why.text);
		import_over(import);
		return;
	}
	memset(import->part, 0, agent->config.segments * sizeof(*import->part));
	control_reply(agent->control, import->client, json_pack("{s:b}", "ok", 1));
}

static void begin(struct agent *agent, const struct control_request *request)
{
	char user[PERSON_TEXT];
	const char *name = control_text(request, "name"),
	           *message = control_text(request, "message");
	const char *segment = control_text(request, "segment");
	struct import *import = agent->importer.import;
	struct fault fault = {""};
	int index;

	if (import) {
		control_fail(agent->control, request->client,
		             "%s imports %s now (%zu addresses so far): one import at a time",
		             import->user, import->name, import->count);
		return;
	}
	if (!name || entry_check_text("name", name, &fault) < 0 || strlen(name) > 255 ||
	    (message && entry_check_message(message, &fault) < 0)) {
		control_fail(agent->control, request->client, "import: %s",
		             fault.text[0] ? fault.text : "give the list a name");
		return;
	}
	if (place_segment(&index, agent, segment, &fault)) {
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	if (!person_of(user, agent, request))
		return;
	import = calloc(1, sizeof(*import));
	if (!import || !(import->user = strdup(user)) || !(import->name = strdup(name)) ||
	    (message && !(import->message = strdup(message))) ||
	    !(import->part = calloc(agent->config.segments + 1, sizeof(*import->part))) ||
	    asprintf(&import->origin, "import/%s", name) < 0 ||
	    asprintf(&import->what, "the import of %s", name) < 0) {
		if (import) {
			import->over = true;
			import_release(import);
		}
		control_fail(agent->control, request->client, "out of memory");
		return;
	}
	import->agent = agent;
	import->client = request->client;
	import->segment = index >= 0 ? agent->config.segment[index].name : NULL;
	import->dry = json_is_true(json_object_get(request->body, "dry"));
	import->force = json_is_true(json_object_get(request->body, "force"));
	import->confirmed = mass_confirmed(request);
	import->last = &import->first;
	import->moved_ms = uv_now(&agent->loop);
	agent->importer.import = import;
	control_reply(agent->control, request->client,
	              json_pack("{s:b, s:I}", "ok", 1, "unguarded",
	                        (json_int_t)mass_unguarded(agent, import->confirmed)));
}

static void add_piece(struct agent *agent, struct import *import,
                      const struct control_request *request, bool dry)
{
	json_t *lines = json_object_get(request->body, "lines");
	struct piece *piece = calloc(1, sizeof(*piece));

	if (!json_is_string(lines) || !piece || !(piece->refused = json_array())) {
		free(piece);
		control_fail(agent->control, request->client, "import: 'lines' must be text");
		return;
	}
	piece->import = import;
	piece->dry = dry || import->dry;
	piece->lines = json_incref(lines);
	*import->last = piece;
	import->last = &piece->next;
	uv_idle_start(&agent->importer.idle, on_idle);
}

void importer_command(struct agent *agent, const struct control_request *request)
{
	const char *step = control_text(request, "step");
	struct import *import = agent->importer.import;
	bool look = step && !strcmp(step, "look");

	if (step && !strcmp(step, "begin")) {
		begin(agent, request);
		return;
	}
	if (!import || import->client != request->client || import->ending) {
		control_fail(agent->control, request->client, "import: begin first");
	} else if (look || (step && !strcmp(step, "lines"))) {
		add_piece(agent, import, request, look);
	} else if (step && !strcmp(step, "judge") && !import->first && !import->task) {
		judge_looked(agent, import);
	} else if (step && !strcmp(step, "end")) {
		import->ending = true;
		uv_idle_start(&agent->importer.idle, on_idle);
	} else {
		control_fail(agent->control, request->client,
		             "import: 'step' must be begin, look, judge, lines or end");
	}
}

void importer_gone(void *context, uint64_t client)
{
	const struct agent *agent = context;
	struct import *import = agent->importer.import;

	if (import && import->client == client)
		import_cut_short(import, ", cut short because the client left");
}

bool importer_is_waiting(const struct agent *agent)
{
	return agent->importer.import && agent->importer.import->held > 0;
}

void importer_beat(struct agent *agent, const char *trouble)
{
	struct import *import = agent->importer.import;

	if (!importer_is_waiting(agent) ||
	    uv_now(&agent->loop) - import->moved_ms < DURABLE_PATIENCE_MS)
		return;
	control_fail(
	        agent->control, import->client,
	        "history cannot be written: %s; the %zu addresses that are in the table by now "
	        "are recorded when that ends, the rest is not imported",
	        trouble, import->count);
	import_cut_short(import, ", cut short because history cannot be written");
}

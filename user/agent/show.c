/* SPDX-License-Identifier: MIT */
/*
 * The table may have millions of entries: the client gets it piece by piece, as it reads, and as
 * the table is at that moment. As values of a JSON library, a million entries took 10 s of the loop
 * and 1.7 GB; so they are written as text.
 */
#include "agent/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/clock.h"
#include "agent/place.h"
#include "agent/values.h"

#define PIECE 256 /* entries: less than half a millisecond */

struct show {
	const struct agent *agent;
	struct prefix prefix;
	int segment;         /* -1: all */
	char state[16];      /* "": any */
	bool lines;          /* a line for each piece; else one for all */
	uint32_t slot, last; /* the slots that are left, both included */
	bool begun, ended;
	const char *comma;
};

/* The text of entries has no control characters: nothing else needs an escape. */
static void put_text(FILE *out, const char *text)
{
	if (!text) {
		fputs("null", out);
		return;
	}
	putc_unlocked('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc_unlocked('\\', out);
		putc_unlocked(*text, out);
	}
	putc_unlocked('"', out);
}

static void put_member(FILE *out, const char *key, const char *text)
{
	fputs(",\"", out);
	fputs(key, out);
	fputs("\":", out);
	put_text(out, text);
}

static void put_entry(FILE *out, const struct show *show, const struct neighbour_view *view,
                      const struct neighbour_clock *clock)
{
	const struct entry *entry = view->entry;
	char address[IPV4_TEXT], mac[MAC_TEXT], since[TIME_TEXT], seen[TIME_TEXT];

	fputs("{\"segment\":", out);
	put_text(out, show->agent->config.segment[view->segment].name);
	put_member(out, "address", ipv4_format(address, view->address));
	put_member(out, "mac", mac_is_zero(view->mac) ? NULL : mac_format(mac, view->mac));
	put_member(out, "state", value_state_name(view->state));
	put_member(out, "since", entry ? time_format(since, entry->since) : NULL);
	put_member(out, "seen",
	           view->seen ? time_format(seen, clock->wall - (int64_t)(clock->now - view->seen))
	                      : NULL);
	put_member(out, "origin", entry ? entry->origin : NULL);
	put_member(out, "note", entry ? entry->note : NULL);
	putc_unlocked('}', out);
}

static bool wants(const struct show *show, const struct neighbour_view *view)
{
	return prefix_contains(show->prefix, view->address) &&
	       (show->segment < 0 || (unsigned)show->segment == view->segment) &&
	       (!show->state[0] || strcmp(show->state, value_state_name(view->state)) == 0);
}

static void put_entries(FILE *out, struct show *show)
{
	struct neighbour_clock clock = clock_now();
	struct neighbour_view view;

	for (unsigned i = 0; i < PIECE; i++) {
		if (show->slot > show->last ||
		    !neighbour_next(show->agent->neighbour, &show->slot, &view) ||
		    view.slot > show->last) {
			show->ended = true;
			return;
		}
		if (!wants(show, &view))
			continue;
		fputs(show->comma, out);
		put_entry(out, show, &view, &clock);
		show->comma = ",";
	}
}

static char *next(void *context, size_t *length)
{
	struct show *show = context;
	char *text = NULL;
	FILE *out;

	if (show->ended)
		return NULL;
	out = open_memstream(&text, length);
	if (!out)
		return NULL;
	if (show->lines) {
		fputs(show->begun ? "{\"entries\":[" : "{\"ok\":true}\n{\"entries\":[", out);
		show->comma = "";
	} else {
		/* A space: a piece may have no entry. */
		fputs(show->begun ? " " : "{\"ok\":true,\"entries\":[", out);
	}
	show->begun = true;
	put_entries(out, show);
	if (show->lines)
		fputs(show->ended ? "]}\n{\"end\":true}\n" : "]}\n", out);
	else if (show->ended)
		fputs("]}\n", out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

void show_command(struct agent *agent, const struct control_request *request)
{
	const char *within = control_text(request, "prefix");
	const char *state = control_text(request, "state");
	const char *segment = control_text(request, "segment");
	struct show *show = calloc(1, sizeof(*show));
	struct control_source source = {next, free, show};
	struct fault fault = {"out of memory"};

	if (!show || (within && prefix_parse(&show->prefix, within, &fault)) ||
	    place_segment(&show->segment, agent, segment, &fault)) {
		free(show);
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	show->agent = agent;
	show->comma = "";
	show->lines = json_is_true(json_object_get(request->body, "stream"));
	snprintf(show->state, sizeof(show->state), "%s", state ? state : "");
	place_slots(&show->slot, &show->last, &agent->layout, show->segment, show->prefix);
	control_stream(agent->control, request->client, &source);
}

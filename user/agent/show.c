/* SPDX-License-Identifier: MIT */
/*
 * The control socket's command `show`. The table may have millions of entries: it is told piece by
 * piece, as the client reads it, and as it is at that moment. As values of a JSON library, a
 * million entries took 10 s of the loop and 1.7 GB; so they are written as text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/report.h"
#include "agent/state.h"

#define PIECE 256 /* entries: less than half a millisecond */

struct show {
	const struct agent *agent;
	struct prefix prefix;
	int segment;         /* -1: all */
	char state[16];      /* "": any */
	bool lines;          /* a line for each piece; else one for all */
	uint32_t slot, last; /* the slots that are left, the last one included */
	bool begun, ended;
	const char *comma;
};

/* Text of entries has no control characters, so that this is all there is to escape. */
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
	put_member(out, "state", report_state_name(view->state));
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
	       (!show->state[0] || strcmp(show->state, report_state_name(view->state)) == 0);
}

static void put_entries(FILE *out, struct show *show)
{
	struct neighbour_clock clock = agent_clock();
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
		/* A space, since a piece may have no entry that is wanted. */
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

/* The slots from the first to the last that the prefix can be about. */
static void find_slots(struct show *show, const struct layout *layout)
{
	uint32_t last = show->prefix.network | ~prefix_mask(show->prefix);

	show->slot = UINT32_MAX;
	for (size_t i = 0; i < layout->ranges; i++) {
		const struct layout_range *range = &layout->range[i];
		uint32_t first = range->prefix.network, end = first | ~prefix_mask(range->prefix);

		if (!prefix_overlaps(range->prefix, show->prefix))
			continue;
		if (first < show->prefix.network)
			first = show->prefix.network;
		if (end > last)
			end = last;
		first = range->base + (first - range->prefix.network);
		end = range->base + (end - range->prefix.network);
		if (first < show->slot)
			show->slot = first;
		if (end > show->last)
			show->last = end;
	}
}

void report_show(struct agent *agent, const struct control_request *request)
{
	const char *within = json_string_value(json_object_get(request->body, "prefix"));
	const char *state = json_string_value(json_object_get(request->body, "state"));
	const char *segment = json_string_value(json_object_get(request->body, "segment"));
	int index = segment ? config_find_segment(&agent->config, segment) : -1;
	struct show *show = calloc(1, sizeof(*show));
	struct control_source source = {next, free, show};
	struct fault fault = {"out of memory"};

	if (!show || (within && prefix_parse(&show->prefix, within, &fault))) {
		free(show);
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	if (segment && index < 0) {
		free(show);
		control_fail(agent->control, request->client,
		             "there is no segment '%s': 'arpkeeper status' lists them", segment);
		return;
	}
	show->agent = agent;
	show->segment = index;
	show->comma = "";
	show->lines = json_is_true(json_object_get(request->body, "stream"));
	snprintf(show->state, sizeof(show->state), "%s", state ? state : "");
	find_slots(show, &agent->layout);
	control_stream(agent->control, request->client, &source);
}

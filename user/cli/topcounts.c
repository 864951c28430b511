/* SPDX-License-Identifier: MIT */
/* Sums the counters of a `stats` answer, and says them in words. */
#include "cli/topcounts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/when.h"
#include "client/client.h"
#include "entry/entry.h"

static const char *const states[] = {"dynamic", "static", "local", "stale",
                                     "pending", "dead",   NULL};

/* The counters whose names begin so. */
static int64_t sum_of(const json_t *counters, const char *prefix)
{
	const char *name;
	json_t *value;
	int64_t sum = 0;

	json_object_foreach ((json_t *)counters, name, value)
		if (!strncmp(name, prefix, strlen(prefix)))
			sum += json_integer_value(value);
	return sum;
}

static int64_t count_state(const json_t *segments, const char *state)
{
	const json_t *segment;
	int64_t sum = 0;
	size_t index;

	json_array_foreach ((json_t *)segments, index, segment)
		sum += json_number(json_object_get(segment, "addresses"), state);
	return sum;
}

static void add_table(char *line, size_t size, const json_t *stats, int64_t now)
{
	const json_t *segments = json_object_get(stats, "segments");
	const char *version = json_text(stats, "version"), *since = json_text(stats, "since");
	char age[WHEN_TEXT] = "?";
	int64_t then;
	size_t used;

	if (since && time_parse(&then, since, strlen(since)) == 0)
		when_age(age, now - then);
	snprintf(line, size, "arpkeeper %s, up %s:", version ? version : "?", age);
	for (size_t i = 0; states[i]; i++) {
		used = strlen(line);
		snprintf(line + used, size - used, " %" PRId64 " %s%s",
		         count_state(segments, states[i]), states[i], states[i + 1] ? "," : "");
	}
}

static void add_rates(char *line, size_t size, const struct topcounts *old,
                      const struct topcounts *new, const json_t *stats)
{
	const json_t *history = json_object_get(stats, "history");
	int64_t ms = new->clock - old->clock;
	char discovery[40] = "";
	size_t used;

	/* Shown where there is IPv6. */
	if (new->discovery && ms > 0)
		snprintf(discovery, sizeof(discovery), ", ND %" PRId64,
		         (new->discovery - old->discovery) * 1000 / ms);
	if (!old->clock || ms <= 0 || new->frames < old->frames)
		snprintf(line, size, "ARP frames/s: -");
	else
		snprintf(line, size,
		         "ARP frames/s: %" PRId64 "%s, answered %" PRId64 ", passed %" PRId64
		         ", dropped %" PRId64 ", events %" PRId64,
		         (new->frames - old->frames) * 1000 / ms, discovery,
		         (new->answered - old->answered) * 1000 / ms,
		         (new->passed - old->passed) * 1000 / ms,
		         (new->dropped - old->dropped) * 1000 / ms,
		         (new->events - old->events) * 1000 / ms);
	used = strlen(line);
	snprintf(line + used, size - used,
	         "   history: %" JSON_INTEGER_FORMAT " commits, %" JSON_INTEGER_FORMAT " queued",
	         json_number(history, "commits"), json_number(history, "queued"));
}

void topcounts_lines(struct topcounts *counts, const json_t *stats, int64_t clock, int64_t now,
                     char *table, char *rates, size_t size)
{
	const json_t *counters = json_object_get(stats, "counters");
	const struct topcounts new = {
	        .frames = json_number(counters, "arp_frames"),
	        .discovery = json_number(counters, "nd_frames"),
	        .answered =
	                json_number(counters, "answered") + json_number(counters, "nd_answered"),
	        .passed = sum_of(counters, "pass_") + sum_of(counters, "nd_pass_"),
	        .dropped = sum_of(counters, "drop_") + sum_of(counters, "nd_drop_"),
	        .events = json_number(counters, "events_sent"),
	        .clock = clock};

	add_table(table, size, stats, now);
	add_rates(rates, size, counts, &new, stats);
	*counts = new;
}

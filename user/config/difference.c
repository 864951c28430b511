/* SPDX-License-Identifier: MIT */
#include "config/difference.h"

#include <stdio.h>
#include <string.h>

#include "config/keys.h"
#include "config/remote.h"
#include "config/values.h"

#define LINE_TEXT (2 * KEY_TEXT + SEGMENT_NAME_MAX + 64)

struct comparison {
	const struct config *before, *after;
	enum config_which which;
	void (*say)(void *context, const char *line);
	void *context;
};

/* The keys that have one value each. `a` and `b`: a part of each side, called `name`; or both
 * configurations, and `section` is NULL. */
static void compare_keys(const struct comparison *comparison, const char *section, const char *name,
                         const void *a, const void *b)
{
	struct key_value before, after;

	for (size_t i = 0; keys_value(&before, i, section, a) && keys_value(&after, i, section, b);
	     i++) {
		char line[LINE_TEXT];

		if (before.fixed != (comparison->which == CONFIG_FIXED) ||
		    strcmp(before.text, after.text) == 0)
			continue;
		snprintf(line, sizeof(line), "%s%s%s%s%s = %s (was %s)", before.section,
		         section ? " " : ".", section ? name : "", section ? ": " : "", before.name,
		         after.text[0] ? after.text : "-", before.text[0] ? before.text : "-");
		comparison->say(comparison->context, line);
	}
}

static bool has_interface(const struct config_segment *segment, const char *name)
{
	for (size_t i = 0; i < segment->interfaces; i++)
		if (strcmp(segment->interface[i], name) == 0)
			return true;
	return false;
}

static void compare_interfaces(const struct comparison *comparison, const struct config_segment *a,
                               const struct config_segment *b, const char *verb)
{
	for (size_t i = 0; i < a->interfaces; i++) {
		char line[LINE_TEXT];

		if (has_interface(b, a->interface[i]))
			continue;
		snprintf(line, sizeof(line), "segment %s: interface %s is %s", a->name,
		         a->interface[i], verb);
		comparison->say(comparison->context, line);
	}
}

static bool has_prefix(const struct config_segment *segment, struct prefix prefix)
{
	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_equal(segment->prefix[i], prefix))
			return true;
	return false;
}

/* The first prefix of the segment that overlaps; NULL: none does. */
static const struct prefix *overlapping(const struct config_segment *segment, struct prefix prefix)
{
	for (size_t i = 0; i < segment->prefixes; i++)
		if (prefix_overlaps(segment->prefix[i], prefix))
			return &segment->prefix[i];
	return NULL;
}

static void compare_prefixes(const struct comparison *comparison, const struct config_segment *a,
                             const struct config_segment *b)
{
	char line[LINE_TEXT], text[PREFIX_TEXT], other[PREFIX_TEXT];

	for (size_t i = 0; i < a->prefixes; i++) {
		const struct prefix *now = overlapping(b, a->prefix[i]);

		if (has_prefix(b, a->prefix[i]))
			continue;
		prefix_format(text, a->prefix[i]);
		if (now)
			snprintf(line, sizeof(line), "segment %s: prefix %s %s to %s", a->name,
			         text, now->length < a->prefix[i].length ? "grows" : "shrinks",
			         prefix_format(other, *now));
		else
			snprintf(line, sizeof(line), "segment %s: prefix %s is removed", a->name,
			         text);
		comparison->say(comparison->context, line);
	}
	for (size_t i = 0; i < b->prefixes; i++) {
		if (overlapping(a, b->prefix[i]))
			continue;
		snprintf(line, sizeof(line), "segment %s: prefix %s is added", b->name,
		         prefix_format(text, b->prefix[i]));
		comparison->say(comparison->context, line);
	}
}

/* Those of `a` that `b` has not. */
static void compare_segments(const struct comparison *comparison, const struct config *a,
                             const struct config *b, const char *verb)
{
	for (size_t s = 0; s < a->segments; s++) {
		char line[LINE_TEXT];

		if (config_find_segment(b, a->segment[s].name) >= 0)
			continue;
		snprintf(line, sizeof(line), "segment %s is %s", a->segment[s].name, verb);
		comparison->say(comparison->context, line);
	}
}

/* Those of `a` that `b` has not. */
static void compare_remotes(const struct comparison *comparison, const struct config *a,
                            const struct config *b, const char *verb)
{
	for (size_t i = 0; i < a->remotes; i++) {
		char line[LINE_TEXT];

		if (config_find_remote(b, a->remote[i].name) >= 0)
			continue;
		snprintf(line, sizeof(line), "remote %s is %s", a->remote[i].name, verb);
		comparison->say(comparison->context, line);
	}
}

/* What an agent has for as long as it runs. */
static void compare_fixed(const struct comparison *comparison)
{
	const struct config *before = comparison->before, *after = comparison->after;

	compare_remotes(comparison, before, after, "removed");
	compare_remotes(comparison, after, before, "added");
	for (size_t i = 0; i < after->remotes; i++) {
		const struct config_remote *b = &after->remote[i];
		int index = config_find_remote(before, b->name);

		if (index >= 0)
			compare_keys(comparison, "remote", b->name, &before->remote[index], b);
	}
}

static void compare_ports(const struct comparison *comparison, const struct config_segment *a,
                          const struct config_segment *b)
{
	compare_interfaces(comparison, a, b, "removed");
	compare_interfaces(comparison, b, a, "added");
	compare_prefixes(comparison, a, b);
}

void config_compare(const struct config *before, const struct config *after,
                    enum config_which which, void (*say)(void *context, const char *line),
                    void *context)
{
	const struct comparison comparison = {before, after, which, say, context};

	compare_keys(&comparison, NULL, "", before, after);
	if (which == CONFIG_FIXED) {
		compare_fixed(&comparison);
	} else {
		compare_segments(&comparison, before, after, "removed");
		compare_segments(&comparison, after, before, "added");
	}
	for (size_t s = 0; s < after->segments; s++) {
		const struct config_segment *b = &after->segment[s];
		int index = config_find_segment(before, b->name);
		const struct config_segment *a = index >= 0 ? &before->segment[index] : NULL;

		if (a && which != CONFIG_FIXED)
			compare_ports(&comparison, a, b);
		if (a)
			compare_keys(&comparison, "segment", b->name, a, b);
	}
}

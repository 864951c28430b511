/* SPDX-License-Identifier: MIT */
/* The words of `log` and `watch`, which are the same. */
#include "cli/words.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define OWN_ADDRESS "own address" /* a trigger of neighbour/ */

struct verbs {
	const char *task;
	const char *began, *ended;
};

/* To follow the address. The first is for commits without a task: those of people. */
static const struct verbs verbs[] = {
        {"", "put at", "removed, was at"},
        {"learn", "learned at", "removed, was at"},
        {"resolve", "answered from", "removed, was at"},
        {"expire", "at", "expired, was at"},
        {"operator", "set to", "unset, was at"},
        {"external", "written into the map, at", "erased from the map, was at"},
        {"recover", "found in the map after a restart, at",
         "gone from the map after a restart, was at"},
        {"import", "imported, at", "removed by an import, was at"},
        {"sync", "synchronised, at", "removed by a synchronisation, was at"},
};

static const struct verbs *verbs_of(const char *task)
{
	const char *name = task ? task : "";
	size_t length = strcspn(name, "/");

	for (unsigned i = 1; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strlen(verbs[i].task) == length && memcmp(verbs[i].task, name, length) == 0)
			return &verbs[i];
	return &verbs[0];
}

static bool is_static(const struct words_side *side)
{
	return side->state && strcmp(side->state, "static") == 0;
}

static bool is_given(const char *text)
{
	return text && *text;
}

char *words_of(char text[WORDS_TEXT], const struct words_transition *transition)
{
	const struct words_side *before = &transition->before, *after = &transition->after;
	const struct verbs *words = verbs_of(transition->task);
	const char *mark = !after->mac || !is_static(after) ? ""
	                   : after->router                  ? ", static, router"
	                                                    : ", static";
	const char *interface = transition->interface, *trigger = transition->trigger;
	const char *ended = words->ended;
	size_t used;
	int length;

	if (is_given(trigger) && !strcmp(trigger, OWN_ADDRESS))
		ended = "removed, was at"; /* not erased: the host has it itself */
	if (!after->mac)
		length =
		        snprintf(text, WORDS_TEXT, "%s %s", ended, before->mac ? before->mac : "?");
	else if (!before->mac)
		length = snprintf(text, WORDS_TEXT, "%s %s%s", words->began, after->mac, mark);
	else if (strcmp(before->mac, after->mac) != 0)
		length = snprintf(text, WORDS_TEXT, "moved from %s to %s%s", before->mac,
		                  after->mac, mark);
	else if (is_static(before) != is_static(after))
		length = snprintf(text, WORDS_TEXT, "now %s, at %s",
		                  is_static(after) ? "static" : "dynamic", after->mac);
	else
		length = snprintf(text, WORDS_TEXT, "described anew, at %s%s", after->mac, mark);
	used = length < 0 ? 0 : length < WORDS_TEXT ? (size_t)length : WORDS_TEXT - 1;
	if (is_given(interface) || is_given(trigger))
		snprintf(text + used, WORDS_TEXT - used, " (%s%s%s)",
		         is_given(interface) ? interface : "",
		         is_given(interface) && is_given(trigger) ? ", " : "",
		         is_given(trigger) ? trigger : "");
	return text;
}

const char *words_state(char text[WORDS_STATE], const struct entry *entry)
{
	snprintf(text, WORDS_STATE, "%s%s", entry_state_name(entry->state),
	         entry->router ? ", router" : "");
	return text;
}

const char *words_entry(char text[WORDS_ENTRY], const struct entry *entry)
{
	char mac[MAC_TEXT];

	if (!entry)
		return NULL;
	snprintf(text, WORDS_ENTRY, "%s%s%s", mac_format(mac, entry->mac),
	         entry->state == ENTRY_STATIC ? ", static" : "", entry->router ? ", router" : "");
	return text;
}

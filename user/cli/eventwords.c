/* SPDX-License-Identifier: MIT */
/* Says in words what the agent's events are. */
#include "cli/eventwords.h"

#include <stdio.h>
#include <string.h>

#include "client/client.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_text(object, key);

	return text ? text : "";
}

bool event_is(const json_t *event, const char *type)
{
	return strcmp(text_of(event, "type"), type) == 0;
}

static struct words_side side_of(const json_t *side)
{
	return (struct words_side){
	        .mac = json_text(side, "mac"),
	        .state = json_text(side, "state"),
	        .router = json_text(side, "role") != NULL,
	};
}

/* An alert without an address has a text instead. */
static void alert_words(char words[WORDS_TEXT], const json_t *event)
{
	const char *other = text_of(event, "other"), *interface = text_of(event, "interface");
	const char *text = text_of(event, "text");
	char vlan[JSON_NUMBER];
	bool where = *json_vlan(vlan, event) || *interface;

	snprintf(words, WORDS_TEXT, "ALERT %s: %s%s%s%s%s%s%s%s%s", text_of(event, "alert"),
	         *text ? text : text_of(event, "mac"), *other ? " against " : "", other,
	         where ? " (" : "", interface, *interface && *vlan ? ", " : "",
	         *vlan ? "VLAN " : "", vlan, where ? ")" : "");
}

char *event_words(char words[WORDS_TEXT], const json_t *event)
{
	if (event_is(event, "change")) {
		bool is_operator = strcmp(text_of(event, "task"), "operator") == 0;
		const struct words_transition transition = {
		        .task = text_of(event, "task"),
		        .before = side_of(json_object_get(event, "before")),
		        .after = side_of(json_object_get(event, "after")),
		        .interface = text_of(event, "interface"),
		        .trigger = is_operator ? NULL : text_of(event, "trigger"), /* "set" */
		};

		words_of(words, &transition);
	} else if (event_is(event, "alert")) {
		alert_words(words, event);
	} else {
		snprintf(words, WORDS_TEXT, "%s", text_of(event, "text"));
	}
	return words;
}

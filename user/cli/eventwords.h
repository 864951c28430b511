/* SPDX-License-Identifier: MIT */
/* An event of the agent's stream `watch`, in words. */
#ifndef USER_CLI_EVENTWORDS_H
#define USER_CLI_EVENTWORDS_H

#include <jansson.h>
#include <stdbool.h>

#include "cli/words.h"

/* Of a change "learned at ...", of an alert "ALERT conflict: ...", of a notice its text. Text from
 * outside is in it as it came. */
char *event_words(char words[WORDS_TEXT], const json_t *event);
/* Whether the event is of this type: "change", "alert", "notice". */
bool event_is(const json_t *event, const char *type);

#endif

/* SPDX-License-Identifier: MIT */
/* A transition of an address in words: "learned at 02:50:2a:16:6d:01 (eth0, request)". */
#ifndef USER_CLI_WORDS_H
#define USER_CLI_WORDS_H

#include "entry/entry.h"

#define WORDS_TEXT 512

struct words_side {
	const char *mac; /* NULL: absent */
	const char *state;
	bool router;
};

struct words_transition {
	const char *task; /* "learn" or "learn/20261122-000017"; "" or NULL: not of a task */
	struct words_side before, after;
	const char *interface, *trigger; /* "" or NULL: unknown */
};

char *words_of(char text[WORDS_TEXT], const struct words_transition *transition);

/* "static", "static, router". */
#define WORDS_STATE sizeof("dynamic, router")
const char *words_state(char text[WORDS_STATE], const struct entry *entry);
/* "02:50:2a:16:6d:01, static"; NULL: no entry. */
#define WORDS_ENTRY (MAC_TEXT + sizeof(", static, router"))
const char *words_entry(char text[WORDS_ENTRY], const struct entry *entry);

#endif

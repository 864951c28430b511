/* SPDX-License-Identifier: MIT */
/* A transition of an address in words: "learned at 02:50:2a:16:6d:01 (eth0, request)". */
#ifndef USER_CLI_WORDS_H
#define USER_CLI_WORDS_H

#include "entry/entry.h"

#define WORDS_TEXT 512

struct words_side {
	const char *mac; /* NULL: absent */
	const char *state;
};

struct words_transition {
	const char *task; /* "learn" or "learn/20261122-000017"; "" or NULL: not of a task */
	struct words_side before, after;
	const char *interface, *trigger; /* "" or NULL: unknown */
};

char *words_of(char text[WORDS_TEXT], const struct words_transition *transition);

/* "02:50:2a:16:6d:01, static"; NULL: no entry. */
#define WORDS_ENTRY (MAC_TEXT + sizeof(", static"))
const char *words_entry(char text[WORDS_ENTRY], const struct entry *entry);

#endif

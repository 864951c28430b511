/* SPDX-License-Identifier: MIT */
/* A transition of an address in words: "learned at 02:50:2a:16:6d:01 (eth0, request)". */
#ifndef USER_CLI_WORDS_H
#define USER_CLI_WORDS_H

#include <jansson.h>

#define WORDS_TEXT 512

struct words_side {
	const char *mac; /* NULL: absent */
	const char *state;
};

struct words_transition {
	const char *task; /* "learn" or "learn/20261122-000017"; "" or NULL: not a task's */
	struct words_side before, after;
	const char *interface, *trigger; /* "" or NULL: unknown */
};

char *words_of(char text[WORDS_TEXT], const struct words_transition *transition);
/* "2026-11-22 10:15:00Z" of the protocol's "2026-11-22T10:15:00Z". */
#define WORDS_TIME_TEXT sizeof("2026-11-22 10:15:00Z")
char *words_time(char text[WORDS_TIME_TEXT], const char *utc);

/* A VLAN as the agent gives it (a number, or text for two tags), into `text`; "" if it is none. */
#define WORDS_VLAN 24
char *words_vlan(char text[WORDS_VLAN], const json_t *vlan);

#endif

/* SPDX-License-Identifier: MIT */
/* The value of an entry: printing, copying, comparing; and which text it may contain. */
#ifndef USER_ENTRY_VALUE_H
#define USER_ENTRY_VALUE_H

#include "wire/wire.h"

enum entry_state { ENTRY_DYNAMIC, ENTRY_STATIC };

#define ENTRY_TEXT_MAX 4096 /* a longer file is refused */

struct entry {
	struct mac mac;
	enum entry_state state;
	bool router;   /* declared as a router; only with ENTRY_STATIC */
	int64_t since; /* Unix seconds: when this binding began */
	int64_t after; /* the newest unset in the fleet that it came after; 0: absent */
	char *origin;  /* owned; NULL: absent */
	char *note;    /* owned; NULL: absent */
	char *extra;   /* owned; the `x-` lines as they stand, each ended by LF; NULL: none */
};

const char *entry_state_name(enum entry_state state);
#define ENTRY_ROLE_ROUTER "router"

/* The file's text, malloc'ed, NUL-terminated; NULL when out of memory. */
char *entry_print(const struct entry *entry);
/* malloc'ed; NULL when out of memory or given NULL. */
struct entry *entry_copy(const struct entry *entry);
/* Compares every field. Two NULLs are equal. */
bool entry_equal(const struct entry *a, const struct entry *b);
void entry_clear(struct entry *entry); /* frees what it owns */
void entry_free(struct entry *entry);  /* entry_clear, and itself; NULL is fine */

#define ENTRY_NOTE_MAX 512 /* bytes of a note or origin */

/* Copies a text, or its absence (NULL). 0 or -ENOMEM. */
int text_copy(char **copy, const char *text);
/* Checks a note or an origin. `what` names it in the fault. 0 or -EINVAL. */
int entry_check_text(const char *what, const char *text, struct fault *fault);

#define ENTRY_MESSAGE_MAX 1000 /* bytes of an operator's words for a commit */

/* Checks them: lines of text. 0 or -EINVAL. */
int entry_check_message(const char *text, struct fault *fault);

#endif

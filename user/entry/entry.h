/* SPDX-License-Identifier: MIT */
/*
 * The entry: what history keeps for one address, as text (docs/history-format.md) and as a
 * value. One codec for agent, hooks, `check` and tests.
 */
#ifndef USER_ENTRY_H
#define USER_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "wire/address.h"

enum entry_state { ENTRY_DYNAMIC, ENTRY_STATIC };

#define ENTRY_TEXT_MAX 4096 /* a longer file is refused */
#define ENTRY_NOTE_MAX 512  /* octets of a note or origin */

struct entry {
	struct mac mac;
	enum entry_state state;
	int64_t since; /* Unix seconds: when this binding began */
	char *origin;  /* owned; NULL: absent */
	char *note;    /* owned; NULL: absent */
	char *extra;   /* owned; the `x-` lines as they stand, each ended by LF; NULL: none */
};

const char *entry_state_name(enum entry_state state);

/* Parses a whole file. On error -EINVAL and a fault "line N: reason". `text` need not end in NUL.
 * Keys in the contract's order; mac a station's address; `since` exactly YYYY-MM-DDTHH:MM:SSZ. */
int entry_parse(struct entry *entry, const char *text, size_t length, struct fault *fault);
/* The same without copies, for many: the entry's texts point into `text`, which is written to, also
 * at text[length]. Such an entry is never cleared or freed. */
int entry_parse_in_place(struct entry *entry, char *text, size_t length, struct fault *fault);
/* The file's text, malloc'ed, NUL-terminated; NULL when out of memory. */
char *entry_print(const struct entry *entry);
struct entry *
entry_copy(const struct entry *entry); /* malloc'ed; NULL when out of memory or given NULL */
bool entry_equal(const struct entry *a,
                 const struct entry *b); /* every field; two NULLs are equal */
void entry_clear(struct entry *entry);   /* frees what it owns */
void entry_free(struct entry *entry);    /* entry_clear, and itself; NULL is fine */

/* Checks a note or origin given by a person: one line of UTF-8 without control characters. */
int entry_check_text(const char *what, const char *text, struct fault *fault);

/* UTC as YYYY-MM-DDTHH:MM:SSZ. */
#define TIME_TEXT sizeof("2026-11-22T10:15:00Z")
int time_parse(int64_t *seconds, const char *text, size_t length); /* 0 or -EINVAL */
char *time_format(char text[TIME_TEXT], int64_t seconds);

/* Paths: <segment>/<a.b>/<a.b.c>/<a.b.c.d>. */
#define SEGMENT_NAME_MAX 63
#define ENTRY_PATH_MAX   (SEGMENT_NAME_MAX + sizeof("/255.255/255.255.255/255.255.255.255"))
/* Letters, digits, '-', '_', '.'; begins with a letter or digit; not ending in ".lock". */
bool segment_name_is_valid(const char *name);
char *entry_path(char path[ENTRY_PATH_MAX], const char *segment, uint32_t address);
/* -EINVAL and a reason when the path is not one of an entry. `segment` gets the first component. */
int entry_path_parse(char segment[SEGMENT_NAME_MAX + 1], uint32_t *address, const char *path,
                     struct fault *fault);

#endif

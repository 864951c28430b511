/* SPDX-License-Identifier: MIT */
/* What commits say: subject, list, trailers (docs/history-format.md). */
#ifndef USER_FORMAT_WORDING_H
#define USER_FORMAT_WORDING_H

#include <stdio.h>

#include "protocol/protocol.h"

struct wording {
	const char *kind;    /* "learn" */
	const char *id;      /* "learn/20261122-000017" */
	const char *segment; /* NULL: several, or none */
	const char *node; /* of the fleet, whose word it is unless a transition says other; NULL */
	const struct context *context;
	const struct transition *transition;
	size_t transitions;
	struct entry *const *before; /* for each transition, where wording_needs_before() */
};

/* Whether the sentence for this change names what was there before. */
bool wording_needs_before(const char *kind, const struct transition *transition);
/* The message of a task's commit. malloc'ed; NULL when out of memory. */
char *wording_task(const struct wording *wording);
/* The message of the commit that merges a task into main: it names what the task's commits name. Of
 * several addresses `transition` is the one that is named (of none it is NULL), `before` may be
 * NULL. */
char *wording_merge(const struct wording *wording);
/* Its subject alone, without a line feed: "merge: learn 10.0.3.17 is at 02:50:2a:16:6d:01". */
void wording_merge_subject(FILE *stream, const struct wording *wording);
/* The block that ends a message. `id` and the others may be NULL. */
void wording_trailers(FILE *stream, const char *id, const char *segment,
                      const struct context *context);
/* A person's own message: its first line is the subject. What is too long of it goes on in the
 * body. False if there is no message. */
bool wording_operator(FILE *stream, const char *message);
/* Why a change was not taken, after "not taken: ": "ann's is later". `why` as
 * entry_merge_reason() gives it, or a sentence; `winner`: a name, a task, or "" for main;
 * NULL: "it is later". */
#define WORDING_LOST 256
char *wording_lost(char text[WORDING_LOST], const char *why, const char *winner);
/* Closes a memory stream, whose text is there then. NULL: it failed, and the text is freed. */
char *wording_finish(FILE *stream, char **text);
/* Prints text from outside as one line: control characters become spaces. */
void wording_clean(FILE *stream, const char *text);
/* "Name <name@host>" for a commit, without what git could misread. malloc'ed. */
char *wording_person(const char *name, const char *host);

#endif

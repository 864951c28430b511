/* SPDX-License-Identifier: MIT */
/* The words of a merge or a revert: the commit's message, and the outcome for the person. */
#ifndef USER_HISTORY_MERGEWORDS_H
#define USER_HISTORY_MERGEWORDS_H

#include <stdio.h>

#include "history/request.h"
#include "history/types.h"

/* A text that grows by fprintf() to `stream`. */
struct mergewords_text {
	FILE *stream;
	char *text;
	size_t size;
};

struct mergewords {
	const char *source;            /* "main", "merge/x" */
	const struct request *revert;  /* what is undone; NULL: a merge */
	const char *segment;           /* of everything that a revert changed; NULL: several */
	struct mergewords_text kept;   /* lines: changes that were not taken over */
	struct mergewords_text chosen; /* trailers: conflicts, and how the rule decided */
	struct mergewords_text said;   /* lines for the person */
	size_t files;                  /* taken over, other than entries */
	size_t outside;                /* files of a revert that were left alone, */
	const char *outside_path;      /* such as this one */
};

/* Opens the texts. 0 or -ENOMEM; mergewords_clear() in any case. */
int mergewords_init(struct mergewords *words);
void mergewords_clear(struct mergewords *words);
/* The commit's message, malloc'ed; NULL: out of memory. `id` is the task's. */
char *mergewords_message(struct mergewords *words, const char *id);
/* Sets outcome->text from the outcome's numbers. */
void mergewords_say(struct mergewords *words, struct history_outcome *outcome);

#endif

/* SPDX-License-Identifier: MIT */
/* Parses one line of a list. */
#ifndef USER_LISTS_LINES_H
#define USER_LISTS_LINES_H

#include "lists/list.h"

#define LIST_WORDS 32

struct list_words {
	char *word[LIST_WORDS]; /* further ones are left out */
	unsigned count;
	bool empty; /* there was no word between two tabs */
};

/* Fills in what the line says; the item's texts point into the words. */
enum list_verdict list_line(struct list_item *item, enum list_format format,
                            const struct list_words *words, const struct list_options *options,
                            struct fault *fault);
/* The format that a line looks like; LIST_FORMATS: none. */
enum list_format list_line_format(const struct list_words *words);

#endif

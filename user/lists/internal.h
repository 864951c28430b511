/* SPDX-License-Identifier: MIT */
/* What the readers of lists share. For list*.c only. */
#ifndef USER_LISTS_INTERNAL_H
#define USER_LISTS_INTERNAL_H

#include "lists/lists.h"

/* What a line, or an object, turned out to be. */
enum list_verdict {
	LIST_BINDING,
	LIST_EMPTY,
	LIST_IPV6,
	LIST_UNBOUND,
	LIST_BAD /* and a fault says why */
};

#define LIST_WORDS 32

struct list_words {
	char *word[LIST_WORDS]; /* what follows the last one is left out */
	unsigned count;
	bool empty; /* between two tabs there was no word */
};

/* list_lines.c. Fills in what the line says; text points into the words. */
enum list_verdict list_line(struct list_item *item, enum list_format format,
                            const struct list_words *words, const struct list_options *options,
                            struct fault *fault);
/* The format that a line looks like; LIST_FORMATS: none. */
enum list_format list_line_format(const struct list_words *words);

/* Six octets of one or two hex digits, between colons or hyphens; of a station. LIST_BINDING or
 * LIST_BAD. */
enum list_verdict list_mac(struct mac *mac, const char *text, struct fault *fault);
/* LIST_BINDING, LIST_IPV6 or LIST_BAD. */
enum list_verdict list_address(uint32_t *address, const char *text, struct fault *fault);
/* A neighbour's state, in the words of `ip neigh` or of `show`; any case. LIST_BINDING,
 * LIST_UNBOUND, or LIST_BAD without a fault: no such word. */
enum list_verdict list_state(uint8_t *state, const char *word);

/* list_json.c */
int list_parse_json(struct list *list, const char *name, const char *text, size_t length,
                    const struct list_options *options, struct fault *fault);

/* list.c: does with it what its verdict says. -ENOMEM. */
int list_add(struct list *list, enum list_verdict verdict, struct list_item *item,
             const struct list_options *options, const struct fault *fault);

#endif

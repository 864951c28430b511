/* SPDX-License-Identifier: MIT */
/* Parses an entry's file. */
#ifndef USER_ENTRY_PARSE_H
#define USER_ENTRY_PARSE_H

#include "entry/value.h"

/* Parses a whole file. On error -EINVAL and a fault "line N: reason". `text` need not end in NUL.
 * Keys come in the format's order. The MAC must be a station's. */
int entry_parse(struct entry *entry, const char *text, size_t length, struct fault *fault);
/* The same without copies, for many entries. The entry's texts point into `text`, which is written
 * to, also at text[length]. Never clear or free such an entry. */
int entry_parse_in_place(struct entry *entry, char *text, size_t length, struct fault *fault);

#endif

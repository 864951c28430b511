/* SPDX-License-Identifier: MIT */
/*
 * Entries of main outside the configured segments and prefixes: history keeps them, and the table
 * has none of them. Folders that a prefix covers are not opened, so few are read.
 */
#ifndef USER_READER_OUTSIDE_H
#define USER_READER_OUTSIDE_H

#include "reader/entries.h"

struct reader;

/* Calls `handle` for each. With `contents` it gets the entry, which is NULL if it is invalid; else
 * none. Stops when it returns non-zero, and returns that; else 0, or a negative errno and a fault.
 * A clone does not know the configuration: there, nothing is outside. */
int reader_outside(struct reader *reader, bool contents,
                   int (*handle)(void *context, const struct reader_entry *entry), void *context,
                   struct fault *fault);

#endif

/* SPDX-License-Identifier: MIT */
/* The lives of an address at a glance: MACs and times by the look-back index, without states. */
#ifndef USER_READER_STRIP_H
#define USER_READER_STRIP_H

#include "reader/lives.h"

struct reader;

/* Adds what was before a commit of main's line (NULL: all) to the lives, for lives_clear(). Reads a
 * commit each, for its author and task, and no tree. Ends when there are `most` spans: then `more`
 * is set. 0, or a negative errno and a fault, as reader_timeline(). */
int reader_strip(struct reader *reader, struct lives *lives, struct address address,
                 const char *segment, const char *before, size_t most, bool *more,
                 struct fault *fault);

#endif

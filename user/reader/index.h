/* SPDX-License-Identifier: MIT */
/* The look-back index, as readers use it. */
#ifndef USER_READER_INDEX_H
#define USER_READER_INDEX_H

#include <git2.h>
#include <stdbool.h>

struct reader;

/* Makes reader->index reach main's tip. -ENOENT: there is none, and `make` is false. */
int reader_index(struct reader *reader, const git_commit *tip, bool make);
/* Frees reader->index. */
void reader_index_drop(struct reader *reader);

#endif

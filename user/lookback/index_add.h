/* SPDX-License-Identifier: MIT */
/* Adds rows to the look-back index, and writes them to its file. */
#ifndef USER_LOOKBACK_INDEX_ADD_H
#define USER_LOOKBACK_INDEX_ADD_H

#include <stdint.h>

#include "base/base.h"
#include "lookback/index.h"

/* The number of a segment's name, which is added if it is new. 0, -ENOSPC, -ENOMEM. */
int index_segment(struct index *index, uint16_t *number, const char *name);

/* Adds a commit to memory; changes added before the next commit belong to it. -ENOMEM; -EFBIG: the
 * index is full. */
int index_add_commit(struct index *index, const struct index_commit *commit);
int index_add_change(struct index *index, const struct index_change *change);

/* Writes what was added to the file, if the index has one that it may write. It is not synced: if a
 * power cut removes rows, the next reader notices. After an error the file is not used. */
int index_flush(struct index *index, struct fault *fault);

#endif

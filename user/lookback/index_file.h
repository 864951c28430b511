/* SPDX-License-Identifier: MIT */
/*
 * The look-back index as a file in the repository, which git ignores. It is derived from the
 * commits. A reader that finds it missing, damaged or of another history makes a new one.
 */
#ifndef USER_LOOKBACK_INDEX_FILE_H
#define USER_LOOKBACK_INDEX_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "lookback/index.h"

/*
 * Opens the index of the repository in `directory`, which ends in '/'. `boundary` says where its
 * history begins (struct shallow, digest); an index with another boundary is not of this history.
 * -ENOENT: no index; -EBADMSG: damaged, or of another history; -EBUSY: `write`, and another process
 * writes it.
 */
int index_open(struct index **index, const char *directory, uint64_t boundary, bool write,
               struct fault *fault);
/* A new, empty index, which replaces the present one at index_adopt(). -EBUSY or another errno: it
 * cannot be written there. `directory` NULL: in memory only. */
int index_create(struct index **index, const char *directory, uint64_t boundary,
                 struct fault *fault);
int index_adopt(struct index *index, struct fault *fault);
void index_free(struct index *index);

#endif

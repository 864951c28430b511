/* SPDX-License-Identifier: MIT */
/* The entry of an address, as the file in the store that holds it. */
#ifndef USER_FORMAT_STORED_H
#define USER_FORMAT_STORED_H

#include "entry/entry.h"
#include "format/settings.h"
#include "store/store.h"

/* An edit: the address's file becomes this entry; NULL: it is removed. `segment` is the table of
 * all segments, `number` the address's. */
int stored_set(struct edits *edits, struct writer *writer, const struct segment *segment,
               unsigned number, struct address address, const struct entry *entry,
               struct fault *fault);
/* The same, with a blob that the store has already. */
int stored_set_blob(struct edits *edits, const struct segment *segment, unsigned number,
                    struct address address, const git_oid *id, struct fault *fault);

/* The entry at a path; NULL if there is none, or something else. The caller frees it. */
int stored_read(struct entry **entry, struct writer *writer, const git_oid *tree, const char *path,
                struct fault *fault);

#endif

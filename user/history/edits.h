/* SPDX-License-Identifier: MIT */
/* A list of edits for the writer, that owns its paths. */
#ifndef USER_HISTORY_EDITS_H
#define USER_HISTORY_EDITS_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

#include "history/writer.h"

struct edits {
	struct edit *edit; /* owned */
	size_t count, room;
};

/* The file at `path` becomes this blob; `id` NULL: it is removed. 0 or -ENOMEM. */
int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode);
/* The file of an address becomes this entry (NULL: removed). */
int edits_add_entry(struct edits *edits, struct writer *writer, const char *segment,
                    uint32_t address, const struct entry *entry, struct fault *fault);
void edits_clear(struct edits *edits);

#endif

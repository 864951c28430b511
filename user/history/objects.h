/* SPDX-License-Identifier: MIT */
/*
 * Objects not yet in the repository: hashed, kept in memory, found by id, and written all
 * together. Reading looks here first, then in the repository.
 */
#ifndef USER_HISTORY_OBJECTS_H
#define USER_HISTORY_OBJECTS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "log/fault.h"

struct object {
	git_oid id;
	git_object_t type;
	size_t size;
	char *data; /* owned; followed by a NUL */
};

struct objects; /* opaque */

int objects_new(struct objects **objects, git_repository *repository, struct fault *fault);
void objects_free(struct objects *objects);

/* Takes over `data` (malloc'ed, also on error) and says its id. */
int objects_add(struct objects *objects, git_oid *id, git_object_t type, char *data, size_t size,
                struct fault *fault);
/* The object with this id; valid until the next objects_read() or objects_add(). A tree's
 * content is kept for a while, as the same few are read again and again. -ENOENT, -EIO. */
int objects_read(struct objects *objects, const struct object **object, const git_oid *id,
                 struct fault *fault);

size_t objects_pending(const struct objects *objects);
/* The pending ones, in the order in which they were added; and by id, NULL if it is not pending. */
const struct object *objects_at(const struct objects *objects, size_t index);
const struct object *objects_find_pending(const struct objects *objects, const git_oid *id);
size_t objects_pending_bytes(const struct objects *objects);
/* Writes what is pending and makes it durable (fsync). On error everything stays pending. */
int objects_flush(struct objects *objects, struct fault *fault);
/* References now name what was flushed: what protected it from pruning is taken away. */
void objects_settle(struct objects *objects);

#endif

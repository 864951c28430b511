/* SPDX-License-Identifier: MIT */
/*
 * Objects: those of the pack in the making, which are written together, and those of the
 * repository. Reading tries the pack first.
 */
#ifndef USER_STORE_OBJECTS_H
#define USER_STORE_OBJECTS_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"
#include "pack/pack.h"

struct object {
	git_oid id;
	git_object_t type;
	size_t size;
	char *data; /* followed by a NUL */
};

struct objects; /* opaque */

int objects_new(struct objects **objects, git_repository *repository, struct fault *fault);
void objects_free(struct objects *objects);

/* Hashes an object, and adds it whole. */
int objects_add(struct objects *objects, git_oid *id, git_object_t type, const void *data,
                size_t size, struct fault *fault);
/* The object with this id; valid until the next objects_read(). -ENOENT, -EIO. */
int objects_read(struct objects *objects, const struct object **object, const git_oid *id,
                 struct fault *fault);

/* For the forest, which adds trees by itself. */
struct packing *objects_packing(struct objects *objects);
struct hash *objects_hash(struct objects *objects);

size_t objects_pending_bytes(const struct objects *objects);
/* Writes the pack and makes it durable (fsync). On error everything stays pending. */
int objects_flush(struct objects *objects, struct fault *fault);
/* Writes what joining packs gains by, of the last flush: nothing waits for it. The next flush does
 * it as well. */
void objects_describe(struct objects *objects);
/* References now name what was flushed: ends its protection from pruning. */
void objects_settle(struct objects *objects);
/* Lets go of packs that other processes have removed, and of what libgit2 keeps after much reading.
 * Callers ask for the object database with git_repository_odb() each time. */
void objects_look(struct objects *objects);
/* Much was read from the repository, without objects_read(): the next look lets go of it. */
void objects_note_reading(struct objects *objects);

#endif

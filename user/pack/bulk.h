/* SPDX-License-Identifier: MIT */
/*
 * Reads great numbers of objects, in the order in which they were made. The base of a delta was
 * mostly read a moment ago, and is kept. (libgit2 begins at the end of the chain: 40 us for a tree
 * in a pack of git fast-import's; this takes 4.) For one thread.
 */
#ifndef USER_PACK_BULK_H
#define USER_PACK_BULK_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bulk; /* opaque */

struct content {
	uint8_t *data; /* owned; followed by a NUL */
	size_t size;
	git_object_t type;
	unsigned users;
};

/* `many`: so many objects will be read that it pays to open the packs. NULL: out of memory. */
struct bulk *bulk_new(git_repository *repository, bool many);
void bulk_free(struct bulk *bulk);

/* The object, for content_release(). A negative libgit2 error otherwise. */
int bulk_read(struct content **content, struct bulk *bulk, const git_oid *id);
void content_release(struct content *content);

#endif

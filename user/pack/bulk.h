/* SPDX-License-Identifier: MIT */
/*
 * Objects read in great numbers, in the order in which they were made: what a delta is made
 * against was mostly read a moment ago, and is kept. (libgit2 begins at the end of the chain: 40 µs
 * a tree in a pack of git fast-import's, where this takes 4.)
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

/* `many`: it is worth while to look into the packs first. NULL: out of memory. */
struct bulk *bulk_new(git_repository *repository, bool many);
void bulk_free(struct bulk *bulk);

/* The object, for content_release(). A negative libgit2 error otherwise. */
int bulk_read(struct content **content, struct bulk *bulk, const git_oid *id);
void content_release(struct content *content);

#endif

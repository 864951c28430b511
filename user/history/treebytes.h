/* SPDX-License-Identifier: MIT */
/*
 * A tree as git stores it: "<mode> <name>\0<20 octets>" for each name, sorted as if a
 * folder's name ended in '/'. Found and edited in place.
 */
#ifndef USER_HISTORY_TREEBYTES_H
#define USER_HISTORY_TREEBYTES_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "log/fault.h"

struct treebytes {
	char *data; /* owned, when made by treebytes_copy() */
	size_t size, room;
};

struct treebytes_entry {
	uint32_t mode;
	const git_oid *id; /* in the tree's bytes: valid until they change */
	size_t offset, length;
};

int treebytes_copy(struct treebytes *tree, const char *data, size_t size, struct fault *fault);
void treebytes_clear(struct treebytes *tree);
/* Hands over the bytes, malloc'ed; size stays to be read. */
char *treebytes_take(struct treebytes *tree);

bool treebytes_find(const struct treebytes *tree, const char *name, size_t length,
                    struct treebytes_entry *found);
/* Adds the name or changes what it is: also a file into a folder, and back. */
int treebytes_set(struct treebytes *tree, const char *name, size_t length, uint32_t mode,
                  const git_oid *id, struct fault *fault);
void treebytes_remove(struct treebytes *tree, const char *name, size_t length);

#endif

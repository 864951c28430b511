// SPDX-License-Identifier: MIT
/*
 * Edits a tree in the form that git stores. The bytes may come from a repository that
 * people push to: they are never trusted to be well formed, only read up to their end.
 */
#include "history/treebytes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* git_oid is 20 octets without alignment, as in the tree. */
_Static_assert(sizeof(git_oid) == GIT_OID_RAWSZ && _Alignof(git_oid) == 1,
               "object ids are read where they stand");

struct cursor {
	size_t offset, length; /* of the whole entry; length 0 at the end */
	uint32_t mode;
	const char *name;
	size_t name_length;
	const git_oid *id;
};

/* Reads the entry at `offset`; false at the end, or where the bytes make no sense. */
static bool read_entry(const struct treebytes *tree, size_t offset, struct cursor *cursor)
{
	const char *at = tree->data + offset, *end = tree->data + tree->size, *nul;

	*cursor = (struct cursor){.offset = offset};
	while (at < end && *at >= '0' && *at <= '7')
		cursor->mode = cursor->mode << 3 | (uint32_t)(*at++ - '0');
	if (at == end || *at != ' ')
		return false;
	cursor->name = at + 1;
	nul = memchr(cursor->name, '\0', (size_t)(end - cursor->name));
	if (!nul || end - nul - 1 < GIT_OID_RAWSZ)
		return false;
	cursor->name_length = (size_t)(nul - cursor->name);
	cursor->id = (const git_oid *)(nul + 1);
	cursor->length = (size_t)(nul + 1 + GIT_OID_RAWSZ - tree->data) - offset;
	return true;
}

/* git's order of names; a folder's ends in '/'. */
static int compare(const char *a, size_t a_length, bool a_tree, const char *b, size_t b_length,
                   bool b_tree)
{
	size_t shorter = a_length < b_length ? a_length : b_length;
	int order = memcmp(a, b, shorter);
	unsigned char last_a, last_b;

	if (order)
		return order;
	last_a = a_length > shorter ? (unsigned char)a[shorter] : a_tree ? '/' : '\0';
	last_b = b_length > shorter ? (unsigned char)b[shorter] : b_tree ? '/' : '\0';
	return last_a - last_b;
}

int treebytes_copy(struct treebytes *tree, const char *data, size_t size, struct fault *fault)
{
	/* Room for one more name, the usual edit. */
	*tree = (struct treebytes){.size = size, .room = size + 64};
	tree->data = malloc(tree->room);
	if (!tree->data)
		return fault_set(fault, -ENOMEM, "out of memory");
	memcpy(tree->data, data, size);
	return 0;
}

void treebytes_clear(struct treebytes *tree)
{
	free(tree->data);
	*tree = (struct treebytes){0};
}

char *treebytes_take(struct treebytes *tree)
{
	char *data = tree->data;

	tree->data = NULL;
	return data;
}

bool treebytes_find(const struct treebytes *tree, const char *name, size_t length,
                    struct treebytes_entry *found)
{
	struct cursor cursor;

	for (size_t at = 0; at < tree->size && read_entry(tree, at, &cursor); at += cursor.length)
		if (cursor.name_length == length && !memcmp(cursor.name, name, length)) {
			*found = (struct treebytes_entry){.mode = cursor.mode,
			                                  .id = cursor.id,
			                                  .offset = cursor.offset,
			                                  .length = cursor.length};
			return true;
		}
	return false;
}

void treebytes_remove(struct treebytes *tree, const char *name, size_t length)
{
	struct treebytes_entry found;

	if (!treebytes_find(tree, name, length, &found))
		return;
	memmove(tree->data + found.offset, tree->data + found.offset + found.length,
	        tree->size - found.offset - found.length);
	tree->size -= found.length;
}

/* Where the name belongs. */
static size_t place_of(const struct treebytes *tree, const char *name, size_t length, uint32_t mode)
{
	struct cursor cursor;
	size_t at;

	for (at = 0; at < tree->size && read_entry(tree, at, &cursor); at += cursor.length)
		if (compare(cursor.name, cursor.name_length, cursor.mode == GIT_FILEMODE_TREE, name,
		            length, mode == GIT_FILEMODE_TREE) > 0)
			break;
	return at;
}

int treebytes_set(struct treebytes *tree, const char *name, size_t length, uint32_t mode,
                  const git_oid *id, struct fault *fault)
{
	struct treebytes_entry found;
	char head[16];
	size_t head_length, total, at;
	git_oid copy = *id; /* it may stand in these very bytes */

	if (treebytes_find(tree, name, length, &found)) {
		if (found.mode == mode) {
			memcpy(tree->data + found.offset + found.length - GIT_OID_RAWSZ, &copy,
			       GIT_OID_RAWSZ);
			return 0;
		}
		treebytes_remove(tree, name, length);
	}
	head_length = (size_t)snprintf(head, sizeof(head), "%o ", (unsigned)mode);
	total = head_length + length + 1 + GIT_OID_RAWSZ;
	if (tree->size + total > tree->room) {
		size_t room = 2 * (tree->size + total);
		char *grown = realloc(tree->data, room);

		if (!grown)
			return fault_set(fault, -ENOMEM, "out of memory");
		tree->data = grown;
		tree->room = room;
	}
	at = place_of(tree, name, length, mode);
	memmove(tree->data + at + total, tree->data + at, tree->size - at);
	memcpy(tree->data + at, head, head_length);
	memcpy(tree->data + at + head_length, name, length);
	tree->data[at + head_length + length] = '\0';
	memcpy(tree->data + at + head_length + length + 1, &copy, GIT_OID_RAWSZ);
	tree->size += total;
	return 0;
}

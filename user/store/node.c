// SPDX-License-Identifier: MIT
/*
 * Directories as the bytes that git stores: "<mode> <name>\0<20 bytes>" for each name, sorted as
 * if a directory's name ended in '/'. Knows nothing of packs and repositories.
 */
#include "store/node.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/pack.h"

#define MODE_MAX 8 /* "100644 ", with its space */

/* git_oid is 20 bytes without alignment, as in the tree. */
_Static_assert(sizeof(git_oid) == GIT_OID_RAWSZ && _Alignof(git_oid) == 1,
               "object ids are read where they stand");

/* A node with room for this many bytes and names. */
static struct node *node_new(size_t size, size_t count)
{
	struct node *node = NULL;

	if (size <= UINT32_MAX / 2)
		node = malloc(sizeof(*node) + (count + 1) * sizeof(uint32_t) + size);
	if (!node)
		return NULL;
	*node = (struct node){.references = 1, .size = (uint32_t)size, .count = (uint32_t)count};
	node->start = (uint32_t *)(node + 1);
	node->data = (char *)(node->start + count + 1);
	return node;
}

struct node *node_hold(struct node *node)
{
	node->references++;
	return node;
}

void node_release(struct node *node)
{
	if (!node || --node->references > 0)
		return;
	for (uint32_t i = 0; node->child && i < node->count; i++)
		node_release(node->child[i]);
	free(node->child);
	free(node);
}

/* How long the name at `at` is, with its mode and id; 0: malformed. */
static size_t name_length(const char *at, const char *end)
{
	static const char file[] = "100644 "; /* nearly all of them */
	const char *from = at, *nul;

	if ((size_t)(end - at) > sizeof(file) && !memcmp(at, file, sizeof(file) - 1)) {
		at += sizeof(file) - 2;
	} else {
		while (at < end && *at >= '0' && *at <= '7')
			at++;
		if (at == from || at - from >= MODE_MAX || at == end || *at != ' ')
			return 0;
	}
	nul = memchr(at, '\0', (size_t)(end - at));
	if (!nul || nul == at + 1 || end - nul - 1 < GIT_OID_RAWSZ)
		return 0;
	return (size_t)(nul + 1 + GIT_OID_RAWSZ - from);
}

/* How many names there are; -1: the bytes are not a tree. */
static int64_t count_names(const char *data, size_t size)
{
	int64_t count = 0;

	for (size_t at = 0, length; at < size; at += length, count++) {
		length = name_length(data + at, data + size);
		if (length == 0)
			return -1;
	}
	return count;
}

static void find_starts(struct node *node)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < node->count; i++) {
		node->start[i] = at;
		at += (uint32_t)name_length(node->data + at, node->data + node->size);
	}
	node->start[node->count] = at;
}

int node_parse(struct node **node, const git_oid *id, const char *data, size_t size,
               struct fault *fault)
{
	int64_t count = count_names(data, size);
	struct node *made;

	if (count < 0)
		return fault_set(fault, -EINVAL, "tree %s is malformed: see `git fsck`",
		                 git_oid_tostr_s(id));
	made = node_new(size, (size_t)count);
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (size > 0)
		memcpy(made->data, data, size);
	made->id = *id;
	find_starts(made);
	*node = made;
	return 0;
}

struct node_name node_at(const struct node *node, uint32_t index)
{
	const char *at = node->data + node->start[index];
	const char *end = node->data + node->start[index + 1];
	struct node_name found = {.id = (const git_oid *)(end - GIT_OID_RAWSZ)};

	while (*at != ' ')
		found.mode = found.mode << 3 | (uint32_t)(*at++ - '0');
	found.name = at + 1;
	found.length = (size_t)(end - GIT_OID_RAWSZ - 1 - found.name);
	return found;
}

/* git's order of names; a directory's ends in '/'. */
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

/* The first index whose name does not come before this one. */
static uint32_t lower_bound(const struct node *node, const char *name, size_t length, bool tree)
{
	uint32_t low = 0, high = node->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		struct node_name found = node_at(node, middle);

		if (compare(found.name, found.length, found.mode == GIT_FILEMODE_TREE, name, length,
		            tree) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int64_t node_find(const struct node *node, const char *name, size_t length)
{
	/* As a file, and as a directory: they stand in different places. */
	for (int tree = 0; tree < 2; tree++) {
		uint32_t at = lower_bound(node, name, length, tree);

		if (at < node->count) {
			struct node_name found = node_at(node, at);

			if (found.length == length && !memcmp(found.name, name, length))
				return at;
		}
	}
	return -1;
}

uint32_t node_place(const struct node *node, const char *name, size_t length, uint32_t mode)
{
	return node->start[lower_bound(node, name, length, mode == GIT_FILEMODE_TREE)];
}

/* By where they are; new names at one place, in git's order. */
static int compare_patches(const void *a, const void *b)
{
	const struct patch *left = a, *right = b;

	if (left->from != right->from)
		return left->from < right->from ? -1 : 1;
	/* A new name is inserted before the name that is patched at its place. */
	if (!left->name || !right->name)
		return (left->name == NULL) - (right->name == NULL);
	return compare(left->name, left->length, left->mode == GIT_FILEMODE_TREE, right->name,
	               right->length, right->mode == GIT_FILEMODE_TREE);
}

/* What a patch puts in, written to `at` (NULL: only its length). */
static size_t put_patch(char *at, const struct patch *patch)
{
	char mode[MODE_MAX + 4];
	size_t length;

	if (!patch->has_id)
		return 0;
	if (!patch->name) {
		if (at)
			memcpy(at, &patch->id, GIT_OID_RAWSZ);
		return GIT_OID_RAWSZ;
	}
	length = (size_t)snprintf(mode, sizeof(mode), "%o ", (unsigned)patch->mode & 0177777);
	if (at) {
		memcpy(at, mode, length);
		memcpy(at + length, patch->name, patch->length);
		at[length + patch->length] = '\0';
		memcpy(at + length + patch->length + 1, &patch->id, GIT_OID_RAWSZ);
	}
	return length + patch->length + 1 + GIT_OID_RAWSZ;
}

static void splice(struct node *made, struct packdelta *delta, const struct node *old,
                   const struct patch *patch, size_t patches)
{
	uint32_t at = 0;
	char *out = made->data;

	for (size_t i = 0; i <= patches; i++) {
		uint32_t from = i < patches ? patch[i].from : old ? old->size : 0;
		size_t length;

		if (old && from > at) {
			/* `out` is inside `made`.
			 * NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker) */
			memcpy(out, old->data + at, from - at);
			packdelta_copy(delta, at, from - at);
			out += from - at;
		}
		if (i == patches)
			break;
		length = put_patch(out, &patch[i]);
		if (length > 0)
			packdelta_insert(delta, (const uint8_t *)out, length);
		out += length;
		at = patch[i].to;
	}
}

static int scratch_reserve(struct scratch *scratch, size_t room)
{
	return array_reserve(&scratch->bytes, &scratch->room, room);
}

/* The index of the name that begins at, or holds, this byte. */
static uint32_t index_at(const struct node *node, uint32_t offset)
{
	uint32_t low = 0, high = node->count;

	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;

		if (node->start[middle] <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* No name comes or goes: the same places, and the same directories but those that are patched. */
static int keep_layout(struct node *made, const struct node *old, struct patch *patch,
                       size_t patches)
{
	bool directories = old->child != NULL;

	memcpy(made->start, old->start, (old->count + 1) * sizeof(*old->start));
	for (size_t i = 0; i < patches && !directories; i++)
		directories = patch[i].child != NULL;
	if (!directories)
		return 0;
	made->child = malloc(made->count * sizeof(struct node *));
	if (!made->child)
		return -ENOMEM;
	if (old->child)
		memcpy(made->child, old->child, made->count * sizeof(struct node *));
	else
		memset(made->child, 0, made->count * sizeof(struct node *));
	for (size_t i = 0; i < patches; i++)
		made->child[index_at(old, patch[i].from)] = NULL;
	for (uint32_t i = 0; i < made->count; i++)
		if (made->child[i])
			node_hold(made->child[i]);
	for (size_t i = 0; i < patches; i++) {
		made->child[index_at(old, patch[i].from)] = patch[i].child;
		patch[i].child = NULL;
	}
	return 0;
}

/* Names have come or gone: finds every name anew. */
static int new_layout(struct node *made, const struct node *old, struct patch *patch,
                      size_t patches)
{
	bool directories = old && old->child;

	find_starts(made);
	for (size_t i = 0; i < patches && !directories; i++)
		directories = patch[i].child != NULL;
	if (!directories)
		return 0;
	made->child = calloc(made->count, sizeof(struct node *));
	if (!made->child)
		return -ENOMEM;
	for (uint32_t i = 0; old && old->child && i < old->count; i++) {
		struct node_name found = node_at(old, i);
		int64_t at = old->child[i] ? node_find(made, found.name, found.length) : -1;

		if (at >= 0 && git_oid_equal(node_at(made, (uint32_t)at).id, found.id))
			made->child[at] = node_hold(old->child[i]);
	}
	for (size_t i = 0; i < patches; i++) {
		struct node_name found = {.name = patch[i].name, .length = patch[i].length};
		int64_t at;

		/* Only a name that was there is patched without being named. */
		if (!patch[i].child || (!found.name && !old))
			continue;
		if (!found.name)
			found = node_at(old, index_at(old, patch[i].from));
		at = node_find(made, found.name, found.length);
		if (at >= 0) {
			node_release(made->child[at]);
			made->child[at] = patch[i].child;
			patch[i].child = NULL;
		}
	}
	return 0;
}

/* Sorts, and drops a patch of what another one removes: if a file and a directory of one name are
 * edited at once, the file's edit counts. */
static size_t sort_patches(struct patch *patch, size_t patches)
{
	size_t kept = 0;

	if (patches > 1)
		qsort(patch, patches, sizeof(*patch), compare_patches);
	for (size_t i = 0; i < patches; i++) {
		if (kept > 0 && patch[i].from < patch[kept - 1].to) {
			node_release(patch[i].child);
			patch[i].child = NULL;
		} else {
			struct patch moved = patch[i];

			patch[i].child = NULL;
			patch[kept++] = moved;
		}
	}
	return kept;
}

int node_patch(struct node **out, struct scratch *delta, const struct node *old,
               struct patch *patch, size_t patches, struct fault *fault)
{
	size_t size = old ? old->size : 0, count = old ? old->count : 0;
	bool same_layout = old != NULL;
	struct packdelta written;
	struct node *made;
	int error;

	patches = sort_patches(patch, patches);
	for (size_t i = 0; i < patches; i++) {
		size += put_patch(NULL, &patch[i]);
		size -= patch[i].to - patch[i].from;
		if (patch[i].name || !patch[i].has_id) {
			same_layout = false;
			count += patch[i].has_id;
			count -= patch[i].to > patch[i].from;
		}
	}
	made = node_new(size, count);
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = scratch_reserve(delta, size / 2);
	if (!error) {
		packdelta_begin(&written, delta->bytes, size / 2, old ? old->size : 0, size);
		splice(made, &written, old, patch, patches);
		delta->size = packdelta_end(&written);
	}
	if (!error)
		error = same_layout ? keep_layout(made, old, patch, patches)
		                    : new_layout(made, old, patch, patches);
	if (error) {
		node_release(made);
		return fault_set(fault, error, "out of memory");
	}
	*out = made;
	return 0;
}

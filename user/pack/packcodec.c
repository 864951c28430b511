// SPDX-License-Identifier: MIT
/*
 * Numbers and deltas as packs hold them. Reads and writes memory only.
 *
 * The names of a tree are sorted, and few of them differ between two versions: one pass along both
 * finds what git's general search would find, in a hundredth of its time.
 */
#include "pack/packcodec.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void packhead_put_pack(uint8_t at[PACK_HEADER], uint32_t objects)
{
	const uint32_t header[] = {htobe32(0x5041434b), htobe32(2), htobe32(objects)}; /* "PACK" */

	memcpy(at, header, PACK_HEADER);
}

/* The first byte holds the type and four bits of the size; each byte that follows, seven more. */
size_t packhead_put(uint8_t *at, enum packed_type type, uint64_t size)
{
	size_t length = 1;

	*at = (uint8_t)(type << 4 | (size & 15));
	for (size >>= 4; size > 0; size >>= 7) {
		*at++ |= 0x80;
		*at = (uint8_t)(size & 0x7f);
		length++;
	}
	return length;
}

/* Seven bits in each byte, the most significant first, and one added for each that follows. */
size_t packhead_put_distance(uint8_t *at, uint64_t distance)
{
	uint8_t byte[10];
	size_t length = 1;

	byte[sizeof(byte) - 1] = (uint8_t)(distance & 0x7f);
	while (distance >>= 7) {
		distance--;
		byte[sizeof(byte) - ++length] = (uint8_t)(0x80 | (distance & 0x7f));
	}
	memcpy(at, byte + sizeof(byte) - length, length);
	return length;
}

/* Behind the distance; NULL: not valid. */
static const uint8_t *get_distance(uint64_t *distance, const uint8_t *at, const uint8_t *end)
{
	if (at == end)
		return NULL;
	*distance = *at & 0x7f;
	while (*at++ & 0x80) {
		if (at == end || *distance >> 50)
			return NULL;
		*distance = (*distance + 1) << 7 | (*at & 0x7f);
	}
	return *distance > 0 ? at : NULL;
}

int packhead_get(struct packhead *head, const uint8_t *at, size_t length)
{
	const uint8_t *start = at, *end = at + length;
	unsigned shift = 4;

	if (at == end)
		return -EINVAL;
	*head = (struct packhead){.type = (*at >> 4) & 7, .size = *at & 15};
	while (*at++ & 0x80) {
		if (at == end || shift > 53)
			return -EINVAL;
		head->size |= (uint64_t)(*at & 0x7f) << shift;
		shift += 7;
	}
	if (head->type == PACKED_OFS_DELTA) {
		at = get_distance(&head->distance, at, end);
		if (!at)
			return -EINVAL;
	} else if (head->type == PACKED_REF_DELTA) {
		if (end - at < GIT_OID_RAWSZ)
			return -EINVAL;
		memcpy(head->id.id, at, GIT_OID_RAWSZ);
		at += GIT_OID_RAWSZ;
	} else if (head->type < PACKED_COMMIT || head->type > PACKED_TAG) {
		return -EINVAL;
	}
	head->length = (size_t)(at - start);
	return 0;
}

#define ID_SIZE    20
#define COPY       0x80
#define COPY_MAX   0x10000 /* what git itself makes; written as no size at all */
#define INSERT_MAX 127
#define TARGET_MAX (256u << 20)

static void put(struct packdelta *delta, const uint8_t *bytes, size_t size)
{
	if ((size_t)(delta->end - delta->at) < size) {
		delta->full = true;
		return;
	}
	memcpy(delta->at, bytes, size);
	delta->at += size;
}

static void put_size(struct packdelta *delta, size_t size)
{
	uint8_t byte[10];
	size_t length = 0;

	do {
		byte[length] = (uint8_t)(size & 0x7f);
		size >>= 7;
		byte[length++] |= size ? 0x80 : 0;
	} while (size);
	put(delta, byte, length);
}

static void write_insert(struct packdelta *delta)
{
	while (delta->insert_size > 0) {
		size_t size = delta->insert_size < INSERT_MAX ? delta->insert_size : INSERT_MAX;
		uint8_t byte = (uint8_t)size;

		put(delta, &byte, 1);
		put(delta, delta->insert, size);
		delta->insert += size;
		delta->insert_size -= size;
	}
}

static void write_copy(struct packdelta *delta)
{
	while (delta->copy_size > 0) {
		size_t size = delta->copy_size < COPY_MAX ? delta->copy_size : COPY_MAX;
		uint8_t byte[8] = {COPY};
		size_t length = 1;

		for (unsigned i = 0; i < 4; i++)
			if (delta->copy_offset >> 8 * i & 0xff) {
				byte[0] |= (uint8_t)(1u << i);
				byte[length++] = (uint8_t)(delta->copy_offset >> 8 * i);
			}
		for (unsigned i = 0; i < 2; i++)
			if (size != COPY_MAX && (size >> 8 * i & 0xff)) {
				byte[0] |= (uint8_t)(0x10u << i);
				byte[length++] = (uint8_t)(size >> 8 * i);
			}
		put(delta, byte, length);
		delta->copy_offset += size;
		delta->copy_size -= size;
	}
}

void packdelta_begin(struct packdelta *delta, uint8_t *to, size_t room, size_t base_size,
                     size_t target_size)
{
	*delta = (struct packdelta){.begin = to, .at = to, .end = to + room};
	put_size(delta, base_size);
	put_size(delta, target_size);
}

void packdelta_insert(struct packdelta *delta, const uint8_t *bytes, size_t size)
{
	write_copy(delta);
	if (delta->insert_size == 0)
		delta->insert = bytes;
	delta->insert_size += size;
}

void packdelta_copy(struct packdelta *delta, size_t offset, size_t size)
{
	write_insert(delta);
	if (delta->copy_size > 0 && delta->copy_offset + delta->copy_size != offset)
		write_copy(delta);
	if (delta->copy_size == 0)
		delta->copy_offset = offset;
	delta->copy_size += size;
}

size_t packdelta_end(struct packdelta *delta)
{
	write_insert(delta);
	write_copy(delta);
	return delta->full ? 0 : (size_t)(delta->at - delta->begin);
}

/* A name of a tree: "<mode> <name>\0" and its id. */
struct name {
	const uint8_t *text;
	size_t length;
	size_t head; /* bytes before the id */
	bool folder;
};

/* False at the end, and where the bytes are not a tree's. */
static bool read_name(struct name *name, const uint8_t *at, const uint8_t *end)
{
	const uint8_t *space = memchr(at, ' ', (size_t)(end - at)), *nul;

	if (!space)
		return false;
	nul = memchr(space, '\0', (size_t)(end - space));
	if (!nul || end - nul - 1 < ID_SIZE)
		return false;
	name->text = space + 1;
	name->length = (size_t)(nul - name->text);
	name->head = (size_t)(nul + 1 - at);
	name->folder = *at == '4';
	return true;
}

/* git's order: a folder's name ends in '/'. */
static int compare(const struct name *a, const struct name *b)
{
	size_t shorter = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, shorter);
	uint8_t last_a, last_b;

	if (order)
		return order;
	last_a = a->length > shorter ? a->text[shorter] : a->folder ? '/' : '\0';
	last_b = b->length > shorter ? b->text[shorter] : b->folder ? '/' : '\0';
	return last_a - last_b;
}

static void diff(struct packdelta *delta, const uint8_t *base, size_t base_size,
                 const uint8_t *target, size_t target_size)
{
	const uint8_t *b = base, *b_end = base + base_size, *t = target;
	const uint8_t *t_end = target + target_size;
	struct name old, new;

	while (t < t_end && !delta->full) {
		bool has_old = read_name(&old, b, b_end);
		int order;

		if (!read_name(&new, t, t_end)) {
			packdelta_insert(delta, t, (size_t)(t_end - t));
			return;
		}
		order = has_old ? compare(&old, &new) : 1;
		if (order < 0) {
			b += old.head + ID_SIZE;
			continue;
		}
		if (order > 0 || old.head != new.head || memcmp(b, t, new.head) != 0) {
			packdelta_insert(delta, t, new.head + ID_SIZE);
			t += new.head + ID_SIZE;
			b += order > 0 ? 0 : old.head + ID_SIZE;
			continue;
		}
		packdelta_copy(delta, (size_t)(b - base), new.head);
		if (!memcmp(b + new.head, t + new.head, ID_SIZE))
			packdelta_copy(delta, (size_t)(b - base) + new.head, ID_SIZE);
		else
			packdelta_insert(delta, t + new.head, ID_SIZE);
		b += new.head + ID_SIZE;
		t += new.head + ID_SIZE;
	}
}

size_t packdelta_tree(uint8_t *delta, size_t room, const uint8_t *base, size_t base_size,
                      const uint8_t *target, size_t target_size)
{
	struct packdelta made;

	packdelta_begin(&made, delta, room, base_size, target_size);
	diff(&made, base, base_size, target, target_size);
	return packdelta_end(&made);
}

static int get_size(size_t *size, const uint8_t **at, const uint8_t *end)
{
	unsigned shift = 0;
	uint8_t byte;

	*size = 0;
	do {
		if (*at == end || shift > 56)
			return -EINVAL;
		byte = *(*at)++;
		*size |= (size_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	return 0;
}

/* The operands of a copy: only bytes that are not zero are there. */
static int get_copy(size_t *offset, size_t *size, uint8_t code, const uint8_t **at,
                    const uint8_t *end)
{
	*offset = *size = 0;
	for (unsigned i = 0; i < 7; i++) {
		if (!(code & 1u << i))
			continue;
		if (*at == end)
			return -EINVAL;
		if (i < 4)
			*offset |= (size_t) * (*at)++ << 8 * i;
		else
			*size |= (size_t) * (*at)++ << 8 * (i - 4);
	}
	if (*size == 0)
		*size = COPY_MAX;
	return 0;
}

static int get_sizes(size_t *base_size, size_t *target_size, const uint8_t **at, const uint8_t *end)
{
	return get_size(base_size, at, end) < 0 || get_size(target_size, at, end) < 0 ? -EINVAL : 0;
}

int packdelta_apply(uint8_t *target, size_t room, size_t *target_size, const uint8_t *base,
                    size_t base_size, const uint8_t *delta, size_t delta_size)
{
	const uint8_t *at = delta, *end = delta + delta_size;
	size_t from, left;

	if (get_sizes(&from, target_size, &at, end) < 0 || from != base_size || *target_size > room)
		return -EINVAL;
	for (left = *target_size; at < end;) {
		uint8_t code = *at++;
		size_t offset, size = code;

		if (code & COPY) {
			if (get_copy(&offset, &size, code, &at, end) < 0 || offset > base_size ||
			    size > base_size - offset || size > left)
				return -EINVAL;
			memcpy(target, base + offset, size);
		} else {
			if (size == 0 || size > (size_t)(end - at) || size > left)
				return -EINVAL;
			memcpy(target, at, size);
			at += size;
		}
		target += size;
		left -= size;
	}
	return left == 0 ? 0 : -EINVAL;
}

int packdelta_apply_new(uint8_t **target, size_t *target_size, const uint8_t *base,
                        size_t base_size, const uint8_t *delta, size_t delta_size)
{
	const uint8_t *at = delta;
	size_t from, size;
	uint8_t *made;
	int error;

	if (get_sizes(&from, &size, &at, delta + delta_size) < 0 || size > TARGET_MAX)
		return -EINVAL;
	made = malloc(size + 1);
	if (!made)
		return -ENOMEM;
	error = packdelta_apply(made, size, target_size, base, base_size, delta, delta_size);
	if (error)
		free(made);
	else
		*target = made;
	return error;
}

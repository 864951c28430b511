// SPDX-License-Identifier: MIT
/*
 * Reads packs as gitformat-pack(5) says. The indexes are mapped; the packs are not, since every
 * page that is touched would count as ours: they are read through a window, which moves on when
 * blobs stand in the order of the walk. Whatever is in the files, reading stays within them, and
 * anything odd is "not found". Writes nothing.
 */
#include "pack/blobs.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define INDEX_HEADER (8 + 256 * 4) /* magic, version, fanout */
#define INDEX_ENTRY  (GIT_OID_RAWSZ + 4 + 4)
#define INDEX_END    (2 * GIT_OID_RAWSZ)
#define PACKS_MAX    4096
#define WINDOW       65536 /* read at once where blobs follow each other */
#define NEAR         8192  /* and where they do not; no blob of interest is longer, deflated */
#define CHAIN_MAX    64    /* deltas upon each other; git makes 50 */
#define DELTA_MAX    8192
#define CACHED       2048 /* bases of deltas; a power of two */
#define CACHED_SIZE  512  /* octets of each; an entry has a hundred */

enum { BLOB = 3, OFS_DELTA = 6 };

struct pack {
	int descriptor;
	const uint8_t *index;
	size_t index_size;
	uint32_t objects;
	uint64_t size;
	uint8_t *window;
	uint64_t at; /* of the window in the pack */
	size_t filled;
};

struct cached {
	const struct pack *pack; /* NULL: free */
	uint64_t offset;
	size_t length;
	uint8_t data[CACHED_SIZE];
};

struct blobs {
	struct pack *pack;
	size_t packs;
	size_t last; /* the pack that had the last one has the next, mostly */
	struct libdeflate_decompressor *decompressor;
	uint8_t *delta, *other; /* scratch: instructions; a base */
	struct cached cached[CACHED];
};

static uint32_t read_be32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static uint32_t fanout(const struct pack *pack, unsigned first)
{
	return read_be32(pack->index + 8 + 4 * first);
}

static bool index_is_whole(struct pack *pack)
{
	static const uint8_t magic[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
	uint64_t least;

	if (pack->index_size < INDEX_HEADER + INDEX_END ||
	    memcmp(pack->index, magic, sizeof(magic)) != 0)
		return false;
	for (unsigned i = 1; i < 256; i++)
		if (fanout(pack, i) < fanout(pack, i - 1))
			return false;
	pack->objects = fanout(pack, 255);
	least = INDEX_HEADER + (uint64_t)pack->objects * INDEX_ENTRY + INDEX_END;
	return pack->index_size >= least;
}

static void pack_close(struct pack *pack)
{
	if (pack->index)
		munmap((void *)pack->index, pack->index_size);
	if (pack->descriptor >= 0)
		close(pack->descriptor);
	free(pack->window);
}

/* `name` ends in ".idx". */
static bool pack_open(struct pack *pack, int folder, const char *name)
{
	int stem = (int)strlen(name) - 4;
	char other[256];
	struct stat status;
	void *mapped;
	int index;

	*pack = (struct pack){.descriptor = -1};
	if (snprintf(other, sizeof(other), "%.*s.pack", stem, name) >= (int)sizeof(other))
		return false;
	index = openat(folder, name, O_RDONLY | O_CLOEXEC);
	if (index < 0)
		return false;
	if (fstat(index, &status) == 0 && status.st_size > 0) {
		pack->index_size = (size_t)status.st_size;
		mapped = mmap(NULL, pack->index_size, PROT_READ, MAP_SHARED, index, 0);
		pack->index = mapped == MAP_FAILED ? NULL : mapped;
	}
	close(index);
	pack->descriptor = openat(folder, other, O_RDONLY | O_CLOEXEC);
	pack->window = malloc(WINDOW);
	if (pack->index && pack->window && pack->descriptor >= 0 &&
	    fstat(pack->descriptor, &status) == 0 && index_is_whole(pack)) {
		pack->size = (uint64_t)status.st_size;
		return true;
	}
	pack_close(pack);
	return false;
}

static void open_all(struct blobs *blobs, DIR *folder)
{
	struct dirent *entry;

	while (blobs->packs < PACKS_MAX && (entry = readdir(folder))) {
		size_t length = strlen(entry->d_name);
		struct pack *grown, pack;

		if (length <= strlen(".idx") || strcmp(entry->d_name + length - 4, ".idx") != 0 ||
		    !pack_open(&pack, dirfd(folder), entry->d_name))
			continue;
		grown = realloc(blobs->pack, (blobs->packs + 1) * sizeof(*grown));
		if (!grown) {
			pack_close(&pack);
			return;
		}
		blobs->pack = grown;
		blobs->pack[blobs->packs++] = pack;
	}
}

struct blobs *blobs_open(const char *folder)
{
	struct blobs *blobs = calloc(1, sizeof(*blobs));
	DIR *directory;

	if (!blobs)
		return NULL;
	blobs->decompressor = libdeflate_alloc_decompressor();
	blobs->delta = malloc(DELTA_MAX);
	blobs->other = malloc(CACHED_SIZE);
	if (!blobs->decompressor || !blobs->delta || !blobs->other) {
		blobs_close(blobs);
		return NULL;
	}
	directory = opendir(folder);
	if (directory) {
		open_all(blobs, directory);
		closedir(directory);
	}
	return blobs;
}

void blobs_close(struct blobs *blobs)
{
	if (!blobs)
		return;
	for (size_t i = 0; i < blobs->packs; i++)
		pack_close(&blobs->pack[i]);
	free(blobs->pack);
	if (blobs->decompressor)
		libdeflate_free_decompressor(blobs->decompressor);
	free(blobs->delta);
	free(blobs->other);
	free(blobs);
}

/* Where the object begins; 0: it is not in this pack. */
static uint64_t find_in(const struct pack *pack, const git_oid *id)
{
	const uint8_t *ids = pack->index + INDEX_HEADER;
	uint32_t low = id->id[0] ? fanout(pack, id->id[0] - 1u) : 0;
	uint32_t high = fanout(pack, id->id[0]);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(id->id, ids + (size_t)middle * GIT_OID_RAWSZ, GIT_OID_RAWSZ);

		if (order == 0) {
			size_t offsets = (size_t)pack->objects * (GIT_OID_RAWSZ + 4);
			uint32_t offset = read_be32(ids + offsets + (size_t)middle * 4);

			return offset & UINT32_C(1) << 31 ? 0 : offset;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return 0;
}

/* The octets at an offset, at least NEAR of them unless the pack ends before. */
static const uint8_t *look_at(struct pack *pack, uint64_t offset, size_t *length)
{
	uint64_t end = pack->at + pack->filled;
	bool follows = offset >= pack->at && offset <= end + WINDOW;
	ssize_t got;

	if (offset >= pack->size)
		return NULL;
	if (offset < pack->at || (offset + NEAR > end && end < pack->size) || offset >= end) {
		got = pread(pack->descriptor, pack->window, follows ? WINDOW : NEAR, (off_t)offset);
		pack->at = offset;
		pack->filled = got > 0 ? (size_t)got : 0;
		end = pack->at + pack->filled;
	}
	*length = (size_t)(end - offset);
	return *length > 0 ? pack->window + (offset - pack->at) : NULL;
}

/* Type and size; how many octets they take, 0: damaged. */
static size_t read_head(const uint8_t *at, size_t length, unsigned *type, uint64_t *size)
{
	unsigned shift = 4;
	size_t used = 1;

	*type = at[0] >> 4 & 7;
	*size = at[0] & 15;
	while (at[used - 1] & 0x80) {
		if (used == length || shift > 57)
			return 0;
		*size |= (uint64_t)(at[used] & 0x7f) << shift;
		shift += 7;
		used++;
	}
	return used;
}

/* How far back a delta's base begins; 0: damaged. */
static uint64_t read_back(const uint8_t *at, size_t length, size_t *used)
{
	uint64_t back;

	if (*used >= length)
		return 0;
	back = at[*used] & 0x7f;
	while (at[(*used)++] & 0x80) {
		if (*used >= length || back > UINT32_MAX)
			return 0;
		back = (back + 1) << 7 | (at[*used] & 0x7f);
	}
	return back;
}

/* A delta's own numbers. */
static uint64_t read_size(const uint8_t **at, const uint8_t *end)
{
	uint64_t size = 0;
	unsigned shift = 0;

	while (*at < end && shift < 57) {
		uint8_t octet = *(*at)++;

		size |= (uint64_t)(octet & 0x7f) << shift;
		if (!(octet & 0x80))
			return size;
		shift += 7;
	}
	return UINT64_MAX;
}

/* Where a copy begins, or how long it is: those octets of a number that `flags` names. */
static uint32_t read_some(const uint8_t **at, const uint8_t *end, unsigned flags, unsigned octets)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < octets; i++)
		if (flags & 1u << i && *at < end)
			value |= (uint32_t) * (*at)++ << 8 * i;
	return value;
}

/* The target's length; 0: it does not fit the base, or the room. */
static size_t apply(uint8_t *target, size_t room, const uint8_t *base, size_t base_size,
                    const uint8_t *delta, size_t delta_size)
{
	const uint8_t *at = delta, *end = delta + delta_size;
	uint64_t from = read_size(&at, end), size = read_size(&at, end);
	size_t used = 0;

	if (from != base_size || size > room)
		return 0;
	while (at < end) {
		uint8_t flags = *at++;
		size_t length = flags;

		if (flags & 0x80) {
			size_t offset = read_some(&at, end, flags, 4);

			length = read_some(&at, end, flags >> 4 & 7u, 3);
			length = length ? length : 0x10000;
			if (offset > base_size || length > base_size - offset ||
			    length > size - used)
				return 0;
			memcpy(target + used, base + offset, length);
		} else {
			if (!length || length > (size_t)(end - at) || length > size - used)
				return 0;
			memcpy(target + used, at, length);
			at += length;
		}
		used += length;
	}
	return used == size ? used : 0;
}

static struct cached *cached_at(struct blobs *blobs, const struct pack *pack, uint64_t offset)
{
	uint64_t mixed = (offset ^ (uint64_t)(pack - blobs->pack) << 40) * 0x9e3779b97f4a7c15u;

	return &blobs->cached[mixed >> 32 & (CACHED - 1)];
}

static void remember(struct blobs *blobs, const struct pack *pack, uint64_t offset,
                     const uint8_t *data, size_t length)
{
	struct cached *cached = cached_at(blobs, pack, offset);

	if (length > CACHED_SIZE)
		return;
	cached->pack = pack;
	cached->offset = offset;
	cached->length = length;
	memcpy(cached->data, data, length);
}

/* What is deflated at `at`, `size` octets of it. */
static bool inflate_to(struct blobs *blobs, uint8_t *out, size_t size, const uint8_t *at,
                       size_t length)
{
	/* More input than the stream is is no error, more output is. */
	return libdeflate_zlib_decompress_ex(blobs->decompressor, at, length, out, size, NULL,
	                                     NULL) == LIBDEFLATE_SUCCESS;
}

/* Goes down a chain of deltas to what is known or whole, in `text`; then up again. */
static bool read_at(struct blobs *blobs, struct pack *pack, uint64_t offset, uint8_t *text,
                    size_t room, size_t *length)
{
	uint64_t chain[CHAIN_MAX], size;
	unsigned depth = 0, type;

	for (;;) {
		const struct cached *cached = cached_at(blobs, pack, offset);
		size_t have, used;
		const uint8_t *at;
		uint64_t back;

		if (cached->pack == pack && cached->offset == offset && cached->length <= room) {
			memcpy(text, cached->data, cached->length);
			*length = cached->length;
			break;
		}
		at = look_at(pack, offset, &have);
		used = at ? read_head(at, have, &type, &size) : 0;
		if (!used)
			return false;
		if (type == BLOB) {
			if (size > room || !inflate_to(blobs, text, size, at + used, have - used))
				return false;
			*length = size;
			remember(blobs, pack, offset, text, size);
			break;
		}
		if (type != OFS_DELTA || depth == CHAIN_MAX)
			return false;
		back = read_back(at, have, &used);
		if (back == 0 || back > offset)
			return false;
		chain[depth++] = offset;
		offset -= back;
	}
	while (depth-- > 0) {
		size_t have, used;
		const uint8_t *at = look_at(pack, chain[depth], &have);

		used = at ? read_head(at, have, &type, &size) : 0;
		if (!used || size > DELTA_MAX || *length > CACHED_SIZE ||
		    !read_back(at, have, &used) ||
		    !inflate_to(blobs, blobs->delta, size, at + used, have - used))
			return false;
		memcpy(blobs->other, text, *length);
		*length = apply(text, room, blobs->other, *length, blobs->delta, size);
		if (!*length)
			return false;
		remember(blobs, pack, chain[depth], text, *length);
	}
	return true;
}

int blobs_read(struct blobs *blobs, const git_oid *id, char *text, size_t room, size_t *length)
{
	for (size_t i = 0; i < blobs->packs; i++) {
		size_t which = (blobs->last + i) % blobs->packs;
		uint64_t offset = find_in(&blobs->pack[which], id);

		if (!offset)
			continue;
		blobs->last = which;
		return read_at(blobs, &blobs->pack[which], offset, (uint8_t *)text, room, length)
		               ? 0
		               : -ENOENT;
	}
	return -ENOENT;
}

// SPDX-License-Identifier: MIT
/*
 * Maps the indexes, but not the packs: every page of a pack that is touched would count as
 * arpkeeper's memory. A pack is read through a window, which moves on where blobs stand in the
 * order in which they are read. Anything odd is "not found". Writes nothing.
 */
#include "pack/blobs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "pack/packcodec.h"
#include "pack/packindex.h"
#include "pack/packplace.h"

#define PACKS_MAX   4096
#define WINDOW      65536 /* read at once where blobs follow each other */
#define NEAR        8192  /* and where they do not; no blob of interest is longer, deflated */
#define CHAIN_MAX   64    /* deltas upon each other; git makes 50 */
#define DELTA_MAX   8192
#define CACHED      2048 /* bases of deltas; a power of two */
#define CACHED_SIZE 512  /* bytes of each; most blobs have a hundred */

struct pack {
	int descriptor;
	struct packindex index;
	uint64_t size;
	uint8_t *window;
	uint64_t at; /* of the window in the pack */
	size_t filled;
};

/* The cache has one slot for each place, and forgets what was there: it is bounded, and not a map.
 */
struct cached {
	const struct pack *pack; /* NULL: free */
	uint64_t offset;
	size_t length;
	uint8_t data[CACHED_SIZE];
};

struct blobs {
	struct pack *pack;
	size_t packs, packs_room;
	size_t last; /* the pack that had the last blob mostly has the next */
	struct libdeflate_decompressor *decompressor;
	uint8_t *delta, *other; /* scratch: instructions; a base */
	struct cached cached[CACHED];
};

static void pack_close(struct pack *pack)
{
	packindex_close(&pack->index);
	if (pack->descriptor >= 0)
		close(pack->descriptor);
	free(pack->window);
}

static bool pack_open(struct pack *pack, const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat status;

	*pack = (struct pack){.descriptor = -1};
	packplace_path(path, folder, name, "idx");
	if (packindex_open(&pack->index, path, NULL) == 0 && !packindex_check(&pack->index)) {
		packplace_path(path, folder, name, "pack");
		pack->descriptor = open(path, O_RDONLY | O_CLOEXEC);
		pack->window = malloc(WINDOW);
	}
	if (pack->window && pack->descriptor >= 0 && fstat(pack->descriptor, &status) == 0) {
		pack->size = (uint64_t)status.st_size;
		return true;
	}
	pack_close(pack);
	return false;
}

static void open_all(struct blobs *blobs, DIR *directory, const char *folder)
{
	char name[PACK_NAME];
	struct dirent *file;

	while (blobs->packs < PACKS_MAX && (file = readdir(directory)))
		if (packplace_name(name, file->d_name, "idx") &&
		    array_reserve(&blobs->pack, &blobs->packs_room, blobs->packs + 1) == 0 &&
		    pack_open(&blobs->pack[blobs->packs], folder, name))
			blobs->packs++;
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
		open_all(blobs, directory, folder);
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
	libdeflate_free_decompressor(blobs->decompressor);
	free(blobs->delta);
	free(blobs->other);
	free(blobs);
}

/* The bytes at an offset, at least NEAR of them unless the pack ends before. */
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

/* What is before an object, and its bytes behind that. NULL: damaged. */
static const uint8_t *look(struct packhead *head, struct pack *pack, uint64_t offset,
                           size_t *length)
{
	size_t have;
	const uint8_t *at = look_at(pack, offset, &have);

	if (!at || packhead_get(head, at, have) < 0)
		return NULL;
	*length = have - head->length;
	return at + head->length;
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

/* Inflates `size` bytes. */
static bool inflate(struct blobs *blobs, uint8_t *out, uint64_t size, const uint8_t *at,
                    size_t length)
{
	/* Input behind the stream's end is fine; output of another size is not. */
	return libdeflate_zlib_decompress_ex(blobs->decompressor, at, length, out, (size_t)size,
	                                     NULL, NULL) == LIBDEFLATE_SUCCESS;
}

/* The delta at this offset, applied to the content in `text`. */
static bool apply(struct blobs *blobs, struct pack *pack, uint64_t offset, uint8_t *text,
                  size_t room, size_t *length)
{
	struct packhead head;
	size_t base = *length, have;
	const uint8_t *at = look(&head, pack, offset, &have);

	if (!at || head.size > DELTA_MAX || base > CACHED_SIZE ||
	    !inflate(blobs, blobs->delta, head.size, at, have))
		return false;
	memcpy(blobs->other, text, base);
	return packdelta_apply(text, room, length, blobs->other, base, blobs->delta,
	                       (size_t)head.size) == 0;
}

/* Goes down a chain of deltas to a content that is cached or whole; then up again. */
static bool read_at(struct blobs *blobs, struct pack *pack, uint64_t offset, uint8_t *text,
                    size_t room, size_t *length)
{
	uint64_t chain[CHAIN_MAX];
	unsigned depth = 0;

	for (;;) {
		const struct cached *cached = cached_at(blobs, pack, offset);
		struct packhead head;
		const uint8_t *at;
		size_t have;

		if (cached->pack == pack && cached->offset == offset && cached->length <= room) {
			memcpy(text, cached->data, cached->length);
			*length = cached->length;
			break;
		}
		at = look(&head, pack, offset, &have);
		if (!at)
			return false;
		if (head.type == PACKED_BLOB) {
			if (head.size > room || !inflate(blobs, text, head.size, at, have))
				return false;
			*length = (size_t)head.size;
			remember(blobs, pack, offset, text, *length);
			break;
		}
		if (head.type != PACKED_OFS_DELTA || depth == CHAIN_MAX || head.distance > offset)
			return false;
		chain[depth++] = offset;
		offset -= head.distance;
	}
	while (depth-- > 0) {
		if (!apply(blobs, pack, chain[depth], text, room, length))
			return false;
		remember(blobs, pack, chain[depth], text, *length);
	}
	return true;
}

int blobs_read(struct blobs *blobs, const git_oid *id, char *text, size_t room, size_t *length)
{
	for (size_t i = 0; i < blobs->packs; i++) {
		size_t which = (blobs->last + i) % blobs->packs;
		struct pack *pack = &blobs->pack[which];
		uint32_t position;

		if (packindex_find(&position, &pack->index, id) < 0)
			continue;
		blobs->last = which;
		return read_at(blobs, pack, packindex_offset(&pack->index, position),
		               (uint8_t *)text, room, length)
		               ? 0
		               : -ENOENT;
	}
	return -ENOENT;
}

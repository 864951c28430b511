// SPDX-License-Identifier: MIT
/*
 * Reads packs through packfile.c, and keeps contents by their place in a pack. The cache has a slot
 * for each place and forgets what was there: it is bounded, and not a map. libgit2 reads what is in
 * no pack that could be opened: loose objects, those of an alternate, and those packed just now.
 */
#include "pack/bulk.h"

#include <dirent.h>
#include <errno.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "pack/giterror.h"
#include "pack/packcodec.h"
#include "pack/packfile.h"

#define SLOTS      ((size_t)1 << 14)
#define BYTES_MAX  ((size_t)48 << 20) /* kept */
#define OBJECT_MAX ((size_t)1 << 20)  /* larger ones are not kept */

struct kept {
	struct content *content; /* NULL: free */
	uint32_t pack, object;
	bool used; /* since the clock's hand last passed */
};

struct bulk {
	git_odb *odb;
	struct packfile *pack; /* owned */
	size_t packs, packs_room;
	struct libdeflate_decompressor *decompressor;
	struct kept *kept; /* SLOTS of them */
	size_t bytes, hand;
	size_t last_pack; /* that had the last object */
};

void content_release(struct content *content)
{
	if (!content || --content->users > 0)
		return;
	free(content->data);
	free(content);
}

/* Takes over `data`. */
static struct content *new_content(uint8_t *data, size_t size, git_object_t type)
{
	struct content *content = malloc(sizeof(*content));

	if (!content || !data) {
		free(content);
		free(data);
		git_error_set_oom();
		return NULL;
	}
	data[size] = '\0';
	*content = (struct content){.data = data, .size = size, .type = type, .users = 1};
	return content;
}

/* A pack that cannot be opened is left to libgit2, which says why. */
static void open_pack(struct bulk *bulk, const char *folder, const char *file)
{
	char name[PACK_NAME];

	if (packplace_name(name, file, "idx") &&
	    array_reserve(&bulk->pack, &bulk->packs_room, bulk->packs + 1) == 0 &&
	    packfile_open(&bulk->pack[bulk->packs], folder, name, NULL) == 0)
		bulk->packs++;
}

static void open_packs(struct bulk *bulk, git_repository *repository)
{
	char folder[PATH_MAX];
	struct dirent *file;
	DIR *directory;

	snprintf(folder, sizeof(folder), "%sobjects/pack", git_repository_commondir(repository));
	directory = opendir(folder);
	if (!directory)
		return;
	while ((file = readdir(directory)))
		open_pack(bulk, folder, file->d_name);
	closedir(directory);
}

struct bulk *bulk_new(git_repository *repository, bool many)
{
	struct bulk *bulk = calloc(1, sizeof(*bulk));

	if (!bulk)
		return NULL;
	if (git_repository_odb(&bulk->odb, repository) < 0)
		goto failed;
	if (!many)
		return bulk;
	bulk->kept = calloc(SLOTS, sizeof(*bulk->kept));
	bulk->decompressor = libdeflate_alloc_decompressor();
	if (!bulk->kept || !bulk->decompressor)
		goto failed;
	open_packs(bulk, repository);
	return bulk;
failed:
	bulk_free(bulk);
	return NULL;
}

void bulk_free(struct bulk *bulk)
{
	if (!bulk)
		return;
	for (size_t i = 0; bulk->kept && i < SLOTS; i++)
		content_release(bulk->kept[i].content);
	for (size_t i = 0; i < bulk->packs; i++)
		packfile_close(&bulk->pack[i]);
	libdeflate_free_decompressor(bulk->decompressor);
	git_odb_free(bulk->odb);
	free(bulk->kept);
	free(bulk->pack);
	free(bulk);
}

static struct kept *slot_of(struct bulk *bulk, uint32_t pack, uint32_t object)
{
	return &bulk->kept[(object * UINT32_C(0x9e3779b1) + pack) >> 18 & (SLOTS - 1)];
}

static struct content *find_kept(struct bulk *bulk, uint32_t pack, uint32_t object)
{
	struct kept *kept = slot_of(bulk, pack, object);

	if (!kept->content || kept->pack != pack || kept->object != object)
		return NULL;
	kept->used = true;
	kept->content->users++;
	return kept->content;
}

static void drop(struct bulk *bulk, struct kept *kept)
{
	if (!kept->content)
		return;
	bulk->bytes -= kept->content->size;
	content_release(kept->content);
	kept->content = NULL;
}

static void keep(struct bulk *bulk, uint32_t pack, uint32_t object, struct content *content)
{
	struct kept *kept = slot_of(bulk, pack, object);

	if (content->size > OBJECT_MAX)
		return;
	while (bulk->bytes > BYTES_MAX) {
		struct kept *next = &bulk->kept[bulk->hand++ % SLOTS];

		if (!next->used)
			drop(bulk, next);
		next->used = false;
	}
	drop(bulk, kept);
	content->users++;
	bulk->bytes += content->size;
	*kept = (struct kept){.content = content, .pack = pack, .object = object, .used = true};
}

static struct content *read_whole(struct bulk *bulk, const struct packfile *file, uint32_t object)
{
	struct packhead head;
	uint8_t *data;

	if (packfile_inflate(&data, &head, file, object, bulk->decompressor, NULL) < 0)
		return NULL;
	return new_content(data, (size_t)head.size, (git_object_t)head.type);
}

static struct content *apply_delta(struct bulk *bulk, const struct packfile *file, uint32_t object,
                                   const struct content *base)
{
	uint8_t *data;
	size_t size;

	if (packfile_apply(&data, &size, file, object, base->data, base->size, bulk->decompressor,
	                   NULL) < 0)
		return NULL;
	return new_content(data, size, base->type);
}

/* NULL: the object is damaged; libgit2 says how. */
static struct content *read_packed(struct bulk *bulk, uint32_t pack, uint32_t object)
{
	const struct packfile *file = &bulk->pack[pack];
	uint32_t chain[PACK_CHAIN_MAX];
	unsigned deltas = 0;
	struct content *content, *next;
	struct packhead head;

	while (!(content = find_kept(bulk, pack, object))) {
		if (packfile_head(&head, file, object, NULL) < 0)
			return NULL;
		if (head.type != PACKED_OFS_DELTA && head.type != PACKED_REF_DELTA) {
			content = read_whole(bulk, file, object);
			if (!content)
				return NULL;
			keep(bulk, pack, object, content);
			break;
		}
		if (deltas == PACK_CHAIN_MAX)
			return NULL;
		chain[deltas++] = object;
		object = packfile_base(file, object, &head);
		if (object == NO_BASE)
			return NULL;
	}
	for (; deltas > 0 && content; content = next) {
		next = apply_delta(bulk, file, chain[--deltas], content);
		content_release(content);
		if (next)
			keep(bulk, pack, chain[deltas], next);
	}
	return content;
}

static struct content *find_packed(struct bulk *bulk, const git_oid *id)
{
	for (size_t i = 0; i < bulk->packs; i++) {
		size_t pack = (bulk->last_pack + i) % bulk->packs;
		const struct packfile *file = &bulk->pack[pack];
		uint32_t position;

		if (packindex_find(&position, &file->index, id) < 0)
			continue;
		bulk->last_pack = pack;
		return read_packed(bulk, (uint32_t)pack, packfile_object(file, position));
	}
	return NULL;
}

int bulk_read(struct content **content, struct bulk *bulk, const git_oid *id)
{
	git_odb_object *object;
	uint8_t *data;
	int error;

	*content = find_packed(bulk, id);
	if (*content)
		return 0;
	error = git_odb_read(&object, bulk->odb, id);
	if (error < 0)
		return error;
	data = malloc(git_odb_object_size(object) + 1);
	if (data)
		memcpy(data, git_odb_object_data(object), git_odb_object_size(object));
	*content = new_content(data, git_odb_object_size(object), git_odb_object_type(object));
	git_odb_object_free(object);
	return *content ? 0 : GIT_ERROR;
}

// SPDX-License-Identifier: MIT
/*
 * Reads packs through packfile.c, and keeps contents by their place in a pack. Whatever is not in
 * a pack that it could open (loose, from an alternate, or packed just now) is libgit2's to find.
 */
#include "pack/bulk.h"

#include <dirent.h>
#include <errno.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pack/packdelta.h"
#include "pack/packfile.h"

#define SLOTS      ((size_t)1 << 14)
#define BYTES_MAX  ((size_t)48 << 20) /* kept */
#define OBJECT_MAX ((size_t)1 << 20)  /* larger ones are not kept */
#define CHAIN_MAX  4095               /* git's own limit */

struct kept {
	struct content *content; /* NULL: free */
	uint32_t pack, object;
	bool used; /* since the hand came by */
};

struct bulk {
	git_odb *odb;
	struct packfile *pack; /* owned */
	uint32_t packs;
	struct libdeflate_decompressor *decompressor;
	struct kept *kept; /* SLOTS of them */
	size_t bytes, hand;
	uint32_t last_pack; /* that had what was asked for */
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

/* A pack that cannot be opened is libgit2's to complain of. */
static void open_pack(struct bulk *bulk, const char *folder, const char *file)
{
	struct packfile *grown;
	char name[PACK_NAME];

	if (strlen(file) != strlen("pack-.idx") + GIT_OID_HEXSZ ||
	    strncmp(file, "pack-", strlen("pack-")) != 0 ||
	    strcmp(file + strlen("pack-") + GIT_OID_HEXSZ, ".idx") != 0)
		return;
	grown = realloc(bulk->pack, (bulk->packs + 1) * sizeof(*grown));
	if (!grown)
		return;
	bulk->pack = grown;
	snprintf(name, sizeof(name), "%.40s", file + strlen("pack-"));
	if (packfile_open(&grown[bulk->packs], folder, name, NULL) == 0)
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
	for (uint32_t i = 0; i < bulk->packs; i++)
		packfile_close(&bulk->pack[i]);
	if (bulk->decompressor)
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

/* An object's own bytes inflated: its content, or a delta's instructions. */
static uint8_t *inflate_own(struct bulk *bulk, const struct packfile *file, uint32_t object,
                            const struct pack_head *head)
{
	size_t length;
	const uint8_t *bytes = packfile_bytes(&length, file, object);
	uint8_t *data = head->size < PTRDIFF_MAX ? malloc((size_t)head->size + 1) : NULL;

	if (!data)
		return NULL;
	if (libdeflate_zlib_decompress(bulk->decompressor, bytes + head->length,
	                               length - head->length, data, (size_t)head->size,
	                               NULL) != LIBDEFLATE_SUCCESS) {
		free(data);
		return NULL;
	}
	return data;
}

/* What a delta is made against; NO_BASE: nothing in this pack. */
static uint32_t base_of(const struct packfile *file, const struct pack_head *head)
{
	uint32_t position;

	if (head->type == PACKED_OFS_DELTA)
		return packfile_at(file, head->offset);
	return packfile_find(&position, file, &head->id) < 0 ? NO_BASE
	                                                     : packfile_object(file, position);
}

static struct content *apply_delta(struct bulk *bulk, const struct packfile *file, uint32_t object,
                                   struct content *base)
{
	struct pack_head head;
	uint8_t *delta = NULL, *data = NULL;
	size_t size = 0;

	if (packfile_head(&head, file, object, NULL) == 0)
		delta = inflate_own(bulk, file, object, &head);
	if (delta &&
	    packdelta_apply(&data, &size, base->data, base->size, delta, (size_t)head.size) < 0)
		data = NULL;
	free(delta);
	return data ? new_content(data, size, base->type) : NULL;
}

/* NULL: something is wrong with it; libgit2 says what. */
static struct content *read_packed(struct bulk *bulk, uint32_t pack, uint32_t object)
{
	const struct packfile *file = &bulk->pack[pack];
	uint32_t chain[CHAIN_MAX];
	unsigned deltas = 0;
	struct content *content = NULL;
	struct pack_head head;
	uint8_t *data;

	while (!(content = find_kept(bulk, pack, object))) {
		if (packfile_head(&head, file, object, NULL) < 0)
			return NULL;
		if (head.type != PACKED_OFS_DELTA && head.type != PACKED_REF_DELTA) {
			data = inflate_own(bulk, file, object, &head);
			content =
			        data ? new_content(data, (size_t)head.size, (git_object_t)head.type)
			             : NULL;
			if (!content)
				return NULL;
			keep(bulk, pack, object, content);
			break;
		}
		if (deltas == CHAIN_MAX)
			return NULL;
		chain[deltas++] = object;
		object = base_of(file, &head);
		if (object == NO_BASE)
			return NULL;
	}
	while (deltas > 0 && content) {
		struct content *next = apply_delta(bulk, file, chain[--deltas], content);

		content_release(content);
		content = next;
		if (content)
			keep(bulk, pack, chain[deltas], content);
	}
	return content;
}

static struct content *find_packed(struct bulk *bulk, const git_oid *id)
{
	for (uint32_t i = 0; i < bulk->packs; i++) {
		uint32_t pack = (bulk->last_pack + i) % bulk->packs, position;

		if (packfile_find(&position, &bulk->pack[pack], id) < 0)
			continue;
		bulk->last_pack = pack;
		return read_packed(bulk, pack, packfile_object(&bulk->pack[pack], position));
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

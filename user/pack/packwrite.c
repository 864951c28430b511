// SPDX-License-Identifier: MIT
/* Writes packs from memory. Decides nothing about their objects, and never reads a pack. */
#include "pack/packwrite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/packhead.h"
#include "pack/packindex.h"
#include "pack/packplace.h"

#define INCOMING  PACK_FOLDER "/incoming" /* in the same file system, and not read by git */
#define KEEP_FILE PACK_FOLDER "/keep"
#define KEEP_TEXT "arpkeeper: not yet named by a reference\n"

static void incoming_path(char path[PATH_MAX], const char *git_directory, const char *suffix)
{
	snprintf(path, PATH_MAX, "%s" INCOMING ".%s", git_directory, suffix);
}

/* A new file, in the place of one that was left there. */
static int write_file(const char *path, const void *bytes, size_t size, struct fault *fault)
{
	unlink(path);
	return durable_create(path, 0444, bytes, size, fault);
}

static int compare_ids(const void *a, const void *b, void *ids)
{
	return memcmp(idmap_key(ids, *(const uint32_t *)a), idmap_key(ids, *(const uint32_t *)b),
	              GIT_OID_RAWSZ);
}

static int write_index(const char *path, struct packing *packing, const git_oid *sum,
                       struct hash *hash, struct fault *fault)
{
	uint32_t count = (uint32_t)packing->objects;
	uint32_t *order = malloc((count + (size_t)1) * sizeof(*order));
	uint64_t *offset = malloc((count + (size_t)1) * sizeof(*offset));
	void *memory = malloc(packindex_room(count, packing->size));
	struct packindex index;
	int error;

	if (!order || !offset || !memory) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	for (uint32_t i = 0; i < count; i++)
		order[i] = i;
	qsort_r(order, count, sizeof(*order), compare_ids, &packing->ids);
	packindex_begin(&index, memory, count);
	for (uint32_t rank = 0; rank < count; rank++) {
		const struct packed *object = &packing->object[order[rank]];

		packindex_set_id(&index, rank, idmap_key(&packing->ids, order[rank]));
		packindex_set_crc(&index, rank, object->crc);
		offset[rank] = object->offset;
	}
	error = packindex_end(&index, offset, sum, hash, fault);
	if (!error)
		error = write_file(path, index.bytes, index.size, fault);
out:
	free(order);
	free(offset);
	free(memory);
	return error;
}

/* Makes the files aside, durable. The pack's checksum is its name. */
static int write_aside(char name[PACK_NAME], const char *git_directory, struct packing *packing,
                       struct hash *hash, struct fault *fault)
{
	char path[PATH_MAX];
	git_oid sum;
	int error;

	packhead_put_pack(packing->bytes, (uint32_t)packing->objects);
	error = hash_bytes(hash, &sum, packing->bytes, packing->size, fault);
	if (error)
		return error;
	memcpy(packing->bytes + packing->size, sum.id, GIT_OID_RAWSZ);
	git_oid_tostr(name, PACK_NAME, &sum);
	incoming_path(path, git_directory, "pack");
	error = write_file(path, packing->bytes, packing->size + GIT_OID_RAWSZ, fault);
	incoming_path(path, git_directory, "idx");
	return error ? error : write_index(path, packing, &sum, hash, fault);
}

/*
 * A second name of a file that is on the disk already. A kill, or a power cut, leaves no .keep
 * without its text, which could be an operator's.
 */
static int write_keep(const char *path, struct fault *fault)
{
	char text[PATH_MAX];

	/* From objects/pack/pack-x.keep. */
	snprintf(text, sizeof(text), "%.*s../../" KEEP_FILE, (int)(strrchr(path, '/') + 1 - path),
	         path);
	unlink(path);
	if (link(text, path) == 0)
		return 0;
	/* Not every file system has second names. */
	return write_file(path, KEEP_TEXT, strlen(KEEP_TEXT), fault);
}

int pack_protect(struct pack_keep *keep, const char *path, struct fault *fault)
{
	char *copy = strdup(path);
	int error;

	if (!copy || array_reserve(&keep->path, &keep->room, keep->paths + 1))
		error = fault_set(fault, -ENOMEM, "out of memory");
	else
		error = write_keep(path, fault);
	if (error)
		free(copy);
	else
		keep->path[keep->paths++] = copy;
	return error;
}

int pack_write(struct pack_keep *keep, const char *git_directory, struct packing *packing,
               struct hash *hash, struct fault *fault)
{
	char aside[PATH_MAX], path[PATH_MAX], index[PATH_MAX], folder[PATH_MAX], name[PACK_NAME];
	struct fault ignored;
	int error;

	snprintf(aside, sizeof(aside), "%s" PACK_FOLDER, git_directory);
	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	if (mkdir(aside, 0777) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", aside, strerror(errno));
	error = write_aside(name, git_directory, packing, hash, fault);
	if (error)
		return error;
	/* Without it, joining packs saves less. */
	(void)packbases_write(&packing->bases, aside, name, &ignored);
	packplace_path(path, folder, name, "keep");
	error = pack_protect(keep, path, fault);
	if (error)
		return error;
	incoming_path(path, git_directory, "pack");
	incoming_path(index, git_directory, "idx");
	return packplace_move(path, index, folder, name, fault);
}

void pack_settle(struct pack_keep *keep)
{
	for (size_t i = 0; i < keep->paths; i++) {
		unlink(keep->path[i]);
		free(keep->path[i]);
	}
	free(keep->path);
	*keep = (struct pack_keep){0};
}

bool pack_keep_says(const char *path, const char *text)
{
	char read_text[64];
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = -1;

	if (descriptor >= 0) {
		size = read(descriptor, read_text, sizeof(read_text));
		close(descriptor);
	}
	return size == (ssize_t)strlen(text) && !memcmp(read_text, text, (size_t)size);
}

static bool is_our_keep(const char *path)
{
	size_t length = strlen(path);

	return length > 5 && !strcmp(path + length - 5, ".keep") && pack_keep_says(path, KEEP_TEXT);
}

/* The file that each .keep is a second name of. Without it they are written one by one. */
static void prepare_keep(const char *git_directory)
{
	char path[PATH_MAX], aside[PATH_MAX];
	struct fault ignored;

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s" KEEP_FILE, git_directory);
	incoming_path(aside, git_directory, "keep");
	unlink(aside);
	if (!pack_keep_says(path, KEEP_TEXT))
		(void)durable_replace(aside, path, 0444, KEEP_TEXT, strlen(KEEP_TEXT), &ignored);
}

void pack_clean(const char *git_directory)
{
	char folder[PATH_MAX], path[PATH_MAX];
	struct dirent *file;
	DIR *directory;

	incoming_path(path, git_directory, "pack");
	unlink(path);
	incoming_path(path, git_directory, "idx");
	unlink(path);
	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	directory = opendir(folder);
	while (directory && (file = readdir(directory)))
		if (snprintf(path, sizeof(path), "%s/%s", folder, file->d_name) < PATH_MAX &&
		    is_our_keep(path))
			unlink(path);
	if (directory)
		closedir(directory);
	prepare_keep(git_directory);
}

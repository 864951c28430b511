// SPDX-License-Identifier: MIT
/* Writes packs, from memory or as a stream. Decides nothing about their objects, and never reads a
 * pack. */
#include "pack/packwrite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/packcodec.h"

#define KEEP_FILE  PACK_FOLDER "/keep"
#define KEEP_TEXT  "arpkeeper: not yet named by a reference\n"
#define BUFFER     (1u << 20)
#define WRITE_BACK (8u << 20) /* given to the disk at once: fsync then has little to wait for */

static int failed(const char *path, struct fault *fault)
{
	int error = errno ? -errno : -EIO;

	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}

static int create(int *file, const char *path, int flags, struct fault *fault)
{
	int error = own_remove(path);

	*file = error && error != -ENOENT ? error : own_open(path, flags | O_CREAT | O_EXCL, 0444);
	return *file < 0 ? own_fault(fault, *file, path) : 0;
}

/* The index's blocks are allocated now: a full disk is an error here, not a signal later. */
static int map_index(struct packout *out, uint32_t objects, uint64_t bytes, struct fault *fault)
{
	size_t size = packindex_room(objects, bytes);
	void *mapped = MAP_FAILED;
	int error = create(&out->index_file, out->index_path, O_RDWR, fault);

	if (error)
		return error;
	errno = posix_fallocate(out->index_file, 0, (off_t)size);
	if (errno == 0)
		mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, out->index_file, 0);
	if (mapped == MAP_FAILED)
		return failed(out->index_path, fault);
	packindex_begin(&out->index, mapped, objects);
	out->mapped = size;
	return 0;
}

int packout_open(struct packout *out, const char *folder, uint32_t objects, uint64_t bytes,
                 struct fault *fault)
{
	uint8_t header[PACK_HEADER];
	int error;

	*out = (struct packout){.pack = -1, .index_file = -1};
	packplace_path(out->pack_path, folder, PACKOUT_NAME, "pack");
	packplace_path(out->index_path, folder, PACKOUT_NAME, "idx");
	packhead_put_pack(header, objects);
	out->buffer = malloc(BUFFER);
	error = out->buffer ? hash_new(&out->hash, fault)
	                    : fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = create(&out->pack, out->pack_path, O_WRONLY, fault);
	if (!error)
		error = map_index(out, objects, bytes, fault);
	if (!error)
		error = hash_begin(out->hash, fault);
	if (!error)
		error = packout_write(out, header, sizeof(header), fault);
	if (error)
		packout_close(out);
	return error;
}

void packout_close(struct packout *out)
{
	if (out->pack >= 0)
		close(out->pack);
	if (out->index_file >= 0)
		close(out->index_file);
	if (out->mapped > 0)
		munmap(out->index.bytes, out->mapped);
	(void)own_remove(out->pack_path);
	(void)own_remove(out->index_path);
	hash_free(out->hash);
	free(out->buffer);
	*out = (struct packout){.pack = -1, .index_file = -1};
}

static int write_out(struct packout *out, struct fault *fault)
{
	int error = hash_add(out->hash, out->buffer, out->buffered, fault);

	if (error)
		return error;
	error = durable_write(out->pack, out->buffer, out->buffered);
	if (error)
		return fault_set(fault, error, "%s: %s", out->pack_path, strerror(-error));
	out->buffered = 0;
	if (out->offset - out->started >= WRITE_BACK) {
		sync_file_range(out->pack, (off_t)out->started, (off_t)(out->offset - out->started),
		                SYNC_FILE_RANGE_WRITE);
		out->started = out->offset;
	}
	return 0;
}

int packout_write(struct packout *out, const void *bytes, size_t size, struct fault *fault)
{
	while (size > 0) {
		size_t part = BUFFER - out->buffered < size ? BUFFER - out->buffered : size;
		int error;

		memcpy(out->buffer + out->buffered, bytes, part);
		out->buffered += part;
		out->offset += part;
		bytes = (const uint8_t *)bytes + part;
		size -= part;
		if (out->buffered == BUFFER && (error = write_out(out, fault)) < 0)
			return error;
	}
	return 0;
}

int packout_finish(struct packout *out, const uint64_t *offset, struct fault *fault)
{
	git_oid sum;
	int error = write_out(out, fault);

	if (!error)
		error = hash_end(out->hash, &sum, fault);
	if (error)
		return error;
	if (write(out->pack, sum.id, GIT_OID_RAWSZ) != GIT_OID_RAWSZ || fsync(out->pack) < 0)
		return failed(out->pack_path, fault);
	git_oid_tostr(out->name, sizeof(out->name), &sum);
	error = packindex_end(&out->index, offset, &sum, out->hash, fault);
	if (error)
		return error;
	if (msync(out->index.bytes, out->mapped, MS_SYNC) < 0 ||
	    ftruncate(out->index_file, (off_t)out->index.size) < 0 || fsync(out->index_file) < 0)
		error = failed(out->index_path, fault);
	return error;
}

int packout_install(struct packout *out, const char *folder, const struct timespec *modified,
                    struct fault *fault)
{
	const struct timespec times[2] = {*modified, *modified};

	if (futimens(out->pack, times) < 0)
		return failed(out->pack_path, fault);
	return packplace_move(out->pack_path, out->index_path, folder, out->name, fault);
}

static void incoming_path(char path[PATH_MAX], const char *git_directory, const char *suffix)
{
	snprintf(path, PATH_MAX, "%s" PACK_INCOMING ".%s", git_directory, suffix);
}

static int compare_ids(const void *a, const void *b, void *ids)
{
	return memcmp(idmap_key(ids, *(const uint32_t *)a), idmap_key(ids, *(const uint32_t *)b),
	              GIT_OID_RAWSZ);
}

static int begin_index(int *file, const char *path, struct packing *packing, const git_oid *sum,
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
		error = own_begin(file, path, 0444, index.bytes, index.size, fault);
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
	char path[PATH_MAX], index_path[PATH_MAX];
	int pack = -1, index = -1, error, failed;
	git_oid sum;

	packhead_put_pack(packing->bytes, (uint32_t)packing->objects);
	error = hash_bytes(hash, &sum, packing->bytes, packing->size, fault);
	if (error)
		return error;
	memcpy(packing->bytes + packing->size, sum.id, GIT_OID_RAWSZ);
	git_oid_tostr(name, PACK_NAME, &sum);
	incoming_path(path, git_directory, "pack");
	error = own_begin(&pack, path, 0444, packing->bytes, packing->size + GIT_OID_RAWSZ, fault);
	if (error)
		return error;
	incoming_path(index_path, git_directory, "idx");
	error = begin_index(&index, index_path, packing, &sum, hash, fault);
	failed = own_sync(pack, path, error ? NULL : fault);
	if (error || failed) {
		if (!error) {
			close(index);
			(void)own_remove(index_path);
		}
		return error ? error : failed;
	}
	return own_sync(index, index_path, fault);
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
	return durable_create(path, 0444, KEEP_TEXT, strlen(KEEP_TEXT), fault);
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

int pack_write(char name[PACK_NAME], struct pack_keep *keep, const char *git_directory,
               struct packing *packing, struct hash *hash, struct fault *fault)
{
	char aside[PATH_MAX], path[PATH_MAX], index[PATH_MAX], folder[PATH_MAX];
	int error;

	snprintf(aside, sizeof(aside), "%s" PACK_FOLDER, git_directory);
	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	error = own_folder(aside);
	if (error)
		return own_fault(fault, error, aside);
	error = write_aside(name, git_directory, packing, hash, fault);
	if (error)
		return error;
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

bool pack_keep_is_ours(const char *path)
{
	char text[sizeof(KEEP_TEXT)] = "";
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t size = -1;

	if (descriptor >= 0) {
		size = read(descriptor, text, sizeof(text));
		close(descriptor);
	}
	return size == sizeof(KEEP_TEXT) - 1 && !memcmp(text, KEEP_TEXT, (size_t)size);
}

void pack_prepare(const char *git_directory)
{
	char path[PATH_MAX], aside[PATH_MAX];
	struct fault ignored;

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	if (own_folder(path))
		return;
	snprintf(path, sizeof(path), "%s" KEEP_FILE, git_directory);
	incoming_path(aside, git_directory, "keep");
	if (!pack_keep_is_ours(path) &&
	    own_create(aside, 0444, KEEP_TEXT, strlen(KEEP_TEXT), &ignored) == 0)
		(void)durable_move(aside, path, &ignored);
}

// SPDX-License-Identifier: MIT
/* Writes a pack as a stream, and its index in place. Knows nothing of what the objects are. */
#include "pack/packout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/packhead.h"

#define BUFFER     (1u << 20)
#define WRITE_BACK (8u << 20) /* given to the disk at once: fsync then has little to wait for */

static int failed(const char *path, struct fault *fault)
{
	int error = errno ? -errno : -EIO;

	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}

static int create(int *file, const char *path, int flags, struct fault *fault)
{
	unlink(path);
	*file = open(path, flags | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	return *file < 0 ? failed(path, fault) : 0;
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
	unlink(out->pack_path);
	unlink(out->index_path);
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

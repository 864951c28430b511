// SPDX-License-Identifier: MIT
/*
 * Writes a pack as a stream, and its index in place. Knows nothing of what the objects are.
 */
#include "pack/packout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define BUFFER       (1u << 20)
#define WRITE_BACK   (8u << 20) /* handed to the disk at once: fsync then has little to wait for */
#define FANOUT       256
#define INDEX_HEADER 8
#define LARGE_OFFSET UINT64_C(0x80000000)

static int failed(const char *path, struct fault *fault)
{
	int error = errno ? -errno : -EIO;

	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}

static void put_be32(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 24);
	at[1] = (uint8_t)(value >> 16);
	at[2] = (uint8_t)(value >> 8);
	at[3] = (uint8_t)value;
}

static uint8_t *ids(const struct packout *out)
{
	return out->index + INDEX_HEADER + FANOUT * 4;
}

static uint8_t *crcs(const struct packout *out)
{
	return ids(out) + (size_t)out->objects * GIT_OID_RAWSZ;
}

static uint8_t *offsets(const struct packout *out)
{
	return crcs(out) + (size_t)out->objects * 4;
}

/* Its blocks are taken now: a full disk is an error here, not a signal later. */
static int map_index(struct packout *out, uint64_t bytes, struct fault *fault)
{
	size_t large = bytes < LARGE_OFFSET ? 0 : (size_t)out->objects * 8;
	size_t size = INDEX_HEADER + FANOUT * 4 + (size_t)out->objects * (GIT_OID_RAWSZ + 8) +
	              large + 2 * GIT_OID_RAWSZ;
	void *mapped = MAP_FAILED;
	int error = 0;

	unlink(out->index_path);
	out->index_file = open(out->index_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (out->index_file < 0)
		return failed(out->index_path, fault);
	errno = posix_fallocate(out->index_file, 0, (off_t)size);
	if (errno == 0)
		mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, out->index_file, 0);
	if (mapped == MAP_FAILED) {
		error = failed(out->index_path, fault);
	} else {
		out->index = mapped;
		out->index_size = size;
	}
	return error;
}

int packout_open(struct packout *out, const char *folder, uint32_t objects, uint64_t bytes,
                 struct fault *fault)
{
	uint8_t header[PACK_HEADER] = {'P', 'A', 'C', 'K', 0, 0, 0, 2};
	int error;

	*out = (struct packout){.objects = objects, .pack = -1, .index_file = -1};
	snprintf(out->pack_path, sizeof(out->pack_path), "%s/pack-" PACKOUT_NAME ".pack", folder);
	snprintf(out->index_path, sizeof(out->index_path), "%s/pack-" PACKOUT_NAME ".idx", folder);
	out->buffer = malloc(BUFFER);
	out->sum = EVP_MD_CTX_new();
	if (!out->buffer || !out->sum || !EVP_DigestInit_ex(out->sum, EVP_sha1(), NULL)) {
		error = fault_set(fault, -ENOMEM, "out of memory, or OpenSSL has no SHA-1");
		goto out;
	}
	unlink(out->pack_path);
	out->pack = open(out->pack_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	error = out->pack < 0 ? failed(out->pack_path, fault) : 0;
	if (!error)
		error = map_index(out, bytes, fault);
	put_be32(header + 8, objects);
	if (!error)
		error = packout_write(out, header, sizeof(header), fault);
out:
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
	if (out->index)
		munmap(out->index, out->index_size);
	unlink(out->pack_path);
	unlink(out->index_path);
	EVP_MD_CTX_free(out->sum);
	free(out->buffer);
	*out = (struct packout){.pack = -1, .index_file = -1};
}

static int write_out(struct packout *out, struct fault *fault)
{
	const uint8_t *at = out->buffer;
	size_t left = out->buffered;

	if (!EVP_DigestUpdate(out->sum, at, left))
		return fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
	while (left > 0) {
		ssize_t written = write(out->pack, at, left);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return failed(out->pack_path, fault);
		at += written;
		left -= (size_t)written;
	}
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

void packout_set_id(struct packout *out, uint32_t rank, const git_oid *id)
{
	memcpy(ids(out) + (size_t)rank * GIT_OID_RAWSZ, id->id, GIT_OID_RAWSZ);
}

const git_oid *packout_id(const struct packout *out, uint32_t rank)
{
	return (const git_oid *)(ids(out) + (size_t)rank * GIT_OID_RAWSZ);
}

void packout_set_crc(struct packout *out, uint32_t rank, uint32_t crc)
{
	put_be32(crcs(out) + (size_t)rank * 4, crc);
}

static void fill_fanout(struct packout *out)
{
	uint32_t rank = 0;

	memcpy(out->index, "\377tOc\0\0\0\2", INDEX_HEADER);
	for (unsigned first = 0; first < FANOUT; first++) {
		while (rank < out->objects && ids(out)[(size_t)rank * GIT_OID_RAWSZ] == first)
			rank++;
		put_be32(out->index + INDEX_HEADER + (size_t)first * 4, rank);
	}
}

/* Where the tables end. */
static uint8_t *fill_offsets(struct packout *out, const uint64_t *offset)
{
	uint8_t *at = offsets(out), *large = at + (size_t)out->objects * 4;
	uint32_t larges = 0;

	for (uint32_t rank = 0; rank < out->objects; rank++, at += 4) {
		if (offset[rank] < LARGE_OFFSET) {
			put_be32(at, (uint32_t)offset[rank]);
			continue;
		}
		put_be32(at, (uint32_t)LARGE_OFFSET | larges++);
		put_be32(large, (uint32_t)(offset[rank] >> 32));
		put_be32(large + 4, (uint32_t)offset[rank]);
		large += 8;
	}
	return large;
}

int packout_finish(struct packout *out, const uint64_t *offset, struct fault *fault)
{
	unsigned length = GIT_OID_RAWSZ;
	git_oid sum;
	uint8_t *end;
	int error = write_out(out, fault);

	if (error)
		return error;
	if (!EVP_DigestFinal_ex(out->sum, sum.id, &length))
		return fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
	if (write(out->pack, sum.id, GIT_OID_RAWSZ) != GIT_OID_RAWSZ || fsync(out->pack) < 0)
		return failed(out->pack_path, fault);
	git_oid_tostr(out->name, sizeof(out->name), &sum);
	fill_fanout(out);
	end = fill_offsets(out, offset);
	memcpy(end, sum.id, GIT_OID_RAWSZ);
	end += GIT_OID_RAWSZ;
	if (!EVP_Digest(out->index, (size_t)(end - out->index), end, NULL, EVP_sha1(), NULL))
		return fault_set(fault, -EIO, "OpenSSL's SHA-1 fails");
	end += GIT_OID_RAWSZ;
	if (msync(out->index, out->index_size, MS_SYNC) < 0 ||
	    ftruncate(out->index_file, end - out->index) < 0 || fsync(out->index_file) < 0)
		error = failed(out->index_path, fault);
	return error;
}

int packout_install(struct packout *out, const char *folder, const struct timespec *modified,
                    struct fault *fault)
{
	const struct timespec times[2] = {*modified, *modified};
	char path[PATH_MAX];

	if (futimens(out->pack, times) < 0)
		return failed(out->pack_path, fault);
	snprintf(path, sizeof(path), "%s/pack-%s.pack", folder, out->name);
	if (rename(out->pack_path, path) < 0)
		return failed(path, fault);
	snprintf(path, sizeof(path), "%s/pack-%s.idx", folder, out->name);
	if (rename(out->index_path, path) < 0)
		return failed(path, fault);
	return sync_folder(folder, fault);
}

// SPDX-License-Identifier: MIT
/*
 * Opens and checks the file of the look-back index, or makes a new one. A file that is damaged is
 * refused and never repaired: the index is derived from the commits, and can be made again.
 */
#include "lookback/index_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "lookback/index_blocks.h"
#include "lookback/index_rows.h"

#define NAME_NEW INDEX_FILE ".new"
#define TRIES    8 /* while another process writes */

void index_free(struct index *index)
{
	char path[PATH_MAX];

	if (!index)
		return;
	if (index->fresh && index->directory) {
		snprintf(path, sizeof(path), "%s" NAME_NEW, index->directory);
		(void)own_remove(path);
	}
	if (index->file >= 0)
		close(index->file);
	index_blocks_free(index);
}

/* Whether a header is valid, and continues those before it. */
static bool header_fits(const struct index *index, const struct index_header *header)
{
	uint64_t rows[INDEX_KINDS] = {index->segments, index->commits, index->changes};
	const struct index_block *before;

	if (header->magic != INDEX_MAGIC || header->header_sum != index_header_sum(header) ||
	    header->kind >= INDEX_KINDS || header->first != rows[header->kind] ||
	    header->count > index_block_rows(header->kind))
		return false;
	before = index_block_tail(index, header->kind);
	return !before || before->header.count == index_block_rows(header->kind);
}

/* There is one block of them. */
static int read_segments(struct index *index)
{
	const struct index_block *block = index_block_tail(index, INDEX_SEGMENTS);
	const void *rows;
	int error;

	if (!block || block->header.first > 0)
		return -EBADMSG;
	error = index_rows(index, index->tail[INDEX_SEGMENTS], &rows);
	if (error || index->segments == 0)
		return error;
	if (array_reserve(&index->segment, &index->segment_room, index->segments))
		return -ENOMEM;
	memcpy(index->segment, rows, index->segments * sizeof(*index->segment));
	for (size_t i = 0; i < index->segments; i++)
		if (!memchr(index->segment[i], '\0', sizeof(*index->segment)))
			return -EBADMSG;
	return 0;
}

/* The last commit row must be a tip, and its changes must be there. */
static int check_tip(struct index *index, uint64_t changes)
{
	struct index_commit tip;
	int error;

	if (index->commits == 0)
		return index->changes == 0 ? 0 : -EBADMSG;
	error = index_commit_at(index, index->commits - 1, &tip);
	if (error)
		return error;
	/* Another process may just be writing more changes. */
	return (tip.flags & INDEX_TIP) && index->changes >= changes ? 0 : -EBADMSG;
}

static int read_blocks(struct index *index, uint64_t boundary)
{
	uint64_t changes = 0;
	struct stat status;
	size_t blocks;
	int error;

	index_blocks_forget(index);
	if (fstat(index->file, &status) < 0)
		return -errno;
	blocks = ((size_t)status.st_size + INDEX_BLOCK - 1) / INDEX_BLOCK;
	for (size_t i = 0; i < blocks; i++) {
		struct index_block *added;
		struct index_header header;
		ssize_t length =
		        pread(index->file, &header, sizeof(header), (off_t)(i * INDEX_BLOCK));

		/* The block has rows, but no header yet: it does not count. */
		if (length == sizeof(header) && header.magic == 0)
			break;
		if (length != sizeof(header) || !header_fits(index, &header))
			return -EBADMSG;
		if (header.kind == INDEX_SEGMENTS && header.word != boundary)
			return -EBADMSG;
		if (index_block_add(index, &header) < 0 ||
		    !(added = index_block_tail(index, header.kind)))
			return -ENOMEM;
		added->written = header.count;
		if (header.kind == INDEX_SEGMENTS)
			index->segments += header.count;
		if (header.kind == INDEX_COMMITS) {
			index->commits += header.count;
			changes = header.word;
		}
		if (header.kind == INDEX_CHANGES)
			index->changes += header.count;
	}
	error = read_segments(index);
	return error ? error : check_tip(index, changes);
}

/* -EBUSY also if another process has replaced the file since it was opened. */
static int lock_file(int file, const char *path)
{
	struct stat ours, there;

	if (flock(file, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	if (fstat(file, &ours) < 0 || stat(path, &there) < 0 || ours.st_ino != there.st_ino ||
	    ours.st_dev != there.st_dev)
		return -EBUSY;
	return 0;
}

static int open_fault(struct fault *fault, int error, const char *path)
{
	if (error == -EBADMSG)
		return fault_set(fault, error,
		                 "the index %s is damaged, or belongs to another history; "
		                 "it can be removed, and will be made again",
		                 path);
	if (error == -EBUSY)
		return fault_set(fault, error, "another process writes the index %s", path);
	return fault_set(fault, error, "the index %s: %s", path, strerror(-error));
}

int index_open(struct index **out, const char *directory, uint64_t boundary, bool write,
               struct fault *fault)
{
	struct index *index = index_blocks_new();
	char path[PATH_MAX];
	int error = 0;

	*out = NULL;
	if (!index)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s" INDEX_FILE, directory);
	index->file = own_open(path, write ? O_RDWR : O_RDONLY, 0);
	if (index->file < 0)
		error = index->file;
	if (!error && write)
		error = lock_file(index->file, path);
	for (int i = 0; i < TRIES && !error; i++) {
		error = read_blocks(index, boundary);
		if (error != -EBADMSG || write)
			break;
		error = i + 1 < TRIES ? 0 : error;
	}
	/* A killed writer may have left rows without a header. */
	if (!error && write && ftruncate(index->file, (off_t)(index->blocks * INDEX_BLOCK)) < 0)
		error = -errno;
	if (error) {
		index_free(index);
		return open_fault(fault, error, path);
	}
	index->writable = write;
	*out = index;
	return 0;
}

static int create_file(struct index *index, const char *directory)
{
	char path[PATH_MAX];
	int error;

	index->directory = strdup(directory);
	if (!index->directory)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s" PACK_FOLDER, directory);
	error = own_folder(path);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s" NAME_NEW, directory);
	index->file = own_open(path, O_RDWR | O_CREAT, 0644);
	if (index->file < 0)
		return index->file;
	if (lock_file(index->file, path) < 0) {
		close(index->file);
		index->file = -1;
		return -EBUSY;
	}
	index->fresh = true;
	/* A killed process may have left rows in it. */
	return ftruncate(index->file, 0) < 0 ? -errno : 0;
}

int index_create(struct index **out, const char *directory, uint64_t boundary, struct fault *fault)
{
	struct index_header header = {
	        .magic = INDEX_MAGIC, .kind = INDEX_SEGMENTS, .word = boundary, .least = INT64_MAX};
	struct index *index = index_blocks_new();
	int error = index ? 0 : -ENOMEM;

	*out = NULL;
	if (!error && directory)
		error = create_file(index, directory);
	if (!error)
		error = index_block_add(index, &header);
	if (!error) {
		index->block[0].data = calloc(1, INDEX_BLOCK);
		index->block[0].dirty = true;
		error = index->block[0].data ? 0 : -ENOMEM;
	}
	if (error) {
		index_free(index);
		return fault_set(fault, error, "cannot write an index in %s: %s",
		                 directory ? directory : "memory", strerror(-error));
	}
	index->writable = directory != NULL;
	*out = index;
	return 0;
}

int index_adopt(struct index *index, struct fault *fault)
{
	char from[PATH_MAX], to[PATH_MAX];
	int error = index_flush(index, fault);

	if (error || !index->fresh)
		return error;
	snprintf(from, sizeof(from), "%s" NAME_NEW, index->directory);
	snprintf(to, sizeof(to), "%s" INDEX_FILE, index->directory);
	error = own_move(from, to);
	if (error)
		return own_fault(fault, error, to);
	index->fresh = false;
	return 0;
}

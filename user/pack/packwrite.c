// SPDX-License-Identifier: MIT
/*
 * Pack files and their indexes (gitformat-pack(5)), written and made durable. Decides nothing
 * about which objects, and never reads the repository's.
 *
 * The order that survives a crash, and `git gc --prune=now` beside us (FINDINGS): a .keep file,
 * the pack, the index, fsync of the folder; then references; then the .keep goes.
 */
#include "pack/packwrite.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define INCOMING  PACK_FOLDER "/incoming" /* the same file system, and not read by git */
#define KEEP_FILE PACK_FOLDER "/keep"
#define KEEP_TEXT "arpkeeper: not yet named by a reference\n"
#define FANOUT    256
/* The disk begins with what is there while the rest is still copied. What fits into one piece is
 * written as ever. */
#define PIECE (8 << 20)

static int write_all(int descriptor, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t written = write(descriptor, at, size < PIECE ? size : PIECE);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (written == PIECE &&
		    sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) < 0 && errno != ENOSYS)
			return -errno;
		at += written;
		size -= (size_t)written;
	}
	return 0;
}

/* A new file with two pieces, durable if `sync`. */
static int write_file(const char *path, const void *data, size_t size, const git_oid *end,
                      bool sync, struct fault *fault)
{
	int descriptor, error;

	unlink(path);
	descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	error = write_all(descriptor, data, size);
	if (!error && end)
		error = write_all(descriptor, end->id, GIT_OID_RAWSZ);
	if (!error && sync && fsync(descriptor) < 0)
		error = -errno;
	if (close(descriptor) < 0 && !error)
		error = -errno;
	if (error) {
		unlink(path);
		return fault_set(fault, error, "%s: %s", path, strerror(-error));
	}
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const struct packed *const *left = a, *const *right = b;

	return memcmp((*left)->id.id, (*right)->id.id, GIT_OID_RAWSZ);
}

/* An index of version 2 but for its own checksum: malloc'ed. */
static char *make_index(const struct packing *packing, const git_oid *sum, size_t *size)
{
	static const char magic[8] = "\377tOc\0\0\0\2";
	size_t count = packing->objects, at = 0;
	const struct packed **sorted = malloc((count + 1) * sizeof(const struct packed *));
	uint32_t below[FANOUT] = {0}, *words;
	char *index;

	*size = sizeof(magic) + 4 * FANOUT + count * (GIT_OID_RAWSZ + 4 + 4) + GIT_OID_RAWSZ;
	index = malloc(*size);
	if (!sorted || !index) {
		free(sorted);
		free(index);
		return NULL;
	}
	for (size_t i = 0; i < count; i++) {
		sorted[i] = &packing->object[i];
		below[sorted[i]->id.id[0]]++;
	}
	qsort(sorted, count, sizeof(const struct packed *), compare_ids);
	memcpy(index, magic, sizeof(magic));
	at = sizeof(magic);
	words = (uint32_t *)(index + at);
	for (uint32_t i = 0, sofar = 0; i < FANOUT; i++) {
		sofar += below[i];
		words[i] = htonl(sofar);
	}
	at += 4 * FANOUT;
	for (size_t i = 0; i < count; i++, at += GIT_OID_RAWSZ)
		memcpy(index + at, sorted[i]->id.id, GIT_OID_RAWSZ);
	words = (uint32_t *)(index + at);
	for (size_t i = 0; i < count; i++) {
		words[i] = htonl(sorted[i]->crc);
		words[count + i] = htonl(sorted[i]->offset);
	}
	at += 2 * 4 * count;
	memcpy(index + at, sum->id, GIT_OID_RAWSZ);
	free(sorted);
	return index;
}

static void fill_header(struct packing *packing)
{
	const uint32_t header[] = {htonl(0x5041434b), htonl(2),
	                           htonl((uint32_t)packing->objects)}; /* "PACK" */

	memcpy(packing->bytes, header, sizeof(header));
}

/* Makes the files aside, durable; says the pack's checksum, which is its name. */
static int write_aside(git_oid *sum, const char *git_directory, struct packing *packing,
                       struct hash *hash, struct fault *fault)
{
	char path[PATH_MAX], *index;
	git_oid index_sum;
	size_t size;
	int error;

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	fill_header(packing);
	error = hash_bytes(hash, sum, packing->bytes, packing->size, fault);
	if (error)
		return error;
	snprintf(path, sizeof(path), "%s" INCOMING ".pack", git_directory);
	error = write_file(path, packing->bytes, packing->size, sum, true, fault);
	if (error)
		return error;
	index = make_index(packing, sum, &size);
	if (!index)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(path, sizeof(path), "%s" INCOMING ".idx", git_directory);
	error = hash_bytes(hash, &index_sum, index, size, fault);
	if (!error)
		error = write_file(path, index, size, &index_sum, true, fault);
	free(index);
	return error;
}

static void pack_path(char path[PATH_MAX], const char *git_directory, const git_oid *sum,
                      const char *suffix)
{
	char hex[GIT_OID_HEXSZ + 1];

	snprintf(path, PATH_MAX, "%sobjects/pack/pack-%s.%s", git_directory,
	         git_oid_tostr(hex, sizeof(hex), sum), suffix);
}

static void write_bases(const char *git_directory, const git_oid *sum,
                        const struct packing *packing)
{
	char path[PATH_MAX], hex[GIT_OID_HEXSZ + 1];
	struct fault ignored;

	_Static_assert(sizeof(struct packed_base) == 2 * GIT_OID_RAWSZ, "as it stands in the file");
	if (packing->bases == 0)
		return;
	snprintf(path, sizeof(path), "%s" PACK_FOLDER "/pack-%s.bases", git_directory,
	         git_oid_tostr(hex, sizeof(hex), sum));
	write_file(path, packing->base, packing->bases * sizeof(*packing->base), NULL, false,
	           &ignored);
}

/* A second name of a file that is on the disk already: a kill, or a power cut, leaves no .keep
 * without its text, which nobody could tell from one that a person made. */
static int write_keep(const char *path, struct fault *fault)
{
	char text[PATH_MAX];

	/* From objects/pack/pack-x.keep. */
	snprintf(text, sizeof(text), "%.*s../../" KEEP_FILE, (int)(strrchr(path, '/') + 1 - path),
	         path);
	unlink(path);
	if (link(text, path) == 0)
		return 0;
	/* Not every file system has that. */
	return write_file(path, KEEP_TEXT, sizeof(KEEP_TEXT) - 1, NULL, true, fault);
}

int pack_protect(struct pack_keep *keep, const char *path, struct fault *fault)
{
	char **grown = realloc(keep->path, (keep->paths + 1) * sizeof(*grown));
	int error;

	if (!grown)
		return fault_set(fault, -ENOMEM, "out of memory");
	keep->path = grown;
	grown[keep->paths] = strdup(path);
	if (!grown[keep->paths])
		return fault_set(fault, -ENOMEM, "out of memory");
	error = write_keep(path, fault);
	if (error)
		free(grown[keep->paths]);
	else
		keep->paths++;
	return error;
}

/* From aside to where git looks: the index last, as it is what makes a pack seen. */
static int move_in(const char *git_directory, const git_oid *sum, struct fault *fault)
{
	static const char *const suffix[] = {"pack", "idx"};
	char from[PATH_MAX], to[PATH_MAX];
	int error = 0;

	for (int i = 0; i < 2 && !error; i++) {
		snprintf(from, sizeof(from), "%s" INCOMING ".%s", git_directory, suffix[i]);
		pack_path(to, git_directory, sum, suffix[i]);
		if (rename(from, to) < 0)
			error = fault_set(fault, -errno, "%s: %s", to, strerror(errno));
	}
	if (error) {
		pack_path(to, git_directory, sum, "pack");
		unlink(to);
		return error;
	}
	snprintf(to, sizeof(to), "%sobjects/pack", git_directory);
	return sync_folder(to, fault);
}

int pack_write(struct pack_keep *keep, const char *git_directory, struct packing *packing,
               struct hash *hash, struct fault *fault)
{
	char path[PATH_MAX];
	git_oid sum;
	int error = write_aside(&sum, git_directory, packing, hash, fault);

	if (error)
		return error;
	write_bases(git_directory, &sum, packing);
	pack_path(path, git_directory, &sum, "keep");
	error = pack_protect(keep, path, fault);
	if (!error)
		error = move_in(git_directory, &sum, fault);
	return error;
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

static bool has_keep_text(const char *path)
{
	char text[sizeof(KEEP_TEXT)] = "";
	int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = -1;

	if (descriptor >= 0) {
		size = read(descriptor, text, sizeof(text));
		close(descriptor);
	}
	return size == sizeof(KEEP_TEXT) - 1 && !memcmp(text, KEEP_TEXT, sizeof(KEEP_TEXT) - 1);
}

static bool is_our_keep(const char *path)
{
	size_t length = strlen(path);

	return length > 5 && !strcmp(path + length - 5, ".keep") && has_keep_text(path);
}

/* What each .keep is a name of. Without it they are written one by one. */
static void prepare_keep(const char *git_directory)
{
	char path[PATH_MAX], aside[PATH_MAX];
	struct fault ignored;

	snprintf(path, sizeof(path), "%s" PACK_FOLDER, git_directory);
	(void)mkdir(path, 0777);
	snprintf(path, sizeof(path), "%s" KEEP_FILE, git_directory);
	snprintf(aside, sizeof(aside), "%s" INCOMING ".keep", git_directory);
	if (!has_keep_text(path) &&
	    !write_file(aside, KEEP_TEXT, sizeof(KEEP_TEXT) - 1, NULL, true, &ignored) &&
	    rename(aside, path) < 0)
		unlink(aside);
}

void pack_clean(const char *git_directory)
{
	static const char *const suffix[] = {"pack", "idx"};
	char folder[PATH_MAX], path[PATH_MAX];
	struct dirent *file;
	DIR *directory;

	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s" INCOMING ".%s", git_directory, suffix[i]);
		unlink(path);
	}
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

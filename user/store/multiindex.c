// SPDX-License-Identifier: MIT
/* Reads which packs a multi-pack index names (gitformat-pack(5)), and removes it. Makes none. */
#include "store/multiindex.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define NAME        "multi-pack-index"
#define HEADER      12 /* "MIDX", versions, how many chunks, how many packs */
#define CHUNK       12 /* of the table of chunks: a name, and where it begins */
#define PACK_NAMES  "PNAM"
#define NAME_LENGTH 255
#define FOLDER_MAX  2000

struct names {
	const char *at, *end;
};

static void folder_of(char folder[FOLDER_MAX], const char *git_directory)
{
	snprintf(folder, FOLDER_MAX, "%sobjects/pack", git_directory);
}

void multiindex_remove(const char *git_directory)
{
	char folder[FOLDER_MAX], path[PATH_MAX];
	struct dirent *file;
	DIR *directory;

	folder_of(folder, git_directory);
	directory = opendir(folder);
	if (!directory)
		return;
	while ((file = readdir(directory))) {
		if (strncmp(file->d_name, NAME, strlen(NAME)) != 0 || strstr(file->d_name, ".lock"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, file->d_name);
		unlink(path);
	}
	closedir(directory);
}

static uint64_t big_endian(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

/* The chunk of packs' names: each with a NUL, then NULs. */
static bool find_names(struct names *names, const uint8_t *index, size_t size)
{
	if (size < HEADER || memcmp(index, "MIDX\1", 5) != 0 ||
	    size < HEADER + (index[6] + 1u) * CHUNK)
		return false;
	for (unsigned i = 0; i < index[6]; i++) {
		const uint8_t *chunk = index + HEADER + (size_t)i * CHUNK;
		uint64_t begin = big_endian(chunk + 4, 8), end = big_endian(chunk + CHUNK + 4, 8);

		if (memcmp(chunk, PACK_NAMES, 4) != 0)
			continue;
		if (begin > end || end > size)
			return false;
		names->at = (const char *)index + begin;
		names->end = (const char *)index + end;
		return true;
	}
	return false;
}

/* A name is that of a pack's index. */
static bool is_there(const char *folder, const char *name, size_t length)
{
	static const char suffix[] = ".idx";
	size_t stem = length - (sizeof(suffix) - 1);
	char path[PATH_MAX];

	if (length < sizeof(suffix) || length > NAME_LENGTH || strcmp(name + stem, suffix) != 0)
		return true;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (access(path, F_OK) < 0)
		return false;
	snprintf(path, sizeof(path), "%s/%.*s.pack", folder, (int)stem, name);
	return access(path, F_OK) == 0;
}

static bool is_stale(const char *folder, const uint8_t *index, size_t size)
{
	struct names names;

	if (!find_names(&names, index, size))
		return false;
	while (names.at < names.end && *names.at) {
		const char *nul = memchr(names.at, '\0', (size_t)(names.end - names.at));

		if (!nul)
			return false;
		if (!is_there(folder, names.at, (size_t)(nul - names.at)))
			return true;
		names.at = nul + 1;
	}
	return false;
}

bool multiindex_drop_stale(const char *git_directory)
{
	char folder[FOLDER_MAX], path[PATH_MAX];
	struct stat status;
	void *index = MAP_FAILED;
	bool stale = false;
	int descriptor;

	folder_of(folder, git_directory);
	snprintf(path, sizeof(path), "%s/" NAME, folder);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0)
		return false;
	if (fstat(descriptor, &status) == 0 && status.st_size > 0)
		index = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
	close(descriptor);
	if (index == MAP_FAILED)
		return false;
	stale = is_stale(folder, index, (size_t)status.st_size);
	munmap(index, (size_t)status.st_size);
	if (stale) {
		log_debug("%s names a pack that is gone: removed", path);
		multiindex_remove(git_directory);
	}
	return stale;
}

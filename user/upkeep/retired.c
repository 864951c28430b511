// SPDX-License-Identifier: MIT
/* Removes a pack only while the one that has its objects is there. */
#include "upkeep/retired.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/store.h"

#define FOLDER_MAX  2000
#define LIST_FILE   PACK_FOLDER "/retired"
#define FREE_PARTS  8
#define PATIENCE_MS 1000 /* git holds it while it writes an index */

static void folder_of(char folder[FOLDER_MAX], const struct retired *retired)
{
	snprintf(folder, FOLDER_MAX, "%sobjects/pack", retired->git_directory);
}

/* Its file, and its size. False: it is gone. */
static bool look(struct retired_pack *pack, const struct retired *retired)
{
	char folder[FOLDER_MAX], path[PATH_MAX];
	struct stat status;

	folder_of(folder, retired);
	packplace_path(path, folder, pack->name, "pack");
	if (stat(path, &status) < 0)
		return false;
	pack->file = status.st_ino;
	pack->bytes = (uint64_t)status.st_size;
	return true;
}

static int append(struct retired *retired, const struct retired_pack *pack, struct fault *fault)
{
	if (array_reserve(&retired->pack, &retired->room, retired->count + 1))
		return fault_set(fault, -ENOMEM, "out of memory");
	retired->pack[retired->count++] = *pack;
	return 0;
}

int retired_read(struct retired *retired, const char *git_directory, struct fault *fault)
{
	struct retired_pack pack = {.since = 0};
	unsigned long long file;
	char path[PATH_MAX];
	int error = 0;
	FILE *stream;

	*retired = (struct retired){.git_directory = git_directory};
	snprintf(path, sizeof(path), "%s" LIST_FILE, git_directory);
	stream = own_stream(path, "r");
	if (!stream)
		return errno == ENOENT ? 0 : own_fault(fault, -errno, path);
	while (!error && fscanf(stream, "%40[0-9a-f] %40[0-9a-f] %llu %" SCNd64 "\n", pack.name,
	                        pack.into, &file, &pack.since) == 4)
		if (look(&pack, retired) && pack.file == file)
			error = append(retired, &pack, fault);
	fclose(stream);
	return error;
}

void retired_clear(struct retired *retired)
{
	free(retired->pack);
	*retired = (struct retired){0};
}

bool retired_has(const struct retired *retired, const char *name)
{
	for (size_t i = 0; i < retired->count; i++)
		if (!strcmp(retired->pack[i].name, name))
			return true;
	return false;
}

static int write_list(const struct retired *retired, struct fault *fault)
{
	char path[PATH_MAX];
	FILE *stream;

	snprintf(path, sizeof(path), "%s" LIST_FILE, retired->git_directory);
	stream = own_stream(path, "w");
	if (!stream)
		return own_fault(fault, -errno, path);
	for (size_t i = 0; i < retired->count; i++) {
		const struct retired_pack *pack = &retired->pack[i];

		fprintf(stream, "%s %s %llu %" PRId64 "\n", pack->name, pack->into,
		        (unsigned long long)pack->file, pack->since);
	}
	return fclose(stream) == 0
	               ? 0
	               : fault_set(fault, -EIO, "%s cannot be written: %s", path, strerror(errno));
}

int retired_add(struct retired *retired, const char *name, const char *into, int64_t now,
                struct fault *fault)
{
	struct retired_pack pack = {.since = now};
	int error = 0;

	memcpy(pack.name, name, PACK_NAME);
	memcpy(pack.into, into, PACK_NAME);
	if (look(&pack, retired))
		error = append(retired, &pack, fault);
	return error ? error : write_list(retired, fault);
}

/* How many of the oldest must go. */
static size_t too_many(const struct retired *retired, int64_t now)
{
	uint64_t bytes = 0, most = 0;
	struct statvfs disk;
	size_t kept = 0;

	if (statvfs(retired->git_directory, &disk) == 0)
		most = (uint64_t)disk.f_bavail * disk.f_frsize / FREE_PARTS;
	while (kept < retired->count && kept < RETIRED_MAX) {
		const struct retired_pack *pack = &retired->pack[retired->count - kept - 1];

		bytes += pack->bytes;
		/* A clock that went back says nothing. */
		if (bytes > most || pack->since + RETIRED_S <= now || pack->since > now)
			break;
		kept++;
	}
	return retired->count - kept;
}

static void remove_file(const char *folder, const char *name, const char *suffix)
{
	char path[PATH_MAX];

	packplace_path(path, folder, name, suffix);
	if (unlink(path) < 0 && errno != ENOENT)
		log_warning("%s cannot be removed: %s; other packs hold its objects, too", path,
		            strerror(errno));
}

/* One whose objects are nowhere else, or that another program has just kept, is a pack again. */
static void remove_pack(const struct retired *retired, const struct retired_pack *pack)
{
	char folder[FOLDER_MAX], bases[FOLDER_MAX];

	folder_of(folder, retired);
	if (!packplace_has(folder, pack->into, "pack") ||
	    !packplace_has(folder, pack->into, "idx") || packplace_has(folder, pack->name, "keep"))
		return;
	snprintf(bases, sizeof(bases), "%s" PACK_FOLDER, retired->git_directory);
	remove_file(folder, pack->name, "idx");
	remove_file(folder, pack->name, "rev");
	remove_file(folder, pack->name, "pack");
	packbases_remove(bases, pack->name);
}

/* An index over several packs must not name a removed one. An index that git began before may be
 * put in place later: chores.c and upkeep.c look for it again. */
int retired_remove(struct retired *retired, int64_t now, bool all, struct fault *fault)
{
	size_t gone = all ? retired->count : too_many(retired, now);
	struct gitlock lock;
	int error;

	if (gone == 0)
		return 0;
	error = gitlock_take(&lock, retired->git_directory, GITLOCK_PACK_INDEX, PATIENCE_MS, fault);
	if (error)
		return error;
	multiindex_remove(retired->git_directory);
	for (size_t i = 0; i < gone; i++)
		remove_pack(retired, &retired->pack[i]);
	gitlock_release(&lock);
	multiindex_drop_stale(retired->git_directory);
	retired->count -= gone;
	memmove(retired->pack, retired->pack + gone, retired->count * sizeof(*retired->pack));
	return write_list(retired, fault);
}

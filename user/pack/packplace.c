// SPDX-License-Identifier: MIT
/* Paths of packs' files. Opens only .bases files: they are hints, so they are not synced. */
#include "pack/packplace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEM      "pack-"
#define BASES_MAX ((off_t)1 << 28) /* bytes of a .bases file: 6.7 million trees */

void packplace_path(char path[PATH_MAX], const char *folder, const char *name, const char *suffix)
{
	snprintf(path, PATH_MAX, "%.4000s/" STEM "%s.%s", folder, name, suffix);
}

bool packplace_has(const char *folder, const char *name, const char *suffix)
{
	char path[PATH_MAX];

	packplace_path(path, folder, name, suffix);
	return access(path, F_OK) == 0;
}

bool packplace_name(char name[PACK_NAME], const char *file, const char *suffix)
{
	size_t stem = strlen(STEM) + GIT_OID_HEXSZ;

	if (strlen(file) != stem + 1 + strlen(suffix) || strncmp(file, STEM, strlen(STEM)) != 0 ||
	    file[stem] != '.' || strcmp(file + stem + 1, suffix) != 0)
		return false;
	snprintf(name, PACK_NAME, "%.40s", file + strlen(STEM));
	return true;
}

int packplace_move(const char *pack, const char *index, const char *folder, const char *name,
                   struct fault *fault)
{
	char pack_path[PATH_MAX], index_path[PATH_MAX];
	int error;

	packplace_path(pack_path, folder, name, "pack");
	packplace_path(index_path, folder, name, "idx");
	error = own_move(pack, pack_path);
	if (error)
		return own_fault(fault, error, pack_path);
	error = own_move(index, index_path);
	if (error) {
		own_fault(fault, error, index_path);
		/* A pack of this name may have been there before. */
		if (access(index_path, F_OK) < 0)
			unlink(pack_path);
		return error;
	}
	return sync_folder(folder, fault);
}

_Static_assert(sizeof(struct packbase) == 40 && _Alignof(struct packbase) == 1,
               "records are read as they stand");

static int compare(const void *a, const void *b)
{
	return memcmp(((const struct packbase *)a)->id.id, ((const struct packbase *)b)->id.id,
	              GIT_OID_RAWSZ);
}

int packbases_read(struct packbases *bases, const char *folder, const char *name,
                   struct fault *fault)
{
	char path[PATH_MAX];
	struct stat status;
	FILE *file;

	*bases = (struct packbases){0};
	packplace_path(path, folder, name, "bases");
	file = own_stream(path, "r");
	/* A larger one is not ours: a hole in it would take as much memory as it says. */
	if (!file || fstat(fileno(file), &status) < 0 ||
	    status.st_size < (off_t)sizeof(*bases->item) || status.st_size > BASES_MAX)
		goto out;
	bases->room = (size_t)status.st_size / sizeof(*bases->item);
	bases->item = malloc(bases->room * sizeof(*bases->item));
	if (!bases->item) {
		fclose(file);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	bases->count = fread(bases->item, sizeof(*bases->item), bases->room, file);
	if (bases->count > 0)
		qsort(bases->item, bases->count, sizeof(*bases->item), compare);
out:
	if (file)
		fclose(file);
	return 0;
}

int packbases_write(const struct packbases *bases, const char *folder, const char *name,
                    struct fault *fault)
{
	char path[PATH_MAX];
	FILE *file;
	int error = 0;

	if (bases->count == 0)
		return 0;
	packplace_path(path, folder, name, "bases");
	file = own_stream(path, "w");
	if (!file)
		return own_fault(fault, -errno, path);
	if (fwrite(bases->item, sizeof(*bases->item), bases->count, file) != bases->count)
		error = errno ? -errno : -EIO;
	if (fclose(file) != 0 && !error)
		error = -errno;
	if (!error)
		return 0;
	(void)own_remove(path);
	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}

void packbases_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];

	packplace_path(path, folder, name, "bases");
	(void)own_remove(path);
}

int packbases_add(struct packbases *bases, const git_oid *id, const git_oid *base)
{
	if (array_reserve(&bases->item, &bases->room, bases->count + 1))
		return -ENOMEM;
	bases->item[bases->count++] = (struct packbase){.id = *id, .base = *base};
	return 0;
}

const git_oid *packbases_find(const struct packbases *bases, const git_oid *id)
{
	struct packbase key = {.id = *id};
	const struct packbase *found =
	        bases->count > 0 ? bsearch(&key, bases->item, bases->count, sizeof(key), compare)
	                         : NULL;

	return found ? &found->base : NULL;
}

void packbases_clear(struct packbases *bases)
{
	free(bases->item);
	*bases = (struct packbases){0};
}

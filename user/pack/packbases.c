// SPDX-License-Identifier: MIT
/* Files with trees' previous versions. They are hints, so they are not synced. */
#include "pack/packbases.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/packplace.h"

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
	file = fopen(path, "re");
	if (!file || fstat(fileno(file), &status) < 0 ||
	    status.st_size < (off_t)sizeof(*bases->item))
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
	unlink(path);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (fwrite(bases->item, sizeof(*bases->item), bases->count, file) != bases->count)
		error = errno ? -errno : -EIO;
	if (fclose(file) != 0 && !error)
		error = -errno;
	if (!error)
		return 0;
	unlink(path);
	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}

void packbases_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];

	packplace_path(path, folder, name, "bases");
	unlink(path);
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

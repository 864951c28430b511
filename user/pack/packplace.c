// SPDX-License-Identifier: MIT
/* Paths of packs' files. Opens none of them. */
#include "pack/packplace.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STEM "pack-"

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
	if (rename(pack, pack_path) < 0)
		return fault_set(fault, -errno, "%s: %s", pack_path, strerror(errno));
	if (rename(index, index_path) < 0) {
		error = fault_set(fault, -errno, "%s: %s", index_path, strerror(errno));
		/* A pack of this name may have been there before. */
		if (access(index_path, F_OK) < 0)
			unlink(pack_path);
		return error;
	}
	return sync_folder(folder, fault);
}

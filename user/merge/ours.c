// SPDX-License-Identifier: MIT
/* Looks files of main up, and reads them. */
#include "merge/ours.h"

#include <errno.h>

int ours_find(const struct merge_ours *ours, git_oid *id, uint32_t *mode, const char *path,
              struct fault *fault)
{
	return writer_find(ours->writer, id, mode, ours->tree, path, fault);
}

int ours_entry(const struct merge_ours *ours, struct entry **entry, const char *path,
               struct fault *fault)
{
	git_oid id;
	int error;

	*entry = NULL;
	if (!ours->judge)
		return stored_read(entry, ours->writer, ours->tree, path, fault);
	error = ours_find(ours, &id, NULL, path, fault);
	if (!error)
		error = judge_entry(ours->judge, entry, &id, fault);
	return error == -ENOENT || error == -EINVAL ? 0 : error;
}

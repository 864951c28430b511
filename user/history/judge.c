// SPDX-License-Identifier: MIT
/* format/validate, faster when there is much to read. Reads only. */
#include "history/judge.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "pack/pack.h"

#define MANY 64 /* blobs: from here on it pays to open the packs for them */

int judge_entry(struct judge *judge, struct entry **entry, const git_oid *id, struct fault *why)
{
	char text[ENTRY_TEXT_MAX + 1], folder[PATH_MAX];
	struct entry parsed;
	size_t length;
	int error;

	*entry = NULL;
	if (++judge->read == MANY) {
		snprintf(folder, sizeof(folder), "%sobjects/pack",
		         git_repository_path(judge->repository));
		judge->blobs = blobs_open(folder);
	}
	if (!judge->blobs || blobs_read(judge->blobs, id, text, ENTRY_TEXT_MAX, &length) < 0)
		return validate_blob(entry, judge->repository, id, why);
	error = entry_parse_in_place(&parsed, text, length, why);
	if (error)
		return error;
	*entry = entry_copy(&parsed);
	return *entry ? 0 : fault_set(why, -ENOMEM, "out of memory");
}

int judge_difference(struct judge *judge, struct validated *validated,
                     const struct tree_difference *difference, struct fault *why)
{
	int error = validate_place(validated, judge->segment, judge->segments, difference, why);
	char path[PATH_TEXT];
	struct fault reason;

	if (error || validated->what != VALIDATED_ENTRY || !difference->after)
		return error;
	error = judge_entry(judge, &validated->entry, difference->after, &reason);
	return error ? fault_set(why, error, "%s: %s", validate_path_text(path, difference->path),
	                         reason.text)
	             : 0;
}

void judge_clear(struct judge *judge)
{
	blobs_close(judge->blobs);
}

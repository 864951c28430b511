// SPDX-License-Identifier: MIT
/* Remembers outcomes by reference. Touches no git. */
#include "history/fates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RECENT_MS 30000 /* a hook asks within moments */

const struct fate *fates_find(const struct fates *fates, const char *ref)
{
	for (size_t i = 0; i < FATES; i++)
		if (fates->item[i].ref && !strcmp(fates->item[i].ref, ref))
			return &fates->item[i];
	return NULL;
}

const struct fate *fates_find_at(const struct fates *fates, const char *ref, const git_oid *at)
{
	const struct fate *found = fates_find(fates, ref);

	return found && git_oid_equal(&found->at, at) ? found : NULL;
}

const struct history_outcome *fates_find_recent(const struct fates *fates, const char *ref,
                                                uint64_t now)
{
	const struct fate *found = fates_find(fates, ref);

	return found && now - found->time < RECENT_MS ? &found->outcome : NULL;
}

int fates_add(struct fates *fates, const char *ref, const git_oid *at, uint64_t now,
              const struct history_outcome *outcome)
{
	struct fate *item = (struct fate *)fates_find(fates, ref);
	char *copy = strdup(ref);

	if (!copy)
		return -ENOMEM;
	if (!item)
		item = &fates->item[fates->next++ % FATES];
	free(item->ref);
	*item = (struct fate){.ref = copy, .at = *at, .time = now, .outcome = *outcome};
	return 0;
}

void fates_clear(struct fates *fates)
{
	for (size_t i = 0; i < FATES; i++)
		free(fates->item[i].ref);
}

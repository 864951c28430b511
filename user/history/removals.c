// SPDX-License-Identifier: MIT
/* Removes merged branches, by compare-and-delete. Does not decide when. */
#include "history/removals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "store/store.h"

#define PATIENCE_MS 10000 /* git holds a lock for moments only */

int removals_add(struct removal **removals, const char *ref, const git_oid *at)
{
	struct removal *removal;

	if (strncmp(ref, MERGE_REFS, sizeof(MERGE_REFS) - 1) != 0)
		return 0;
	removal = calloc(1, sizeof(*removal));
	if (removal)
		removal->ref = strdup(ref);
	if (!removal || !removal->ref) {
		free(removal);
		return -ENOMEM;
	}
	removal->at = *at;
	removal->next = *removals;
	*removals = removal;
	return 0;
}

bool removals_have(const struct removal *removals, const char *ref, const git_oid *at)
{
	for (; removals; removals = removals->next)
		if (!strcmp(removals->ref, ref) && git_oid_equal(&removals->at, at))
			return true;
	return false;
}

static void drop_first(struct removal **link)
{
	struct removal *removal = *link;

	*link = removal->next;
	free(removal->ref);
	free(removal);
}

bool removals_run(struct removal **removals, git_repository *repository, uint64_t now, bool last)
{
	struct removal **link = removals, *removal;
	bool moved = false;

	while ((removal = *link)) {
		struct fault fault;
		int error = refs_remove(repository, removal->ref, &removal->at, &fault);

		if (error == -EBUSY && !removal->busy_since)
			removal->busy_since = now;
		if (error == -EBUSY && !last && now - removal->busy_since < PATIENCE_MS) {
			link = &removal->next;
			continue;
		}
		moved |= error == -ESTALE;
		if (error && error != -ESTALE)
			log_warning("%s is merged, and cannot be removed: %s; if no git process is "
			            "running, remove the lock file; the next start tries again",
			            removal->ref, fault.text);
		drop_first(link);
	}
	return moved;
}

void removals_clear(struct removal **removals)
{
	while (*removals)
		drop_first(removals);
}

// SPDX-License-Identifier: MIT
/* Remembers outcomes by reference, and removes merged branches by compare-and-delete. */
#include "history/fates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "store/store.h"

#define RECENT_MS   30000 /* a hook asks within moments */
#define PATIENCE_MS 10000 /* git holds a lock for moments only */

static const struct fate *find(const struct fates *fates, const char *ref)
{
	for (size_t i = 0; i < FATES; i++)
		if (fates->item[i].ref && !strcmp(fates->item[i].ref, ref))
			return &fates->item[i];
	return NULL;
}

const struct fate *fates_find_at(const struct fates *fates, const char *ref, const git_oid *at)
{
	const struct fate *found = find(fates, ref);

	return found && git_oid_equal(&found->at, at) ? found : NULL;
}

const struct history_outcome *fates_find_recent(const struct fates *fates, const char *ref,
                                                uint64_t now)
{
	const struct fate *found = find(fates, ref);

	return found && now - found->time < RECENT_MS ? &found->outcome : NULL;
}

int fates_add(struct fates *fates, const char *ref, const git_oid *at, uint64_t now,
              const struct history_outcome *outcome)
{
	struct fate *item = (struct fate *)find(fates, ref);
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

// SPDX-License-Identifier: MIT
/* Compares with the end of the log, which is what the table holds, but for what is being posted. */
#include "merge/toomany.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int toomany_begin(struct toomany *mass, const struct merge_scope *scope,
                  const struct merge_ours *ours)
{
	*mass = (struct toomany){.scope = scope,
	                         .ours = ours,
	                         .part = calloc(scope->segments + 1, sizeof(*mass->part))};
	return mass->part ? 0 : -ENOMEM;
}

void toomany_clear(struct toomany *mass)
{
	free(mass->part);
	mass->part = NULL;
}

int toomany_add(struct toomany *mass, unsigned segment, const char *path, const git_oid *before,
                const git_oid *after, struct fault *fault)
{
	git_oid now;
	int error = ours_find(mass->ours, &now, NULL, path, fault);

	if (error)
		return error == -ENOENT ? 0 : error;
	if ((!before || git_oid_equal(&now, before)) && (!after || !git_oid_equal(&now, after)))
		mass->part[segment].changes++;
	return 0;
}

size_t toomany_total(const struct toomany *mass)
{
	return guard_total(mass->part, mass->scope->segments);
}

static int add_all(struct toomany *mass, const struct changes *changes, struct fault *fault)
{
	const struct segment *segment = mass->scope->segment;
	int error = 0;

	for (size_t i = 0; i < changes->items && !error; i++) {
		const struct history_item *item = &changes->item[i];
		char path[ENTRY_PATH_MAX];
		git_oid theirs;

		/* What differs from the base differs from main, too. */
		if (since_is_base(mass->ours->since, item)) {
			mass->part[item->segment].changes += item->base != NULL;
			continue;
		}
		memcpy(theirs.id, item->blob, sizeof(theirs.id));
		entry_path(path, segment[item->segment].name, item->address);
		error = toomany_add(mass, item->segment, path, NULL, item->theirs ? &theirs : NULL,
		                    fault);
	}
	return error;
}

int toomany_decide(const struct toomany *mass, const struct toomany_request *request,
                   struct fault *fault)
{
	const struct merge_scope *scope = mass->scope;
	size_t total = toomany_total(mass);
	int error;

	if (guard_permits(request->guard, total, request->confirmed))
		return 0;
	error = known_count(mass->part, scope->repository, mass->ours->tree, scope->segment,
	                    scope->segments);
	if (error < 0)
		return trouble_set(fault, error, "main");
	if (!guard_exceeded(request->guard, mass->part, scope->segments))
		return 0;
	return guard_refuse(fault, request->guard, total, request->doing, "--confirm ");
}

bool toomany_was_judged(const char *reference)
{
	return !strcmp(reference, MAIN_REF) || !strncmp(reference, MERGE_REFS, strlen(MERGE_REFS));
}

int toomany_decide_merge(struct toomany *mass, const struct toomany_request *request,
                         const struct changes *changes, struct fault *fault)
{
	int error;

	if (changes->items <= guard_allows(request->guard) ||
	    toomany_was_judged(request->reference))
		return 0;
	error = add_all(mass, changes, fault);
	return error ? error : toomany_decide(mass, request, fault);
}

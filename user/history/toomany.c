// SPDX-License-Identifier: MIT
/* Compares with the end of the log, which is what the table holds, but for what is being posted. */
#include "history/toomany.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/door.h"

int toomany_begin(struct toomany *mass, const struct state *state)
{
	mass->part = calloc(state->archive.segments + 1, sizeof(*mass->part));
	return mass->part ? 0 : -ENOMEM;
}

void toomany_clear(struct toomany *mass)
{
	free(mass->part);
	mass->part = NULL;
}

int toomany_add(struct toomany *mass, struct state *state, unsigned segment, const char *path,
                const git_oid *before, const git_oid *after, struct fault *fault)
{
	uint32_t mode;
	git_oid now;
	int error = writer_find(state->archive.writer, &now, &mode, &state->head.tree, path, fault);

	if (error)
		return error == -ENOENT ? 0 : error;
	if ((!before || git_oid_equal(&now, before)) && (!after || !git_oid_equal(&now, after)))
		mass->part[segment].changes++;
	return 0;
}

static int add_all(struct toomany *mass, struct state *state, const struct changes *changes,
                   struct fault *fault)
{
	const struct segment *segment = state->archive.segment;
	int error = 0;

	for (size_t i = 0; i < changes->items && !error; i++) {
		const struct history_item *item = &changes->item[i];
		char path[ENTRY_PATH_MAX];
		git_oid theirs;

		memcpy(theirs.id, item->blob, sizeof(theirs.id));
		entry_path(path, segment[item->segment].name, item->address);
		error = toomany_add(mass, state, item->segment, path, NULL,
		                    item->theirs ? &theirs : NULL, fault);
	}
	return error;
}

int toomany_decide(const struct toomany *mass, struct state *state, struct fault *fault)
{
	const struct request *request = state->door.request;
	const struct archive *archive = &state->archive;
	size_t total = guard_total(mass->part, archive->segments);
	char what[SEGMENT_NAME_MAX + PATH_TEXT], name[PATH_TEXT];
	int error;

	if (guard_permits(state->guard, total, request->confirmed))
		return 0;
	error = known_count(mass->part, archive->repository, &state->head.tree, archive->segment,
	                    archive->segments);
	if (error < 0)
		return trouble_set(fault, error, "main");
	if (!guard_exceeded(state->guard, mass->part, archive->segments))
		return 0;
	validate_path_text(name, request->ref ? door_name(request->ref) : request->name);
	snprintf(what, sizeof(what), "%s %s",
	         request->ref      ? "merging"
	         : request->retire ? "retiring"
	                           : "reverting",
	         name);
	return guard_refuse(fault, state->guard, total, what, "--confirm ");
}

/* Whether the hook has judged it. */
static bool was_pushed(const struct door *door)
{
	return door->is_main || !strncmp(door->request->ref, MERGE_REFS, strlen(MERGE_REFS));
}

int toomany_decide_merge(struct state *state, const struct changes *changes, struct fault *fault)
{
	struct toomany mass;
	int error;

	if (changes->items <= guard_allows(state->guard) || was_pushed(&state->door))
		return 0;
	if (toomany_begin(&mass, state) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = add_all(&mass, state, changes, fault);
	if (!error)
		error = toomany_decide(&mass, state, fault);
	toomany_clear(&mass);
	return error;
}

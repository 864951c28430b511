// SPDX-License-Identifier: MIT
/* Applies the rule of entry/merge.h, and says what came of it. Changes neither main nor a table. */
#include "merge/decide.h"

#include <errno.h>
#include <string.h>

/* `ours`: main's entry. */
static int decide_one(struct history_proposal *proposal, struct history_item *item,
                      const struct entry *ours, const struct decide_request *request,
                      struct fault *fault)
{
	const struct entry *winner = proposal_decide(proposal, item, ours);

	if (request->is_own && request->is_own(request->context, item)) {
		winner = ours;
		item->choice = MERGE_REFUSED;
	}
	if (proposal_set_result(item, winner) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	proposal->merged++;
	return request->decided ? request->decided(request->context, item, ours, fault) : 0;
}

int decide_items(struct history_proposal *proposal, const struct decide_request *request,
                 struct fault *fault)
{
	const struct segment *segment = request->scope->segment;
	int error = 0;

	/* What the owner has merged stands. */
	for (size_t i = proposal->merged; i < proposal->items && !error; i++) {
		struct history_item *item = &proposal->item[i];
		struct entry *present = NULL;
		char path[ENTRY_PATH_MAX];

		if (since_is_base(request->ours->since, item)) {
			error = decide_one(proposal, item, item->base, request, fault);
			continue;
		}
		entry_path(path, segment[item->segment].name, item->address);
		error = ours_entry(request->ours, &present, path, fault);
		if (!error)
			error = decide_one(proposal, item, present, request, fault);
		entry_free(present);
	}
	return error;
}

bool decide_took_theirs(const struct history_proposal *proposal, const struct history_item *item)
{
	static const uint8_t unknown[sizeof(item->blob)];

	return !proposal->undo && item->choice == MERGE_TRIVIAL && item->result == item->theirs &&
	       (!item->theirs || memcmp(item->blob, unknown, sizeof(unknown)) != 0);
}

struct decided decide_item(const struct history_item *item, const struct entry *ours)
{
	struct decided decided = {.took_ours = item->choice != MERGE_TOOK_THEIRS};

	/* The host's own address is not the table's: what main has there is left to others. */
	decided.changed = item->choice != MERGE_REFUSED && !entry_equal(ours, item->result);
	if (item->choice == MERGE_REFUSED)
		decided.why = MERGE_WHY_REFUSED;
	else if (item->choice != MERGE_TRIVIAL)
		decided.why =
		        entry_merge_reason(item->result, decided.took_ours ? item->theirs : ours);
	return decided;
}

/* An entry outside our segments. `took`: theirs wins. */
static int decide_outside(bool *took, const struct merge_scope *scope,
                          const struct merge_ours *ours, const struct edit *theirs,
                          const struct edit *before, struct fault *fault)
{
	struct entry *present = NULL, *base = NULL, *other = NULL;
	enum merge_choice choice;
	int error = ours_entry(ours, &present, theirs->path, fault);

	if (!error && before->present)
		error = validate_blob(&base, scope->repository, &before->id, fault);
	/* An invalid file was in no table. */
	if (error == -EINVAL)
		error = 0;
	if (!error && theirs->present)
		error = validate_blob(&other, scope->repository, &theirs->id, fault);
	if (!error)
		*took = !entry_equal(entry_merge(base, present, other, &choice), present);
	entry_free(present);
	entry_free(base);
	entry_free(other);
	return error;
}

static bool is_entry(const char *path)
{
	char segment[SEGMENT_NAME_MAX + 1];
	struct address address;

	return entry_path_parse(segment, &address, path, NULL) == 0;
}

int decide_file(enum decide_file *what, const struct merge_scope *scope,
                const struct merge_ours *ours, const struct edit *theirs, const struct edit *before,
                struct fault *fault)
{
	git_oid now = {{0}};
	uint32_t mode = 0;
	bool changed, took = false;
	int error = ours_find(ours, &now, &mode, theirs->path, fault);

	if (error && error != -ENOENT)
		return error;
	*what = DECIDE_FILE_TAKEN;
	changed = before->present ? mode != before->mode || !git_oid_equal(&now, &before->id)
	                          : mode != 0;
	if (!changed)
		return 0;
	if (is_entry(theirs->path)) {
		error = decide_outside(&took, scope, ours, theirs, before, fault);
		if (!took)
			*what = DECIDE_FILE_LEFT;
		return error;
	}
	*what = (theirs->present ? git_oid_equal(&now, &theirs->id) : mode == 0) ? DECIDE_FILE_LEFT
	                                                                         : DECIDE_FILE_KEPT;
	return 0;
}

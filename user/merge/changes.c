// SPDX-License-Identifier: MIT
/* What one side changed, file by file. Reads the repository, and writes nothing. */
#include "merge/changes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "merge/stamp.h"
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
	if (!error && judge->now > 0)
		error = validate_since(validated->entry, judge->now, &reason);
	if (error) {
		entry_free(validated->entry);
		validated->entry = NULL;
	}
	return error ? fault_set(why, error, "%s: %s", validate_path_text(path, difference->path),
	                         reason.text)
	             : 0;
}

void judge_clear(struct judge *judge)
{
	blobs_close(judge->blobs);
}

struct search {
	struct judge judge;
	struct stamp stamp;
	struct changes *changes;
	struct fault *fault;
};

static int add_problem(struct changes *changes, const struct tree_difference *difference,
                       const struct fault *why)
{
	if (changes->problems < PROBLEMS_KEPT) {
		if (array_reserve(&changes->problem, &changes->problems_room,
		                  changes->problems + 1))
			return -ENOMEM;
		changes->problem[changes->problems] = *why;
	}
	changes->problems++;
	return edits_add(&changes->restore, difference->path, difference->before,
	                 difference->before_mode);
}

int changes_add(struct changes *changes, const struct validated *validated, struct entry *base)
{
	if (array_reserve(&changes->item, &changes->items_room, changes->items + 1)) {
		entry_free(base);
		entry_free(validated->entry);
		return -ENOMEM;
	}
	changes->item[changes->items++] = (struct history_item){.segment = validated->segment,
	                                                        .address = validated->address,
	                                                        .base = base,
	                                                        .theirs = validated->entry};
	return 0;
}

/* An entry's file that may enter the table. */
static int add_entry(struct search *search, struct validated *validated,
                     const struct tree_difference *difference)
{
	struct changes *changes = search->changes;
	struct entry *base = NULL;
	struct fault why;
	int error = 0;

	/* An invalid file was not in the table before. */
	if (difference->before)
		error = judge_entry(&search->judge, &base, difference->before, &why);
	if (error && error != -EINVAL) {
		entry_free(validated->entry);
		return error;
	}
	changes->invalid_bases += error == -EINVAL;
	error = changes_add(changes, validated, base);
	if (!error && difference->after)
		memcpy(changes->item[changes->items - 1].blob, difference->after->id,
		       GIT_OID_RAWSZ);
	if (!error)
		stamp_item(&search->stamp, &changes->item[changes->items - 1], difference->path);
	return error;
}

static int add_other(struct changes *changes, const struct tree_difference *difference)
{
	int error = edits_add(&changes->others, difference->path, difference->after,
	                      difference->after_mode);

	return error ? error
	             : edits_add(&changes->others_before, difference->path, difference->before,
	                         difference->before_mode);
}

static int judge_one(void *context, const struct tree_difference *difference)
{
	struct search *search = context;
	struct changes *changes = search->changes;
	struct validated validated;
	struct fault why;
	int error = judge_difference(&search->judge, &validated, difference, &why);
	bool outside = error == -ERANGE && changes->keep_outside;

	if (outside && changes->outside++ == 0)
		validate_path_text(changes->outside_path, difference->path);
	if (outside && !changes->carry_outside)
		return 0;
	if (outside || (!error && validated.what == VALIDATED_OTHER))
		error = add_other(changes, difference);
	else if (error == -EINVAL || error == -ERANGE)
		error = add_problem(changes, difference, &why);
	else if (error)
		return fault_set(search->fault, error, "%s", why.text);
	else
		error = add_entry(search, &validated, difference);
	return error ? fault_set(search->fault, error, "%s: %s", difference->path, strerror(-error))
	             : 0;
}

int changes_find(const struct merge_scope *scope, struct changes *changes,
                 const struct authored *authored, struct fault *fault)
{
	struct search search = {.judge = {.repository = scope->repository,
	                                  .segment = scope->segment,
	                                  .segments = scope->segments,
	                                  .now = changes->now},
	                        .stamp = {.repository = scope->repository,
	                                  .commit = changes->edited,
	                                  .now = changes->now},
	                        .changes = changes,
	                        .fault = fault};
	int error;

	fault->text[0] = '\0';
	error = authored_each(authored, scope->repository, judge_one, &search);
	judge_clear(&search.judge);
	if (error && !fault->text[0])
		error = trouble_set(fault, error, "%s", git_repository_path(scope->repository));
	return error;
}

void changes_clear(struct changes *changes)
{
	for (size_t i = 0; i < changes->items; i++) {
		if (changes->item[i].base != changes->item[i].theirs)
			entry_free(changes->item[i].base);
		entry_free(changes->item[i].theirs);
	}
	free(changes->item);
	free(changes->problem);
	edits_clear(&changes->others);
	edits_clear(&changes->others_before);
	edits_clear(&changes->restore);
	*changes = (struct changes){0};
}

int changes_propose(struct history_proposal **proposal, struct changes *changes, const char *source,
                    struct fault *fault)
{
	struct history_proposal *made = calloc(1, sizeof(*made));

	if (made)
		made->source = strdup(source);
	if (!made || !made->source) {
		free(made);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (changes->items > 0)
		qsort(changes->item, changes->items, sizeof(*changes->item), proposal_compare);
	made->item = changes->item;
	made->items = changes->items;
	changes->item = NULL;
	changes->items = 0;
	*proposal = made;
	return 0;
}

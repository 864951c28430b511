// SPDX-License-Identifier: MIT
/*
 * What one side changed, file by file, judged by validate.c. Reads the repository, and writes
 * nothing but repair commits.
 */
#include "history/changes.h"
#include "format/stored.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "pack/pack.h"
#include "store/store.h"

int merging_version(struct engine *engine, struct version *version, const git_oid *commit,
                    struct fault *fault)
{
	git_commit *found = NULL;
	int error = git_commit_lookup(&found, engine->repository, commit);

	if (error < 0)
		return trouble_set(fault, error, "commit %s", git_oid_tostr_s(commit));
	version->commit = *commit;
	version->tree = *git_commit_tree_id(found);
	git_commit_free(found);
	return 0;
}

int merging_base(struct engine *engine, struct version *base, bool *has_base, const git_oid *ours,
                 const git_oid *theirs, struct fault *fault)
{
	git_oid id;
	int error = ancestry_base(&id, engine->repository, ours, theirs, fault);

	*has_base = error == 0;
	if (error)
		return error == -ENOENT ? 0 : error;
	return merging_version(engine, base, &id, fault);
}

#define MANY 64 /* blobs: from here on it pays to open the packs for them */

struct judge {
	struct engine *engine;
	struct changes *changes;
	struct blobs *blobs; /* NULL: not opened */
	size_t read;
	struct fault *fault;
};

/* As validate_blob(). */
static int read_entry(struct judge *judge, struct entry **entry, const git_oid *id,
                      struct fault *why)
{
	git_repository *repository = judge->engine->repository;
	char text[ENTRY_TEXT_MAX + 1], folder[PATH_MAX];
	struct entry parsed;
	size_t length;
	int error;

	*entry = NULL;
	if (++judge->read == MANY) {
		snprintf(folder, sizeof(folder), "%sobjects/pack", git_repository_path(repository));
		judge->blobs = blobs_open(folder);
	}
	if (!judge->blobs || blobs_read(judge->blobs, id, text, ENTRY_TEXT_MAX, &length) < 0)
		return validate_blob(entry, repository, id, why);
	error = entry_parse_in_place(&parsed, text, length, why);
	if (error)
		return error;
	*entry = entry_copy(&parsed);
	return *entry ? 0 : fault_set(why, -ENOMEM, "out of memory");
}

/* As validate_difference(). */
static int validate(struct judge *judge, struct validated *validated,
                    const struct tree_difference *difference, struct fault *why)
{
	const struct engine *engine = judge->engine;
	int error = validate_place(validated, engine->segment, engine->segments, difference, why);
	char path[PATH_TEXT];
	struct fault reason;

	if (error || validated->what != VALIDATED_ENTRY || !difference->after)
		return error;
	error = read_entry(judge, &validated->entry, difference->after, &reason);
	return error ? fault_set(why, error, "%s: %s", validate_path_text(path, difference->path),
	                         reason.text)
	             : 0;
}

static int add_problem(struct changes *changes, const struct tree_difference *difference,
                       const struct fault *why)
{
	if (changes->problems < PROBLEMS_KEPT) {
		struct fault *grown =
		        realloc(changes->problem, (changes->problems + 1) * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		changes->problem = grown;
		grown[changes->problems] = *why;
	}
	changes->problems++;
	return edits_add(&changes->restore, difference->path, difference->before,
	                 difference->before_mode);
}

int changes_add_item(struct changes *changes, const struct validated *validated, struct entry *base)
{
	if (changes->items == changes->items_room) {
		size_t room = changes->items_room ? 2 * changes->items_room : 64;
		struct history_item *grown = realloc(changes->item, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		changes->item = grown;
		changes->items_room = room;
	}
	changes->item[changes->items++] = (struct history_item){.segment = validated->segment,
	                                                        .address = validated->address,
	                                                        .base = base,
	                                                        .theirs = validated->entry};
	return 0;
}

static int judge_one(void *context, const struct tree_difference *difference)
{
	struct judge *judge = context;
	struct validated validated;
	struct entry *base = NULL;
	struct fault why;
	int error = validate(judge, &validated, difference, &why);

	if (error == -ERANGE && judge->changes->keep_outside) {
		if (judge->changes->outside++ == 0)
			validate_path_text(judge->changes->outside_path, difference->path);
		if (!judge->changes->carry_outside)
			return 0;
		error = edits_add(&judge->changes->others, difference->path, difference->after,
		                  difference->after_mode);
		return error ? fault_set(judge->fault, error, "out of memory") : 0;
	}
	if (error == -EINVAL || error == -ERANGE)
		error = add_problem(judge->changes, difference, &why);
	else if (error)
		return fault_set(judge->fault, error, "%s", why.text);
	else if (validated.what == VALIDATED_OTHER)
		error = edits_add(&judge->changes->others, difference->path, difference->after,
		                  difference->after_mode);
	else {
		/* What was there before may be no entry: then there was none. */
		if (difference->before)
			error = read_entry(judge, &base, difference->before, &why);
		if (error == -EINVAL)
			error = 0;
		if (!error)
			error = changes_add_item(judge->changes, &validated, base);
		if (!error && difference->after)
			memcpy(judge->changes->item[judge->changes->items - 1].blob,
			       difference->after->id, GIT_OID_RAWSZ);
		if (error) {
			entry_free(base);
			entry_free(validated.entry);
		}
	}
	return error ? fault_set(judge->fault, error, "%s: %s", difference->path, strerror(-error))
	             : 0;
}

static int compare_items(const void *a, const void *b)
{
	const struct history_item *left = a, *right = b;

	if (left->segment != right->segment)
		return left->segment < right->segment ? -1 : 1;
	return (left->address > right->address) - (left->address < right->address);
}

void changes_sort(struct changes *changes)
{
	if (changes->items > 0)
		qsort(changes->item, changes->items, sizeof(*changes->item), compare_items);
}

int merging_changes(struct engine *engine, struct changes *changes, const git_oid *base,
                    const git_oid *theirs, struct fault *fault)
{
	struct judge judge = {.engine = engine, .changes = changes, .fault = fault};
	int error;

	fault->text[0] = '\0';
	error = tree_diff(engine->repository, base, theirs, judge_one, &judge);
	blobs_close(judge.blobs);
	if (error && !fault->text[0])
		error = trouble_set(fault, error, "%s", git_repository_path(engine->repository));
	if (!error)
		changes_sort(changes);
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
	edits_clear(&changes->restore);
	*changes = (struct changes){0};
}

int merging_proposal(struct history_proposal **proposal, struct changes *changes,
                     const char *source, struct fault *fault)
{
	struct history_proposal *made = calloc(1, sizeof(*made));

	if (made)
		made->source = strdup(source);
	if (!made || !made->source) {
		free(made);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	made->item = changes->item;
	made->items = changes->items;
	changes->item = NULL;
	changes->items = 0;
	*proposal = made;
	return 0;
}

int merging_decide(struct engine *engine, struct history_proposal *proposal, const git_oid *ours,
                   struct fault *fault)
{
	int error = 0;

	/* Some of it the owner may have merged: that stands. */
	for (size_t i = proposal->merged; i < proposal->items && !error; i++) {
		struct history_item *item = &proposal->item[i];
		char path[ENTRY_PATH_MAX];
		struct entry *present = NULL;
		const struct entry *winner;

		entry_path(path, engine->segment[item->segment].name, item->address);
		error = stored_read(&present, engine->writer, ours, path, fault);
		if (error)
			break;
		winner = proposal_decide(proposal, item, present);
		if (proposal_set_result(item, winner) < 0)
			error = fault_set(fault, -ENOMEM, "out of memory");
		else
			proposal->merged++;
		entry_free(present);
	}
	return error;
}

int merging_repair(struct engine *engine, struct version *made, const struct version *on,
                   struct changes *changes, struct fault *fault)
{
	struct commit_spec spec = {.base = &on->tree,
	                           .edit = changes->restore.edit,
	                           .edits = changes->restore.count,
	                           .parent = {&on->commit},
	                           .parents = 1};
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);
	int error;

	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (changes->problems == 1) {
		fprintf(stream, "repair: %s\n", changes->problem[0].text);
	} else {
		fprintf(stream, "repair: %zu files\n\n", changes->problems);
		for (size_t i = 0; i < changes->problems && i < PROBLEMS_KEPT; i++)
			fprintf(stream, "%s\n", changes->problem[i].text);
	}
	fprintf(stream, "\nEach is as it was before %s.\n", git_oid_tostr_s(&on->commit));
	if (fclose(stream) != 0) {
		free(message);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	spec.message = message;
	error = writer_commit(engine->writer, made, &spec, fault);
	if (!error)
		error = writer_flush(engine->writer, fault);
	free(message);
	return error;
}

int merging_remove_later(struct engine *engine, const char *ref, const git_oid *at)
{
	struct removal *removal;

	if (strncmp(ref, MERGE_PREFIX, sizeof(MERGE_PREFIX) - 1) != 0)
		return 0;
	removal = calloc(1, sizeof(*removal));
	if (removal)
		removal->ref = strdup(ref);
	if (!removal || !removal->ref) {
		free(removal);
		return -ENOMEM;
	}
	removal->at = *at;
	removal->next = engine->removal;
	engine->removal = removal;
	return 0;
}

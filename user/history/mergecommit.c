// SPDX-License-Identifier: MIT
/*
 * What the table made of a merge becomes a commit: the log's next one, whose tree is the
 * table again. A fast-forward where the table took exactly what was proposed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "format/stored.h"
#include "history/changes.h"
#include "history/revert.h"
#include "history/state.h"

struct merge {
	struct engine *engine;
	const struct merge_request *request;
	struct history_outcome *outcome;
	struct edits edits;
	FILE *kept, *chosen; /* lines for the message */
	char *kept_text, *chosen_text;
	size_t kept_size, chosen_size;
	FILE *said; /* to a person */
	char *said_text;
	size_t said_size;
	size_t files, kept_files;
};

/* The table took theirs: then the ids of the files say everything. */
static int take_theirs(struct merge *merge, const struct history_item *item, const char *path,
                       struct fault *fault)
{
	git_oid ours, theirs;
	int error = writer_find(merge->engine->writer, &ours, NULL, &merge->request->ours->tree,
	                        path, fault);

	memcpy(theirs.id, item->blob, GIT_OID_RAWSZ);
	if (error && error != -ENOENT)
		return error;
	if (item->theirs ? !error && git_oid_equal(&ours, &theirs) : error == -ENOENT)
		return 0;
	merge->outcome->applied++;
	return stored_set_blob(&merge->edits, merge->engine->segment, item->segment, item->address,
	                       item->theirs ? &theirs : NULL, fault);
}

static bool took_theirs(const struct history_item *item)
{
	static const uint8_t unknown[sizeof(item->blob)];

	return item->choice == MERGE_TRIVIAL && item->result == item->theirs &&
	       (!item->theirs || memcmp(item->blob, unknown, sizeof(unknown)) != 0);
}

static int merge_item(struct merge *merge, const struct history_item *item, struct fault *fault)
{
	struct engine *engine = merge->engine;
	const char *segment = engine->segment[item->segment].name;
	char path[ENTRY_PATH_MAX], address[IPV4_TEXT];
	struct entry *ours = NULL;
	int error;

	entry_path(path, segment, item->address);
	if (took_theirs(item))
		return take_theirs(merge, item, path, fault);
	error = stored_read(&ours, engine->writer, &merge->request->ours->tree, path, fault);
	if (!error)
		error = stored_set(&merge->edits, engine->writer, engine->segment, item->segment,
		                   item->address, item->result, fault);
	if (!error && !entry_equal(ours, item->result))
		merge->outcome->applied++;
	if (!error && item->choice != MERGE_TRIVIAL) {
		bool took_ours = item->choice == MERGE_TOOK_OURS;
		const char *side = took_ours ? "ours" : "theirs";
		const char *why = entry_merge_reason(item->result, took_ours ? item->theirs : ours);

		ipv4_format(address, item->address);
		merge->outcome->chosen++;
		fprintf(merge->chosen, "Chosen: %s %s (%s)\n", address, why, side);
		fprintf(merge->said, "\n%s: %s (%s)", address, why, side);
	}
	entry_free(ours);
	return error;
}

/* A file in a tree; zero if it is not there. */
static int find_file(struct merge *merge, git_oid *id, uint32_t *mode, const git_oid *tree,
                     const char *path, struct fault *fault)
{
	int error = -ENOENT;

	*id = (git_oid){{0}};
	*mode = 0;
	if (tree)
		error = writer_find(merge->engine->writer, id, mode, tree, path, fault);
	if (error == -ENOENT) {
		*id = (git_oid){{0}};
		*mode = 0;
		error = 0;
	}
	return error;
}

/* An entry outside our segments, which another node has in its table (seed.c): the rule decides
 * there as everywhere, so that they end up equal. `took`: theirs wins. */
static int decide_outside(struct merge *merge, const struct edit *theirs, bool *took,
                          struct fault *fault)
{
	const struct merge_request *request = merge->request;
	struct engine *engine = merge->engine;
	struct entry *ours = NULL, *base = NULL, *other = NULL;
	enum merge_choice choice;
	int error = stored_read(&ours, engine->writer, &request->ours->tree, theirs->path, fault);

	if (!error && request->base)
		error = stored_read(&base, engine->writer, request->base, theirs->path, fault);
	if (!error && theirs->present)
		error = validate_blob(&other, engine->repository, &theirs->id, fault);
	if (!error)
		*took = !entry_equal(entry_merge(base, ours, other, &choice), ours);
	entry_free(ours);
	entry_free(base);
	entry_free(other);
	return error;
}

static bool is_entry(const char *path)
{
	char segment[SEGMENT_NAME_MAX + 1];
	uint32_t address;

	return entry_path_parse(segment, &address, path, NULL) == 0;
}

/* A file that is no entry of ours: from the side that changed it; main's, if both did. */
static int merge_file(struct merge *merge, const struct edit *theirs, struct fault *fault)
{
	uint32_t ours_mode, base_mode;
	git_oid ours, base;
	bool changed;
	int error = find_file(merge, &ours, &ours_mode, &merge->request->ours->tree, theirs->path,
	                      fault);

	if (!error)
		error = find_file(merge, &base, &base_mode, merge->request->base, theirs->path,
		                  fault);
	if (error)
		return error;
	changed = !git_oid_equal(&ours, &base) || ours_mode != base_mode;
	if (changed && is_entry(theirs->path)) {
		bool took = false;

		error = decide_outside(merge, theirs, &took, fault);
		if (error || !took)
			return error;
	} else if (changed) {
		if (theirs->present ? git_oid_equal(&ours, &theirs->id) : ours_mode == 0)
			return 0;
		merge->kept_files++;
		fputs("Both sides changed ", merge->kept);
		wording_clean(merge->kept, theirs->path);
		fputs(": main's stays.\n", merge->kept);
		fprintf(merge->said, "\n%.80s: both sides changed it, main's stays", theirs->path);
		return 0;
	}
	merge->files++;
	if (edits_add(&merge->edits, theirs->path, theirs->present ? &theirs->id : NULL,
	              theirs->mode) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	return 0;
}

static int merge_all(struct merge *merge, git_oid *tree, struct fault *fault)
{
	const struct merge_request *request = merge->request;
	int error = 0;

	for (size_t i = 0; i < request->proposal->items && !error; i++)
		error = merge_item(merge, &request->proposal->item[i], fault);
	for (size_t i = 0; i < request->others->count && !error; i++)
		error = merge_file(merge, &request->others->edit[i], fault);
	if (!error)
		error = writer_tree(merge->engine->writer, tree, &request->ours->tree,
		                    merge->edits.edit, merge->edits.count, fault);
	return error;
}

static int write_commit(struct merge *merge, struct version *made, const git_oid *tree,
                        struct fault *fault)
{
	const struct merge_request *request = merge->request;
	struct commit_spec spec = {.base = tree,
	                           .parent = {request->first, request->second},
	                           .parents = request->second ? 2 : 1};
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);
	int error;

	if (!stream)
		return fault_set(fault, -ENOMEM, "out of memory");
	fputs("merge: ", stream);
	wording_clean(stream, request->source);
	fputs("\n\n", stream);
	if (merge->kept_size > 0)
		fprintf(stream, "%s\n", merge->kept_text);
	wording_trailers(stream, request->id, NULL, NULL);
	fputs(merge->chosen_text, stream);
	if (fclose(stream) != 0) {
		free(message);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	spec.message = message;
	error = writer_commit(merge->engine->writer, made, &spec, fault);
	free(message);
	return error;
}

static void say(struct merge *merge)
{
	struct history_outcome *outcome = merge->outcome;
	size_t used;

	used = (size_t)snprintf(outcome->text, sizeof(outcome->text),
	                        "merged %.200s: ", merge->request->source);
	used += (size_t)snprintf(outcome->text + used, sizeof(outcome->text) - used,
	                         "%zu address%s changed", outcome->applied,
	                         outcome->applied == 1 ? "" : "es");
	if (merge->files > 0)
		used += (size_t)snprintf(outcome->text + used, sizeof(outcome->text) - used,
		                         ", %zu other file%s", merge->files,
		                         merge->files == 1 ? "" : "s");
	if (outcome->chosen > 0)
		used += (size_t)snprintf(outcome->text + used, sizeof(outcome->text) - used,
		                         ", %zu decided by the rule", outcome->chosen);
	snprintf(outcome->text + used, sizeof(outcome->text) - used, "%s", merge->said_text);
}

int merging_commit(struct engine *engine, struct version *made, struct history_outcome *outcome,
                   const struct merge_request *request, struct fault *fault)
{
	struct merge merge = {.engine = engine, .request = request, .outcome = outcome};
	git_oid tree;
	int error = fault_set(fault, -ENOMEM, "out of memory");

	*outcome = (struct history_outcome){0};
	merge.kept = open_memstream(&merge.kept_text, &merge.kept_size);
	merge.chosen = open_memstream(&merge.chosen_text, &merge.chosen_size);
	merge.said = open_memstream(&merge.said_text, &merge.said_size);
	if (!merge.kept || !merge.chosen || !merge.said)
		goto out;
	error = merge_all(&merge, &tree, fault);
	if (error)
		goto out;
	fflush(merge.kept);
	fflush(merge.chosen);
	fflush(merge.said);
	if (request->forward && git_oid_equal(&tree, &request->forward->tree))
		*made = *request->forward;
	else
		error = write_commit(&merge, made, &tree, fault);
	if (!error)
		say(&merge);
out:
	if (merge.kept)
		fclose(merge.kept);
	if (merge.chosen)
		fclose(merge.chosen);
	if (merge.said)
		fclose(merge.said);
	free(merge.kept_text);
	free(merge.chosen_text);
	free(merge.said_text);
	edits_clear(&merge.edits);
	return error;
}

/* Who waits is told once it is durable; the reference's fate is remembered. */
static int finish(struct engine *engine, struct history_outcome *outcome, struct fault *fault)
{
	struct door *door = &engine->door;
	size_t used = strlen(outcome->text);

	git_oid_tostr(outcome->commit, sizeof(outcome->commit), &engine->head.commit);
	if (door->repaired > 0)
		snprintf(outcome->text + used, sizeof(outcome->text) - used,
		         "\n%zu invalid file%s taken back: see `git log main`", door->repaired,
		         door->repaired == 1 ? "" : "s");
	if (doors_remember(engine, &engine->merged, door->ref, &door->seen, outcome) < 0 ||
	    (!door->is_main && merging_remove_later(engine, door->ref, &door->seen) < 0))
		return fault_set(fault, -ENOMEM, "out of memory");
	engine_notice(engine, "%.*s", (int)strcspn(outcome->text, "\n"), outcome->text);
	waiters_set_outcome(&door->waiters, outcome);
	waiters_move(&engine->waiters, &door->waiters);
	engine->urgent = true;
	engine->look = true;
	return 0;
}

static int settle_merge(struct engine *engine, struct fault *fault)
{
	struct door *door = &engine->door;
	struct merge_request request = {.source = doors_name(door->ref),
	                                .ours = &engine->head,
	                                .base = door->has_base ? &door->base.tree : NULL,
	                                .proposal = door->proposal,
	                                .others = &door->others};
	struct history_outcome outcome;
	struct version made;
	char id[TASK_ID_MAX];
	bool behind; /* theirs has all of ours */
	/* The table had all of this when it merged. */
	int error = record_commit_all(engine, fault);

	if (error)
		return error;
	behind = door->has_base && git_oid_equal(&door->base.commit, &engine->head.commit);
	request.forward = behind ? &door->theirs : NULL;
	request.first = door->is_main ? &door->theirs.commit : &engine->head.commit;
	if (!door->is_main)
		request.second = &door->theirs.commit;
	else if (!behind)
		request.second = &engine->head.commit;
	branches_next_id(&engine->branches, id, "operator", time(NULL));
	request.id = id;
	error = merging_commit(engine, &made, &outcome, &request, fault);
	if (error)
		return error;
	if (engine->closing && !engine->frozen && outcome.applied > 0) {
		engine->frozen = true;
		engine->reflected = engine->head.commit;
	}
	if (!git_oid_equal(&made.commit, &door->theirs.commit)) {
		engine->commits_pending++;
		if (!door->is_main)
			branches_set(&engine->branches, id, &door->theirs.commit, false);
	}
	engine->head = made;
	if (door->is_main)
		engine->main = door->theirs.commit;
	error = finish(engine, &outcome, fault);
	propose_clear(door);
	return error;
}

int settle_door(struct engine *engine, struct fault *fault)
{
	return engine->door.revert ? revert_settle(engine, fault) : settle_merge(engine, fault);
}

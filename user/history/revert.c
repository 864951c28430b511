// SPDX-License-Identifier: MIT
/*
 * Undoing what a task did, as a new task. The door for people's changes is used the other way
 * round: the base of each address is what the task left there, and theirs what was before it.
 * Whatever changed since stays (entry_undo()); other files than entries are never touched.
 */
#include "history/revert.h"
#include "format/stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "history/changes.h"

#define COMMITS_NAMED 20 /* in the message */

int revert_copy(struct revert **copy, const struct history_revert *revert)
{
	struct revert *made = calloc(1, sizeof(*made));
	int error = made ? 0 : -ENOMEM;

	if (!error)
		made->commit = calloc(revert->commits + 1, sizeof(*made->commit));
	if (!error && (!made->commit || text_copy(&made->name, revert->name) ||
	               text_copy(&made->author, revert->author) ||
	               text_copy(&made->message, revert->message)))
		error = -ENOMEM;
	for (size_t i = 0; !error && i < revert->commits; i++)
		error = git_oid_fromstr(&made->commit[made->commits++], revert->commit[i]) < 0
		                ? -EINVAL
		                : 0;
	if (error)
		revert_free(made);
	else
		*copy = made;
	return error;
}

void revert_free(struct revert *revert)
{
	if (!revert)
		return;
	free(revert->name);
	free(revert->author);
	free(revert->message);
	free(revert->commit);
	free(revert);
}

/* One way out for all that ends without a commit, or with one. */
static void conclude(struct engine *engine, struct history_outcome *outcome)
{
	struct door *door = &engine->door;

	git_oid_tostr(outcome->commit, sizeof(outcome->commit), &engine->head.commit);
	waiters_set_outcome(&door->waiters, outcome);
	waiters_move(&engine->waiters, &door->waiters);
	engine->urgent = true;
	engine->look = true;
	propose_clear(door);
}

/* An entry's file: from what the task made of it, back to what was before. */
static int add_item(struct engine *engine, struct changes *changes, const struct undo_file *file,
                    struct fault *fault)
{
	struct revert *revert = engine->door.revert;
	struct tree_difference back = {.path = file->path,
	                               .before = file->after_mode ? &file->after : NULL,
	                               .after = file->before_mode ? &file->before : NULL,
	                               .before_mode = file->after_mode,
	                               .after_mode = file->before_mode};
	struct validated validated;
	struct entry *left = NULL;
	struct fault why;
	int error = validate_difference(&validated, engine->repository, engine->segment,
	                                engine->segments, &back, &why);

	if (error == -EINVAL || error == -ERANGE || (!error && validated.what == VALIDATED_OTHER)) {
		if (revert->outside++ == 0)
			validate_path_text(revert->outside_path, file->path);
		return 0;
	}
	/* What the task left there may be no entry: then the table had none. */
	if (!error && back.before)
		error = validate_blob(&left, engine->repository, back.before, &why);
	if (error && error != -EINVAL)
		return fault_set(fault, error, "%s", why.text);
	error = changes_add_item(changes, &validated, left);
	if (error) {
		entry_free(left);
		entry_free(validated.entry);
		fault_set(fault, error, "out of memory");
	}
	return error;
}

static int hand_over(struct engine *engine, struct changes *changes, struct fault *fault)
{
	struct door *door = &engine->door;
	struct message *message = message_new(MESSAGE_PROPOSE);
	char source[80];
	int error;

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	snprintf(source, sizeof(source), "revert %s", door->revert->name);
	error = merging_proposal(&door->proposal, changes, source, fault);
	if (error) {
		message_free(message);
		return error;
	}
	door->proposal->undo = true;
	message->proposal = door->proposal;
	queue_put(engine->out, message);
	return 0;
}

static int propose(struct engine *engine, struct fault *fault)
{
	struct revert *revert = engine->door.revert;
	struct history_outcome outcome = {0};
	struct changes changes = {0};
	struct undo undo = {0};
	int error = undo_collect(&undo, engine->repository, revert->commit, revert->commits, fault);

	/* What is not there, or has nothing before it, is the asker's mistake, not trouble. */
	if (error == -ENOENT || error == -EINVAL) {
		outcome.status = error;
		snprintf(outcome.text, sizeof(outcome.text), "%s", fault->text);
		conclude(engine, &outcome);
		return 0;
	}
	for (size_t i = 0; i < undo.files && !error; i++)
		error = add_item(engine, &changes, &undo.file[i], fault);
	if (error)
		goto out;
	if (changes.items > 0 && !engine->closing) {
		changes_sort(&changes);
		error = hand_over(engine, &changes, fault);
		goto out;
	}
	outcome.status = changes.items > 0 ? -ECANCELED : -ENOENT;
	if (changes.items > 0)
		snprintf(outcome.text, sizeof(outcome.text), "%s: the agent is stopping",
		         revert->name);
	else if (revert->outside > 0)
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed only what is outside the configured segments, such as %.120s: "
		         "it is left alone",
		         revert->name, revert->outside_path);
	else
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed no entry: there is nothing to undo", revert->name);
	conclude(engine, &outcome);
out:
	changes_clear(&changes);
	undo_clear(&undo);
	return error;
}

int revert_start(struct engine *engine, struct revert **revert, struct waiters *waiters,
                 struct fault *fault)
{
	struct door *door = &engine->door;
	/* What the log has so far must be there to be compared. */
	int error = record_commit_all(engine, fault);

	if (!error)
		error = writer_flush(engine->writer, fault);
	if (error)
		return error;
	propose_clear(door);
	door->active = true;
	door->revert = *revert;
	waiters_move(&door->waiters, waiters);
	error = propose(engine, fault);
	if (error) {
		waiters_move(waiters, &door->waiters);
		door->revert = NULL;
		propose_clear(door);
		return error;
	}
	*revert = NULL;
	return 0;
}

struct settling {
	struct engine *engine;
	struct history_outcome outcome;
	struct edits edits;
	FILE *left; /* lines of the message */
	char *left_text;
	size_t left_size;
	const char *segment; /* of all that is undone; NULL: several */
	bool segment_known;
};

static int settle_item(struct settling *settling, const struct history_item *item,
                       struct fault *fault)
{
	struct engine *engine = settling->engine;
	const char *segment = engine->segment[item->segment].name;
	char path[ENTRY_PATH_MAX], address[IPV4_TEXT];
	struct entry *ours = NULL;
	int error;

	if (item->choice != MERGE_TRIVIAL) {
		settling->outcome.chosen++;
		fprintf(settling->left, "%s was changed since: left as it is\n",
		        ipv4_format(address, item->address));
	}
	entry_path(path, segment, item->address);
	error = stored_read(&ours, engine->writer, &engine->head.tree, path, fault);
	if (!error && !entry_equal(ours, item->result)) {
		settling->outcome.applied++;
		if (settling->segment_known && settling->segment != segment)
			settling->segment = NULL;
		else
			settling->segment = segment;
		settling->segment_known = true;
		error = stored_set(&settling->edits, engine->writer, engine->segment, item->segment,
		                   item->address, item->result, fault);
	}
	entry_free(ours);
	return error;
}

/* The message: what is undone, in which commits, and what was left alone. */
static char *word(const struct settling *settling, const char *id)
{
	const struct revert *revert = settling->engine->door.revert;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	if (!revert->message || !wording_operator(stream, revert->message))
		fprintf(stream, "revert: %s\n", revert->name);
	fputc('\n', stream);
	for (size_t i = 0; i < revert->commits && i < COMMITS_NAMED; i++)
		fprintf(stream, "Undoes commit %s.\n", git_oid_tostr_s(&revert->commit[i]));
	if (revert->commits > COMMITS_NAMED)
		fprintf(stream, "And %zu more.\n", revert->commits - COMMITS_NAMED);
	if (settling->left_size > 0)
		fprintf(stream, "\n%s", settling->left_text);
	fputc('\n', stream);
	wording_trailers(stream, id, settling->segment, NULL);
	fprintf(stream, "Reverts: %s\n", revert->name);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

static int write_commit(struct settling *settling, struct fault *fault)
{
	struct engine *engine = settling->engine;
	const struct revert *revert = engine->door.revert;
	struct commit_spec spec = {.base = &engine->head.tree,
	                           .edit = settling->edits.edit,
	                           .edits = settling->edits.count,
	                           .parent = {&engine->head.commit},
	                           .parents = 1};
	char *message, *author = NULL;
	char id[TASK_ID_MAX];
	struct version made;
	int error;

	branches_next_id(&engine->branches, id, "operator", time(NULL));
	message = word(settling, id);
	if (revert->author)
		author = wording_person(revert->author, engine->host);
	if (!message || (revert->author && !author)) {
		error = fault_set(fault, -ENOMEM, "out of memory");
	} else {
		spec.message = message;
		spec.author = author;
		error = writer_commit(engine->writer, &made, &spec, fault);
	}
	free(message);
	free(author);
	if (error)
		return error;
	if (engine->closing && !engine->frozen) {
		engine->frozen = true;
		engine->reflected = engine->head.commit;
	}
	engine->commits_pending++;
	branches_set(&engine->branches, id, &made.commit, false);
	engine->head = made;
	return 0;
}

static void say(struct settling *settling)
{
	const struct revert *revert = settling->engine->door.revert;
	struct history_outcome *outcome = &settling->outcome;
	char *text = outcome->text;
	size_t size = sizeof(outcome->text), used;

	if (outcome->applied == 0 && outcome->chosen > 0) {
		used = (size_t)snprintf(text, size, "nothing of %s can be undone: ", revert->name);
		used += (size_t)snprintf(text + used, size - used,
		                         outcome->chosen == 1
		                                 ? "its address was changed since"
		                                 : "its %zu addresses were changed since",
		                         outcome->chosen);
	} else if (outcome->applied == 0) {
		used = (size_t)snprintf(
		        text, size, "everything is as it was before %s already: nothing changed",
		        revert->name);
	} else {
		used = (size_t)snprintf(text, size, "undid %s: %zu address%s changed", revert->name,
		                        outcome->applied, outcome->applied == 1 ? "" : "es");
		if (outcome->chosen > 0)
			used += (size_t)snprintf(
			        text + used, size - used, ", %zu changed since and left as %s",
			        outcome->chosen, outcome->chosen == 1 ? "it is" : "they are");
	}
	if (revert->outside > 0)
		snprintf(text + used, size - used,
		         "\n%zu outside the configured segments, such as %.120s: left alone",
		         revert->outside, revert->outside_path);
}

int revert_settle(struct engine *engine, struct fault *fault)
{
	const struct history_proposal *proposal = engine->door.proposal;
	struct settling settling = {.engine = engine};
	/* The table had all of this when it answered. */
	int error = record_commit_all(engine, fault);

	if (error)
		return error;
	settling.left = open_memstream(&settling.left_text, &settling.left_size);
	if (!settling.left)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < proposal->items && !error; i++)
		error = settle_item(&settling, &proposal->item[i], fault);
	fflush(settling.left);
	if (!error && settling.outcome.applied > 0)
		error = write_commit(&settling, fault);
	if (!error) {
		say(&settling);
		engine_notice(engine, "%.*s", (int)strcspn(settling.outcome.text, "\n"),
		              settling.outcome.text);
		conclude(engine, &settling.outcome);
	}
	fclose(settling.left);
	free(settling.left_text);
	edits_clear(&settling.edits);
	return error;
}

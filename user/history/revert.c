// SPDX-License-Identifier: MIT
/* What commits did to the table, the other way round. Never touches files that are not entries. */
#include "history/revert.h"

#include <errno.h>
#include <stdio.h>

#include "format/format.h"
#include "history/changes.h"
#include "history/conclude.h"
#include "history/tasklog.h"

static void conclude(struct state *state, struct history_outcome *outcome)
{
	git_oid_tostr(outcome->commit, sizeof(outcome->commit), &state->head.commit);
	state->look = true;
	conclude_door(state, outcome);
}

/* An entry's file: from what the commits made of it back to what was before. */
static int add_file(struct state *state, struct changes *changes, const struct undo_file *file,
                    struct fault *fault)
{
	const struct archive *archive = &state->archive;
	struct door *door = &state->door;
	struct tree_difference back = {.path = file->path,
	                               .before = file->after_mode ? &file->after : NULL,
	                               .after = file->before_mode ? &file->before : NULL,
	                               .before_mode = file->after_mode,
	                               .after_mode = file->before_mode};
	struct validated validated;
	struct entry *left = NULL;
	struct fault why;
	int error = validate_difference(&validated, archive->repository, archive->segment,
	                                archive->segments, &back, &why);

	if (error == -EINVAL || error == -ERANGE || (!error && validated.what == VALIDATED_OTHER)) {
		if (door->outside++ == 0)
			validate_path_text(door->outside_path, file->path);
		return 0;
	}
	/* An invalid file was never in the table. */
	if (!error && back.before)
		error = validate_blob(&left, archive->repository, back.before, &why);
	if (error && error != -EINVAL)
		return fault_set(fault, error, "%s", why.text);
	error = changes_add(changes, &validated, left);
	if (error) {
		entry_free(left);
		entry_free(validated.entry);
		fault_set(fault, error, "out of memory");
	}
	return error;
}

static int hand_over(struct state *state, struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	struct message *message = message_new(MESSAGE_PROPOSE);
	char source[80];
	int error;

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	changes_sort(changes);
	snprintf(source, sizeof(source), "revert %s", door->request->name);
	error = changes_propose(&door->proposal, changes, source, fault);
	if (error) {
		message_free(message);
		return error;
	}
	door->proposal->undo = true;
	message->proposal = door->proposal;
	mailbox_put(state->out, &message->mail);
	return 0;
}

/* Nothing can be proposed. */
static void explain(struct state *state, bool nothing)
{
	const struct door *door = &state->door;
	const char *name = door->request->name;
	struct history_outcome outcome = {.status = nothing ? -ENOENT : -ECANCELED};

	if (!nothing)
		snprintf(outcome.text, sizeof(outcome.text), "%s: the agent is stopping", name);
	else if (door->outside > 0)
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed only what is outside the configured segments, such as %.120s: "
		         "it is left alone",
		         name, door->outside_path);
	else
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed no entry: there is nothing to undo", name);
	conclude(state, &outcome);
}

static int propose(struct state *state, struct fault *fault)
{
	const struct request *request = state->door.request;
	struct history_outcome outcome = {0};
	struct changes changes = {0};
	struct undo undo = {0};
	int error = undo_collect(&undo, state->archive.repository, request->commit,
	                         request->commits, fault);

	/* A missing commit, or one that nothing precedes, is the sender's mistake. */
	if (error == -ENOENT || error == -EINVAL) {
		outcome.status = error;
		snprintf(outcome.text, sizeof(outcome.text), "%s", fault->text);
		conclude(state, &outcome);
		return 0;
	}
	for (size_t i = 0; i < undo.files && !error; i++)
		error = add_file(state, &changes, &undo.file[i], fault);
	if (!error && changes.items > 0 && !state->closing)
		error = hand_over(state, &changes, fault);
	else if (!error)
		explain(state, changes.items == 0);
	changes_clear(&changes);
	undo_clear(&undo);
	return error;
}

int revert_start(struct state *state, struct request **request, struct fault *fault)
{
	struct door *door = &state->door;
	/* The log so far must be readable to be compared. */
	int error = tasklog_commit_all(state, fault);

	if (!error)
		error = writer_flush(state->archive.writer, fault);
	if (error)
		return error;
	*door = (struct door){.request = *request};
	*request = NULL;
	error = propose(state, fault);
	if (error) {
		*request = door->request;
		door->request = NULL;
		door_clear(door);
	}
	return error;
}

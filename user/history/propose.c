// SPDX-License-Identifier: MIT
/*
 * A merge proposes the edits of the commits that the log lacks (store/authored.h). Nothing invalid
 * is ever proposed: a commit on top of main takes it back there, and a merge request that contains
 * it is refused. So is a merge request that is not whole; whatever is wrong with one, the others
 * and the log go on.
 *
 * A revert proposes what commits did to the table, the other way round: the base of each address is
 * what they left there, and theirs is what was before. An address that changed since is left alone
 * (entry_undo()), and so are files that are not entries.
 */
#include "history/propose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "history/adopt.h"
#include "history/door.h"
#include "history/retire.h"
#include "history/tasklog.h"
#include "history/worktrees.h"

#define DOING_TEXT (SEGMENT_NAME_MAX + PATH_TEXT)

/* Everything in their branch is in the log already. */
static int already_there(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	struct history_outcome outcome = {0};
	char seen[COMMIT_TEXT];

	git_oid_tostr(outcome.commit, sizeof(outcome.commit), &state->head.commit);
	git_oid_tostr(seen, sizeof(seen), &door->seen);
	if (door->is_main) {
		/* Publication moves it on again. */
		state->main = door->seen;
		message_notice(state->out,
		               "main was moved back to %.12s: nothing recorded is lost, it is "
		               "moved on to %.12s again",
		               seen, outcome.commit);
		snprintf(outcome.text, sizeof(outcome.text),
		         "main was moved back; it goes on at %.12s, with everything recorded",
		         outcome.commit);
	} else {
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s: nothing to merge: main has it already",
		         door_name(door->request->ref));
		/* The hook may ask a moment later. */
		if (fates_add(&state->merged, door->request->ref, &door->seen, uv_now(&state->loop),
		              &outcome) < 0 ||
		    removals_add(&state->removal, door->request->ref, &door->seen) < 0)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	door_conclude(state, &outcome);
	return 0;
}

/* `problem` has `problems` texts, or the first PROBLEMS_SAID of them. */
static int refuse(struct state *state, const struct fault *problem, size_t problems,
                  struct fault *fault)
{
	struct door *door = &state->door;
	const char *name = door_name(door->request->ref);
	struct history_outcome outcome = {.status = -EINVAL};
	size_t used;

	used = (size_t)snprintf(outcome.text, sizeof(outcome.text),
	                        "%s is refused, main is as it was", name);
	for (size_t i = 0; i < problems && i < PROBLEMS_SAID && used < sizeof(outcome.text); i++)
		used += (size_t)snprintf(outcome.text + used, sizeof(outcome.text) - used, "\n%s",
		                         problem[i].text);
	if (problems > PROBLEMS_SAID && used < sizeof(outcome.text))
		snprintf(outcome.text + used, sizeof(outcome.text) - used, "\nand %zu more",
		         problems - PROBLEMS_SAID);
	if (fates_add(&state->refused, door->request->ref, &door->seen, uv_now(&state->loop),
	              &outcome) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	message_notice(state->out, "%s is refused: %s%s", name, problem[0].text,
	               problems > 1 ? "; and more" : "");
	door_conclude(state, &outcome);
	return 0;
}

/* Takes back what is invalid in main. */
static int repair(struct state *state, const struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	int error = adopt_repair(&state->archive, &door->theirs, changes, fault);

	if (error)
		return error;
	state->commits_pending++;
	door->repaired = changes->problems;
	for (size_t i = 0; i < changes->problems && i < PROBLEMS_SAID; i++)
		message_notice(state->out, "main: taken back: %s", changes->problem[i].text);
	return 0;
}

/* Hands the proposal in the door to the owner. */
static int post(struct state *state, struct fault *fault)
{
	struct message *message = message_new(MESSAGE_PROPOSE);

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	message->proposal = state->door.proposal;
	mailbox_put(state->out, &message->mail);
	return 0;
}

/* Proposes the items. If there are none, or the owner is stopping, goes on without it. */
static int propose(struct state *state, struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	int error = changes_propose(&door->proposal, changes, door_name(door->request->ref), fault);

	if (error)
		return error;
	door->others = changes->others;
	door->others_before = changes->others_before;
	changes->others = changes->others_before = (struct edits){0};
	if (door->proposal->items == 0) {
		door->answered = true;
		return 0;
	}
	/* The rule decides, and the next start proposes the result to the table. */
	return state->closing ? door_decide(state, fault) : post(state, fault);
}

/* A commit in a work tree whose files are older than its parent is an edit of these files. */
static bool find_edited(void *context, struct version *base, const struct version *version)
{
	struct state *state = context;
	char path[WORKTREE_PATH], text[COMMIT_TEXT];

	if (!worktrees_have_main(&state->archive, path) ||
	    !worktrees_base(&state->archive, base, version))
		return false;
	message_notice(
	        state->out,
	        "the work tree %s has main checked out, as it was at %.12s: its commit is taken "
	        "as an edit of that, and what changed since stays. Work in a clone, or in a "
	        "branch of your own (`git switch -c`), and push to merge/<any name>",
	        path, git_oid_tostr(text, sizeof(text), &base->commit));
	return true;
}

/* Reads what they have, and judges it. */
static int read_theirs(struct state *state, struct changes *changes, struct fault *fault)
{
	const struct merge_scope scope = archive_scope(&state->archive);
	struct door *door = &state->door;
	struct theirs theirs = {.head = state->head.commit,
	                        .seen = door->seen,
	                        .is_main = door->is_main,
	                        .edited = find_edited,
	                        .context = state};
	int error = theirs_read(&theirs, changes, &scope, fault);

	door->theirs = theirs.version;
	door->base = theirs.base;
	door->has_base = theirs.has_base;
	return error;
}

/* Nothing is proposed, and the log stays as it is. */
static void conclude(struct state *state, struct history_outcome *outcome)
{
	git_oid_tostr(outcome->commit, sizeof(outcome->commit), &state->head.commit);
	state->look = true;
	door_conclude(state, outcome);
}

/* Beyond history.guard: the branch stays as it is, and may be merged once it is confirmed. */
static int refuse_mass(struct state *state, const struct fault *why)
{
	struct history_outcome outcome = {.status = -EPERM};

	snprintf(outcome.text, sizeof(outcome.text), "%s", why->text);
	message_notice(state->out, "%s", why->text);
	conclude(state, &outcome);
	return 0;
}

/* What history.guard says of the request in the door. */
static struct toomany_request mass_request(const struct state *state, char *doing, size_t size)
{
	const struct request *request = state->door.request;
	char name[PATH_TEXT];

	validate_path_text(name, request->ref ? door_name(request->ref) : request->name);
	snprintf(doing, size, "%s %s",
	         request->ref      ? "merging"
	         : request->retire ? "retiring"
	                           : "reverting",
	         name);
	return (struct toomany_request){.reference = request->ref,
	                                .doing = doing,
	                                .guard = state->guard,
	                                .confirmed = request->confirmed};
}

static int judge_mass(struct state *state, const struct changes *changes, struct fault *fault)
{
	const struct merge_scope scope = archive_scope(&state->archive);
	const struct merge_ours ours = archive_ours(&state->archive, &state->head.tree);
	char doing[DOING_TEXT];
	const struct toomany_request request = mass_request(state, doing, sizeof(doing));
	struct toomany mass;
	int error;

	if (toomany_begin(&mass, &scope, &ours) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = toomany_decide_merge(&mass, &request, changes, fault);
	toomany_clear(&mass);
	return error;
}

/* Goes on with what was read: all of it is there. */
static int merge(struct state *state, struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	int error;

	if (door->has_base && git_oid_equal(&door->base.commit, &door->seen))
		return already_there(state, fault);
	if (changes->problems > 0 && !door->is_main)
		return refuse(state, changes->problem, changes->problems, fault);
	error = judge_mass(state, changes, fault);
	if (error == -EPERM)
		return refuse_mass(state, fault);
	if (!error && changes->problems > 0)
		error = repair(state, changes, fault);
	return error ? error : propose(state, changes, fault);
}

static int start_merge(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	struct changes changes = {0};
	int error = read_theirs(state, &changes, fault);

	if (!error) {
		error = merge(state, &changes, fault);
	} else if (door->is_main) {
		const struct fault why = *fault;

		fault_set(fault, error, "main names what cannot be read: %s; see `git fsck`",
		          why.text);
	} else if (trouble_is_lasting(error)) {
		const struct fault problem = *fault;

		error = refuse(state, &problem, 1, fault);
	}
	changes_clear(&changes);
	return error;
}

/* An entry's file: from what the commits made of it back to what was before. */
static int add_file(struct state *state, struct changes *changes, struct toomany *mass,
                    const struct undo_file *file, struct fault *fault)
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
	if (error)
		return fault_set(fault, error, "out of memory");
	/* What was removed and is now unknown comes back: that does not count. */
	return back.before ? toomany_add(mass, validated.segment, file->path, back.before,
	                                 back.after, fault)
	                   : 0;
}

static int propose_undo(struct state *state, struct changes *changes, struct fault *fault)
{
	struct door *door = &state->door;
	char source[80];
	int error;

	snprintf(source, sizeof(source), "%s %s", door->request->retire ? "retire" : "revert",
	         door->request->name);
	error = changes_propose(&door->proposal, changes, source, fault);
	if (error)
		return error;
	door->proposal->undo = true;
	return post(state, fault);
}

/* Nothing can be proposed. */
static int explain(struct state *state, bool nothing, struct fault *fault)
{
	const struct door *door = &state->door;
	const char *name = door->request->name;
	struct history_outcome outcome = {.status = nothing ? -ENOENT : -ECANCELED};

	if (nothing && door->request->retire) {
		outcome.status = 0;
		if (retire_note(state, name) < 0)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (!nothing)
		snprintf(outcome.text, sizeof(outcome.text), "%s: the agent is stopping", name);
	else if (door->request->retire)
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s is retired: nothing of it was in the table", name);
	else if (door->outside > 0)
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed only what is outside the configured segments, such as %.120s: "
		         "it is left alone",
		         name, door->outside_path);
	else
		snprintf(outcome.text, sizeof(outcome.text),
		         "%s changed no entry: there is nothing to undo", name);
	conclude(state, &outcome);
	return 0;
}

/* Whether `path` is an entry's, in main (`id`) and outside the configuration. 0, or -EINVAL,
 * -ENOENT. */
static int check_forgotten(git_oid *id, struct state *state, const char *path, struct fault *why)
{
	const struct archive *archive = &state->archive;
	char segment[SEGMENT_NAME_MAX + 1], text[PATH_TEXT];
	struct tree_difference there = {.path = path};
	struct validated validated;
	struct address address;
	int error;

	validate_path_text(text, path);
	if (entry_path_parse(segment, &address, path, why) < 0)
		return fault_set(why, -EINVAL, "%s is not the path of an entry", text);
	error = writer_find(archive->writer, id, &there.after_mode, &state->head.tree, path, why);
	if (error)
		return error == -ENOENT ? fault_set(why, error, "%s: there is no such entry", text)
		                        : error;
	there.after = id;
	error = validate_place(&validated, archive->segment, archive->segments, &there, why);
	return error == -ERANGE ? 0
	                        : fault_set(why, -EINVAL,
	                                    "%s is within the configured segments: the table "
	                                    "decides",
	                                    text);
}

/* An entry that the table has nothing to do with: its file goes, and nobody is asked. */
static int start_forget(struct state *state, struct fault *fault)
{
	struct door *door = &state->door;
	const char *path = door->request->name;
	struct history_outcome outcome = {0};
	struct changes nothing = {0};
	struct fault why = {""};
	git_oid id;

	outcome.status = check_forgotten(&id, state, path, &why);
	if (outcome.status == -EINVAL || outcome.status == -ENOENT) {
		snprintf(outcome.text, sizeof(outcome.text), "%s", why.text);
		conclude(state, &outcome);
		return 0;
	}
	if (outcome.status)
		return fault_set(fault, outcome.status, "%s", why.text);
	if (edits_add(&door->others, path, NULL, 0) < 0 ||
	    edits_add(&door->others_before, path, &id, GIT_FILEMODE_BLOB) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	door->answered = true;
	return changes_propose(&door->proposal, &nothing, path, fault);
}

static int start_revert(struct state *state, struct fault *fault)
{
	const struct request *request = state->door.request;
	const struct merge_scope scope = archive_scope(&state->archive);
	const struct merge_ours ours = archive_ours(&state->archive, &state->head.tree);
	char doing[DOING_TEXT];
	const struct toomany_request limit = mass_request(state, doing, sizeof(doing));
	struct history_outcome outcome = {0};
	struct changes changes = {0};
	struct toomany mass = {0};
	struct undo undo = {0};
	int error = request->retire ? retire_check(state, request->name, fault)
	                            : undo_collect(&undo, state->archive.repository,
	                                           request->commit, request->commits, fault);

	/* A missing commit, one that nothing precedes, or an unknown node is the sender's mistake.
	 */
	if (error == -ENOENT || error == -EINVAL) {
		outcome.status = error;
		snprintf(outcome.text, sizeof(outcome.text), "%s", fault->text);
		conclude(state, &outcome);
		return 0;
	}
	if (!error && toomany_begin(&mass, &scope, &ours) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error && request->retire)
		error = retire_collect(state, request->name, &changes, mass.part, fault);
	for (size_t i = 0; i < undo.files && !error; i++)
		error = add_file(state, &changes, &mass, &undo.file[i], fault);
	if (!error)
		error = toomany_decide(&mass, &limit, fault);
	if (error == -EPERM)
		error = refuse_mass(state, fault);
	else if (!error && changes.items > 0 && !state->closing)
		error = propose_undo(state, &changes, fault);
	else if (!error)
		error = explain(state, changes.items == 0, fault);
	toomany_clear(&mass);
	changes_clear(&changes);
	undo_clear(&undo);
	return error;
}

int propose_start(struct state *state, struct request **request, const git_oid *seen,
                  struct fault *fault)
{
	struct door *door = &state->door;
	int error = seen ? 0 : tasklog_commit_all(state, fault);

	/* The log so far must be readable to be compared. */
	if (!error)
		error = writer_flush(state->archive.writer, fault);
	if (error)
		return error;
	*door = (struct door){.request = *request};
	if (seen) {
		door->is_main = !strcmp(door->request->ref, MAIN_REF);
		door->seen = *seen;
	}
	*request = NULL;
	if (seen)
		error = start_merge(state, fault);
	else if (door->request->commits == 0 && !door->request->retire)
		error = start_forget(state, fault);
	else
		error = start_revert(state, fault);
	if (error) {
		*request = door->request;
		door->request = NULL;
		door_clear(door);
	}
	return error;
}

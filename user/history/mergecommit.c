// SPDX-License-Identifier: MIT
/*
 * What the table made of a proposal, as the next commit of the log. Its tree equals the table
 * again. If the table took exactly what was proposed, that commit itself is the result (a
 * fast-forward).
 */
#include "history/mergecommit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history/verdict.h"

#define COMMITS_NAMED 20 /* in a revert's message */
#define VERDICTS_SAID 4  /* to the person, who sees 1,023 bytes; all are in the message */

/* A text that grows by fprintf() to `stream`. */
struct text {
	FILE *stream;
	char *text;
	size_t size;
};

struct merge {
	struct archive *archive;
	const struct mergecommit_request *request;
	struct history_outcome *outcome;
	struct edits edits;
	const char *segment;              /* of everything that changed; NULL: several, or none */
	const struct history_item *first; /* that changed; NULL: none */
	struct text kept;                 /* lines: changes that were not taken over */
	struct text chosen;               /* trailers: conflicts, and how the rule decided */
	struct text said;                 /* lines for the person */
	size_t files;                     /* taken over, other than entries */
};

static int open_texts(struct merge *merge)
{
	struct text *text[] = {&merge->kept, &merge->chosen, &merge->said};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		text[i]->stream = open_memstream(&text[i]->text, &text[i]->size);
		if (!text[i]->stream)
			return -ENOMEM;
	}
	return 0;
}

static void clear_texts(struct merge *merge)
{
	struct text *text[] = {&merge->kept, &merge->chosen, &merge->said};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (text[i]->stream)
			fclose(text[i]->stream);
		free(text[i]->text);
	}
}

/* What became of main, as the merge of a task says it. */
static void word_outcome(FILE *stream, const struct merge *merge)
{
	const struct history_item *item = merge->first;
	struct transition one = {.after = NULL};
	struct entry *const before = NULL;
	const struct wording wording = {.kind = merge->request->kind,
	                                .transition = &one,
	                                .transitions = merge->outcome->applied,
	                                .before = &before};

	if (item) {
		one = (struct transition){
		        .segment = item->segment, .address = item->address, .after = item->result};
		wording_merge_subject(stream, &wording);
	} else if (merge->files > 0) {
		fprintf(stream, "merge: %s %zu other file%s", wording.kind, merge->files,
		        text_plural(merge->files));
	} else {
		fprintf(stream, "merge: %s nothing changed", wording.kind);
	}
	fputs("\n\n", stream);
}

/* Who takes it up, in a fleet. */
static void word_node(FILE *stream, const struct merge *merge)
{
	if (merge->archive->fleet)
		fprintf(stream, "Node: %s\n", merge->archive->fleet);
}

/* Of another node the subject names the source; of a branch a trailer does. */
static void word_merge(FILE *stream, const struct merge *merge, const char *id)
{
	const struct mergecommit_request *request = merge->request;
	bool branch = strcmp(request->kind, "operator") == 0;

	if (branch) {
		word_outcome(stream, merge);
	} else {
		fputs("merge: ", stream);
		wording_clean(stream, request->source);
		fputs("\n\n", stream);
	}
	if (merge->kept.size > 0)
		fprintf(stream, "%s\n", merge->kept.text);
	wording_trailers(stream, id, merge->segment, NULL);
	word_node(stream, merge);
	if (branch) {
		fputs("Branch: ", stream);
		wording_clean(stream, request->source);
		fputc('\n', stream);
	}
	fputs(merge->chosen.text, stream);
}

static void word_revert(FILE *stream, const struct merge *merge, const char *id)
{
	const struct request *revert = merge->request->revert;

	const char *verb = revert->retire    ? "operator: retire node "
	                   : revert->commits ? "revert: "
	                                     : "operator: unset ";

	if (!revert->message || !wording_operator(stream, revert->message))
		fprintf(stream, "%s%s\n", verb, revert->name);
	fputc('\n', stream);
	for (size_t i = 0; i < revert->commits && i < COMMITS_NAMED; i++)
		fprintf(stream, "Undoes commit %s.\n", git_oid_tostr_s(&revert->commit[i]));
	if (revert->commits > COMMITS_NAMED)
		fprintf(stream, "And %zu more.\n", revert->commits - COMMITS_NAMED);
	if (merge->kept.size > 0)
		fprintf(stream, "\n%s", merge->kept.text);
	fputc('\n', stream);
	wording_trailers(stream, id, merge->segment, NULL);
	word_node(stream, merge);
	if (revert->commits)
		fprintf(stream, "Reverts: %s\n", revert->name);
	if (revert->retire)
		fprintf(stream, "Retired: %s\n", revert->name);
}

static char *word(struct merge *merge, const char *id)
{
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);

	if (!stream)
		return NULL;
	fflush(merge->kept.stream);
	fflush(merge->chosen.stream);
	if (merge->request->revert)
		word_revert(stream, merge, id);
	else
		word_merge(stream, merge, id);
	return wording_finish(stream, &message);
}

static void say_merge(FILE *stream, const struct merge *merge)
{
	const struct history_outcome *outcome = merge->outcome;
	const char *source = merge->request->source;
	size_t chosen = outcome->chosen, applied = outcome->applied;

	if (applied == 0 && merge->files == 0 && merge->said.size == 0) {
		fprintf(stream, "merged %.200s: nothing changed, main has it already", source);
		return;
	}
	fprintf(stream, "merged %.200s: %zu address%s changed", source, applied,
	        applied == 1 ? "" : "es");
	if (merge->files > 0)
		fprintf(stream, ", %zu other file%s", merge->files, text_plural(merge->files));
	if (chosen > 0)
		fprintf(stream, ", %zu decided by the rule", chosen);
	fputs(merge->said.text, stream);
	if (chosen > VERDICTS_SAID)
		fprintf(stream, "\nand %zu more: 'git log -1' of main names all",
		        chosen - VERDICTS_SAID);
}

static void say_revert(FILE *stream, const struct merge *merge)
{
	const struct history_outcome *outcome = merge->outcome;
	const char *name = merge->request->revert->name;

	if (merge->request->revert->retire)
		fprintf(stream, "%s is retired: %zu address%s changed", name, outcome->applied,
		        outcome->applied == 1 ? "" : "es");
	else if (merge->request->revert->commits == 0)
		fprintf(stream, "%s is removed from main; it was outside the configured segments",
		        name);
	else if (outcome->applied == 0 && outcome->chosen == 1)
		fprintf(stream, "nothing of %s can be undone: its address was changed since", name);
	else if (outcome->applied == 0 && outcome->chosen > 1)
		fprintf(stream, "nothing of %s can be undone: its %zu addresses were changed since",
		        name, outcome->chosen);
	else if (outcome->applied == 0)
		fprintf(stream, "everything is as it was before %s already: nothing changed", name);
	else
		fprintf(stream, "undid %s: %zu address%s changed", name, outcome->applied,
		        outcome->applied == 1 ? "" : "es");
	if (outcome->applied > 0 && outcome->chosen > 0)
		fprintf(stream, ", %zu changed since and left as %s", outcome->chosen,
		        outcome->chosen == 1 ? "it is" : "they are");
	if (merge->request->outside > 0)
		fprintf(stream, "\n%zu outside the configured segments, such as %.120s: left alone",
		        merge->request->outside, merge->request->outside_path);
}

static void say(struct merge *merge)
{
	struct history_outcome *outcome = merge->outcome;
	/* What is too long is cut; there is room for the NUL in any case. */
	FILE *stream = fmemopen(outcome->text, sizeof(outcome->text), "w");

	outcome->text[0] = '\0';
	if (!stream)
		return;
	fflush(merge->said.stream);
	if (merge->request->revert)
		say_revert(stream, merge);
	else
		say_merge(stream, merge);
	fclose(stream);
	outcome->text[sizeof(outcome->text) - 1] = '\0';
}

int mergecommit_decide(struct archive *archive, struct history_proposal *proposal,
                       const git_oid *tree, struct fault *fault)
{
	const struct merge_scope scope = archive_scope(archive);
	const struct merge_ours ours = archive_ours(archive, tree);

	return decide_items(proposal, &(struct decide_request){.scope = &scope, .ours = &ours},
	                    fault);
}

static void note_applied(struct merge *merge, const struct history_item *item)
{
	const char *segment = merge->archive->segment[item->segment].name;

	if (merge->outcome->applied++ == 0) {
		merge->segment = segment;
		merge->first = item;
	} else if (merge->segment != segment) {
		merge->segment = NULL;
	}
}

/* The table took theirs: the files' ids are enough. */
static int take_theirs(struct merge *merge, const struct history_item *item, struct fault *fault)
{
	git_oid ours, theirs;
	int error = archive_find(merge->archive, &ours, &merge->request->ours->tree, item->segment,
	                         item->address, fault);

	memcpy(theirs.id, item->blob, GIT_OID_RAWSZ);
	if (error && error != -ENOENT)
		return error;
	if (item->theirs ? !error && git_oid_equal(&ours, &theirs) : error == -ENOENT)
		return 0;
	note_applied(merge, item);
	return stored_set_blob(&merge->edits, merge->archive->segment, item->segment, item->address,
	                       item->theirs ? &theirs : NULL, fault);
}

static void note_choice(struct merge *merge, const struct history_item *item,
                        const struct entry *ours, const struct decided *decided)
{
	const char *side = decided->took_ours ? "ours" : "theirs";
	char address[ADDRESS_TEXT];

	address_format(address, item->address);
	merge->outcome->chosen++;
	if (merge->request->revert) {
		fprintf(merge->kept.stream, "%s was changed since: left as it is\n", address);
		return;
	}
	fprintf(merge->chosen.stream, "Chosen: %s %s (%s)\n", address, decided->why, side);
	if (merge->outcome->chosen <= VERDICTS_SAID)
		verdict_say(
		        merge->said.stream, merge->archive,
		        &(struct verdict){item, ours, &merge->request->ours->tree, decided->why});
}

static int merge_item(struct merge *merge, const struct history_item *item, struct fault *fault)
{
	struct archive *archive = merge->archive;
	struct entry *ours = NULL;
	struct decided decided;
	int error;

	if (decide_took_theirs(merge->request->proposal, item))
		return take_theirs(merge, item, fault);
	error = archive_entry(archive, &ours, &merge->request->ours->tree, item->segment,
	                      item->address, fault);
	if (error)
		return error;
	decided = decide_item(item, ours);
	if (decided.changed)
		note_applied(merge, item);
	/* A merge also puts an equal entry's text into its standard form; a revert does not. */
	if (decided.changed || (!merge->request->revert && item->choice != MERGE_REFUSED))
		error = stored_set(&merge->edits, archive->writer, archive->segment, item->segment,
		                   item->address, item->result, fault);
	if (!error && decided.why)
		note_choice(merge, item, ours, &decided);
	entry_free(ours);
	return error;
}

static int merge_file(struct merge *merge, const struct edit *theirs, const struct edit *before,
                      struct fault *fault)
{
	const struct merge_scope scope = archive_scope(merge->archive);
	const struct merge_ours ours = archive_ours(merge->archive, &merge->request->ours->tree);
	enum decide_file what;
	int error = decide_file(&what, &scope, &ours, theirs, before, fault);

	if (error || what == DECIDE_FILE_LEFT)
		return error;
	if (what == DECIDE_FILE_KEPT) {
		fputs("Both sides changed ", merge->kept.stream);
		wording_clean(merge->kept.stream, theirs->path);
		fputs(": main's stays.\n", merge->kept.stream);
		fprintf(merge->said.stream, "\n%.80s: both sides changed it, main's stays",
		        theirs->path);
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
	const struct mergecommit_request *request = merge->request;
	int error = 0;

	for (size_t i = 0; i < request->proposal->items && !error; i++)
		error = merge_item(merge, &request->proposal->item[i], fault);
	for (size_t i = 0; i < request->others->count && !error; i++)
		error = merge_file(merge, &request->others->edit[i],
		                   &request->others_before->edit[i], fault);
	if (!error)
		error = writer_tree(merge->archive->writer, tree, &request->ours->tree,
		                    merge->edits.edit, merge->edits.count, fault);
	return error;
}

/* Who is the commit's author: the operator, or who wrote what was pushed. NULL: the agent. */
static int find_author(char **author, const struct merge *merge)
{
	const struct mergecommit_request *request = merge->request;
	git_commit *commit = NULL;
	int error = 0;

	*author = NULL;
	if (request->revert && request->revert->author) {
		*author = wording_person(request->revert->author, merge->archive->host);
		return *author ? 0 : -ENOMEM;
	}
	if (request->pushed &&
	    git_commit_lookup(&commit, merge->archive->repository, request->pushed) == 0)
		error = own_person(author, commit);
	git_commit_free(commit);
	return error;
}

static int write_commit(struct merge *merge, struct mergecommit *commit, const git_oid *tree,
                        struct fault *fault)
{
	const struct mergecommit_request *request = merge->request;
	char *message = word(merge, commit->id), *author;
	int unknown = find_author(&author, merge);
	struct commit_spec spec = {.base = tree,
	                           .parent = {request->first, request->second},
	                           .parents = request->second ? 2 : 1,
	                           .message = message,
	                           .author = author};
	int error = message && !unknown
	                    ? writer_commit(merge->archive->writer, &commit->made, &spec, fault)
	                    : fault_set(fault, -ENOMEM, "out of memory");

	free(message);
	free(author);
	return error;
}

int mergecommit_make(struct archive *archive, struct mergecommit *commit,
                     const struct mergecommit_request *request, struct fault *fault)
{
	struct merge merge = {.archive = archive, .request = request, .outcome = &commit->outcome};
	git_oid tree;
	int error;

	*commit = (struct mergecommit){.made = *request->ours};
	error = open_texts(&merge);
	if (error)
		fault_set(fault, error, "out of memory");
	else
		error = merge_all(&merge, &tree, fault);
	if (!error && (!request->revert || commit->outcome.applied > 0 || merge.files > 0)) {
		branches_next_id(&archive->branches, commit->id, request->kind, time(NULL));
		if (request->forward && git_oid_equal(&tree, &request->forward->tree))
			commit->made = *request->forward;
		else
			error = write_commit(&merge, commit, &tree, fault);
	}
	if (!error)
		say(&merge);
	clear_texts(&merge);
	edits_clear(&merge.edits);
	return error;
}

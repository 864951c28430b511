// SPDX-License-Identifier: MIT
/* Writes notes and removes references, at the remote. Takes no request. */
#include "sync/answers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sync/gitwords.h"
#include "sync/ids.h"
#include "sync/operators.h"

static const char *const outcome[] = {
        [SYNC_MERGED] = "merged", [SYNC_DECLINED] = "refused", [SYNC_LEFT] = "left out"};

static void complain(struct exchange *exchange, const struct sync_asked *asked, const char *what,
                     const char *summary)
{
	char name[SYNC_NAME];

	snprintf(name, sizeof(name), "merge/%s", asked->name);
	syncreport_refuse(exchange->report, name, asked->id, SYNC_UNANSWERED,
	                  "it is %s, and the remote did not take %s: %.70s",
	                  outcome[asked->verdict], what, summary);
}

/* Adds a note aside. */
static int write_note(const struct exchange *exchange, const struct sync_asked *asked,
                      struct fault *fault)
{
	const char *node = exchange->request->node;
	char path[PATH_MAX + 32], email[NODE_NAME_MAX + 40];
	const char *const words[] = {"-c",
	                             "user.name=arpkeeper",
	                             "-c",
	                             email,
	                             "notes",
	                             "--ref",
	                             OPERATORS_NOTES,
	                             "add",
	                             "-f",
	                             "-F",
	                             path,
	                             asked->id,
	                             NULL};
	FILE *file;

	snprintf(email, sizeof(email), "user.email=arpkeeper@%s", node);
	snprintf(path, sizeof(path), "%sanswer", exchange->aside_directory);
	file = fopen(path, "we");
	if (!file)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	fprintf(file, "%s\n\nNode: %s\nOutcome: %s\n",
	        asked->words[0]                 ? asked->words
	        : asked->verdict == SYNC_MERGED ? "nothing to merge: main has it already"
	                                        : "refused",
	        node, outcome[asked->verdict]);
	if (fclose(file) != 0)
		return fault_set(fault, -EIO, "%s cannot be written", path);
	return gitchild_try(exchange->aside_directory, words, NULL, NULL, NULL, fault);
}

/* main may begin at a boundary (history.keep), which git must know to push it. Only then: a fetch
 * would take it for one of the branches, too. */
static int set_boundary(const struct exchange *exchange, bool set, struct fault *fault)
{
	char from[PATH_MAX + 32], to[PATH_MAX + 32], line[SYNC_ID + 1];
	FILE *in, *out;
	int error = 0;

	snprintf(from, sizeof(from), "%sshallow", exchange->directory);
	snprintf(to, sizeof(to), "%sshallow", exchange->aside_directory);
	unlink(to);
	in = set ? fopen(from, "re") : NULL;
	if (!in)
		return 0;
	out = fopen(to, "we");
	while (out && fgets(line, sizeof(line), in))
		fputs(line, out);
	fclose(in);
	if (!out || fclose(out) != 0)
		error = fault_set(fault, -EIO, "%s cannot be written", to);
	return error;
}

/* Whether the remote refused a history that was thinned, as a whole: that is not sent every minute.
 */
static bool is_refused(const struct exchange *exchange)
{
	char path[PATH_MAX + 32];

	snprintf(path, sizeof(path), "%sshallow", exchange->directory);
	return !exchange->tips.table[0] && access(path, F_OK) == 0 &&
	       json_object_get(exchange->request->skip, "table");
}

/* Pushes main, and the notes that are new. */
static int publish(struct exchange *exchange, bool notes, struct fault *fault)
{
	const struct sync_request *request = exchange->request;
	struct tips *tips = &exchange->tips;
	char table[sizeof(SYNC_TABLE) + NODE_NAME_MAX], main[SYNC_ID], noted[SYNC_ID] = "";
	struct gitwords_change change[2];
	const struct gitwords_change *note = NULL;
	size_t count = 0;
	int error = ids_of_reference(exchange->directory, MAIN_REF, main, fault);

	if (!error && notes)
		error = ids_of_reference(exchange->aside_directory, OPERATORS_NOTES, noted, fault);
	if (error)
		return error;
	snprintf(table, sizeof(table), SYNC_TABLE "%s", request->node);
	if (noted[0]) {
		note = &change[count];
		change[count++] = (struct gitwords_change){.reference = OPERATORS_NOTES,
		                                           .expected = exchange->operators.notes,
		                                           .id = noted};
	}
	if (main[0] && strcmp(main, tips->table) != 0 && !is_refused(exchange))
		change[count++] = (struct gitwords_change){
		        .reference = table, .expected = tips->table, .id = main};
	error = count ? set_boundary(exchange, true, fault) : 0;
	if (!error && count)
		error = gitwords_change(&exchange->git, change, count, fault);
	(void)set_boundary(exchange, false, NULL);
	for (size_t i = 0; !error && i < count; i++)
		if (&change[i] != note && change[i].verdict == '!')
			syncreport_refuse(exchange->report, "table", main, SYNC_REFUSED,
			                  "the remote did not take it: %.60s%s", change[i].summary,
			                  strstr(change[i].summary, "shallow")
			                          ? ": run `git config receive.shallowUpdate true` "
			                            "there, for a history that was thinned"
			                          : "");
	for (size_t i = 0; !error && note && i < exchange->operators.handed; i++) {
		struct sync_asked *asked = &tips->asked[i];

		if (asked->verdict == SYNC_PENDING || asked->noted)
			continue;
		asked->noted = note->verdict != '!';
		/* Another one wrote notes meanwhile: the next exchange adds ours to them. */
		if (!asked->noted && !strstr(note->summary, "stale info"))
			complain(exchange, asked, "the note", note->summary);
	}
	return error;
}

static int remove_answered(struct exchange *exchange, struct fault *fault)
{
	struct gitwords_change change[GITWORDS_CHANGES];
	char reference[GITWORDS_CHANGES][sizeof(SYNC_ASKED) + SYNC_ASKED_NAME];
	struct sync_asked *asked[GITWORDS_CHANGES];
	struct sync_report *report = exchange->report;
	size_t count = 0;
	int error;

	for (size_t i = 0; i < exchange->operators.handed; i++) {
		struct sync_asked *one = &exchange->tips.asked[i];

		if (!one->noted || one->verdict == SYNC_LEFT)
			continue;
		snprintf(reference[count], sizeof(reference[count]), SYNC_ASKED "%s", one->name);
		asked[count] = one;
		change[count] = (struct gitwords_change){
		        .reference = reference[count], .expected = one->id, .id = ""};
		count++;
	}
	if (count == 0)
		return 0;
	error = gitwords_change(&exchange->git, change, count, fault);
	for (size_t i = 0; !error && i < count; i++) {
		if (change[i].verdict == '!' && !strstr(change[i].summary, "stale info"))
			complain(exchange, asked[i], "its removal", change[i].summary);
		report->merged += asked[i]->verdict == SYNC_MERGED;
		report->declined += asked[i]->verdict == SYNC_DECLINED;
		report->waiting--;
	}
	return error;
}

int answers_send(struct exchange *exchange, struct fault *fault)
{
	const struct sync_request *request = exchange->request;
	struct operators *operators = &exchange->operators;
	bool notes = false;
	int error = 0;

	if (!request->operators || strcmp(exchange->report->holder, request->node) != 0)
		return 0;
	for (size_t i = 0; i < operators->handed && !error; i++) {
		struct sync_asked *asked = &exchange->tips.asked[i];

		if (asked->verdict == SYNC_PENDING || asked->noted)
			continue;
		error = write_note(exchange, asked, fault);
		/* git may not know what to note there. The alert has it. */
		if (error && asked->verdict == SYNC_LEFT) {
			asked->verdict = SYNC_PENDING;
			error = 0;
			continue;
		}
		notes = true;
	}
	if (!error)
		error = publish(exchange, notes, fault);
	return error ? error : remove_answered(exchange, fault);
}

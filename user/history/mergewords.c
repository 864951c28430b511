// SPDX-License-Identifier: MIT
/* The words of merges and reverts. Touches no git. */
#include "history/mergewords.h"

#include <errno.h>
#include <stdlib.h>

#include "format/format.h"

#define COMMITS_NAMED 20 /* in a revert's message */

int mergewords_init(struct mergewords *words)
{
	struct mergewords_text *text[] = {&words->kept, &words->chosen, &words->said};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		text[i]->stream = open_memstream(&text[i]->text, &text[i]->size);
		if (!text[i]->stream)
			return -ENOMEM;
	}
	return 0;
}

void mergewords_clear(struct mergewords *words)
{
	struct mergewords_text *text[] = {&words->kept, &words->chosen, &words->said};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (text[i]->stream)
			fclose(text[i]->stream);
		free(text[i]->text);
	}
}

static void word_merge(FILE *stream, const struct mergewords *words, const char *id)
{
	fputs("merge: ", stream);
	wording_clean(stream, words->source);
	fputs("\n\n", stream);
	if (words->kept.size > 0)
		fprintf(stream, "%s\n", words->kept.text);
	wording_trailers(stream, id, NULL, NULL);
	fputs(words->chosen.text, stream);
}

static void word_revert(FILE *stream, const struct mergewords *words, const char *id)
{
	const struct request *revert = words->revert;

	if (!revert->message || !wording_operator(stream, revert->message))
		fprintf(stream, "revert: %s\n", revert->name);
	fputc('\n', stream);
	for (size_t i = 0; i < revert->commits && i < COMMITS_NAMED; i++)
		fprintf(stream, "Undoes commit %s.\n", git_oid_tostr_s(&revert->commit[i]));
	if (revert->commits > COMMITS_NAMED)
		fprintf(stream, "And %zu more.\n", revert->commits - COMMITS_NAMED);
	if (words->kept.size > 0)
		fprintf(stream, "\n%s", words->kept.text);
	fputc('\n', stream);
	wording_trailers(stream, id, words->segment, NULL);
	fprintf(stream, "Reverts: %s\n", revert->name);
}

char *mergewords_message(struct mergewords *words, const char *id)
{
	char *message = NULL;
	size_t size;
	FILE *stream = open_memstream(&message, &size);

	if (!stream)
		return NULL;
	fflush(words->kept.stream);
	fflush(words->chosen.stream);
	if (words->revert)
		word_revert(stream, words, id);
	else
		word_merge(stream, words, id);
	if (fclose(stream) == 0)
		return message;
	free(message);
	return NULL;
}

static void say_merge(FILE *stream, const struct mergewords *words,
                      const struct history_outcome *outcome)
{
	fprintf(stream, "merged %.200s: %zu address%s changed", words->source, outcome->applied,
	        outcome->applied == 1 ? "" : "es");
	if (words->files > 0)
		fprintf(stream, ", %zu other file%s", words->files, words->files == 1 ? "" : "s");
	if (outcome->chosen > 0)
		fprintf(stream, ", %zu decided by the rule", outcome->chosen);
	fputs(words->said.text, stream);
}

static void say_revert(FILE *stream, const struct mergewords *words,
                       const struct history_outcome *outcome)
{
	const char *name = words->revert->name;

	if (outcome->applied == 0 && outcome->chosen == 1)
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
	if (words->outside > 0)
		fprintf(stream, "\n%zu outside the configured segments, such as %.120s: left alone",
		        words->outside, words->outside_path);
}

void mergewords_say(struct mergewords *words, struct history_outcome *outcome)
{
	/* What is too long is cut; there is room for the NUL in any case. */
	FILE *stream = fmemopen(outcome->text, sizeof(outcome->text), "w");

	outcome->text[0] = '\0';
	if (!stream)
		return;
	fflush(words->said.stream);
	if (words->revert)
		say_revert(stream, words, outcome);
	else
		say_merge(stream, words, outcome);
	fclose(stream);
	outcome->text[sizeof(outcome->text) - 1] = '\0';
}

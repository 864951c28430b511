// SPDX-License-Identifier: MIT
/* Pushes into the agent's own repository, and listens. Judges nothing by itself. */
#include "sync/handover.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sync/gitwords.h"
#include "sync/ids.h"

#define SPEC (SYNC_ID + REF_NAME_MAX + 2)

struct hearing {
	struct sync_asked *asked;
	size_t used;      /* of the words */
	char verdict;     /* of git's line; 0: none */
	char summary[80]; /* what git says of it */
};

/* "remote: <text>        ": git adds blanks. */
static int on_words(void *context, char *line)
{
	struct hearing *hearing = context;
	char *words = hearing->asked->words, *text = line + strlen("remote: ");
	size_t length = strlen(line);
	int added;

	if (strncmp(line, "remote: ", strlen("remote: ")) != 0 || strstr(line, "% ("))
		return 0;
	while (line + length > text && line[length - 1] == ' ')
		line[--length] = '\0';
	added = snprintf(words + hearing->used, SYNC_WORDS - hearing->used, "%s\n", text);
	hearing->used += (size_t)added;
	if (hearing->used >= SYNC_WORDS)
		hearing->used = SYNC_WORDS - 1;
	return 0;
}

/* "*	<id>:<reference>	[new branch]" */
static int on_line(void *context, char *line)
{
	struct hearing *hearing = context;
	const char *summary = line[0] && line[1] == '\t' ? strchr(line + 2, '\t') : NULL;

	if (!summary)
		return 0;
	hearing->verdict = *line;
	snprintf(hearing->summary, sizeof(hearing->summary), "%s", summary + 1);
	return 0;
}

/* One that was refused before, and is another now, would be in the way. */
static void remove_reference(const struct exchange *exchange, const char *reference, const char *id)
{
	const char *const words[] = {"update-ref", "-d", reference, id, NULL};

	(void)gitchild_try(exchange->directory, words, NULL, NULL, NULL, NULL);
}

static void clear_way(const struct exchange *exchange, const char *reference, const char *id)
{
	struct fault fault;
	char there[SYNC_ID];

	if (ids_of_reference(exchange->directory, reference, there, &fault) == 0 && there[0] &&
	    strcmp(there, id) != 0)
		remove_reference(exchange, reference, there);
}

static bool is_in_main(const struct exchange *exchange, const char *id)
{
	const char *const words[] = {"merge-base", "--is-ancestor", id, MAIN_REF, NULL};

	return gitchild_try(exchange->directory, words, NULL, NULL, NULL, NULL) == 0;
}

/* The hook names the reference before it says what is wrong. One that was killed, or had no memory,
 * has judged nothing. */
static bool is_judged(const char *words, const char *reference)
{
	char line[REF_NAME_MAX + sizeof(" is refused:")];

	snprintf(line, sizeof(line), "%s is refused:", reference);
	return strstr(words, line) != NULL;
}

/* Who pushed to the remote knows the request by the name that it has there. */
static void name_as_there(const struct exchange *exchange, char *words)
{
	char here[sizeof("merge//") + NODE_NAME_MAX];
	size_t length;

	snprintf(here, sizeof(here), "merge/%s/", exchange->request->remote);
	length = strlen(here);
	for (char *at = strstr(words, here); at; at = strstr(at, here)) {
		at += strlen("merge/");
		memmove(at, at + length - strlen("merge/"),
		        strlen(at + length - strlen("merge/")) + 1);
	}
}

/* Asks the agent. Its words are of now; those of a refusal were said already. */
static void ask(const struct sync_request *request, struct sync_asked *asked, const char *reference)
{
	char words[SYNC_WORDS] = "";

	if (!request->ask)
		return;
	asked->verdict = request->ask(request->ask_context, reference, words, sizeof(words));
	if (words[0] && (!asked->words[0] || asked->verdict != SYNC_DECLINED))
		memcpy(asked->words, words, sizeof(words));
}

int handover_run(const struct exchange *exchange, struct sync_asked *asked, struct fault *fault)
{
	const struct sync_request *request = exchange->request;
	char path[PATH_MAX], reference[REF_NAME_MAX], spec[SPEC];
	const char *const specs = spec;
	struct hearing hearing = {.asked = asked};
	struct remotegit git = exchange->git;
	int error;

	snprintf(path, sizeof(path), "%.*s", (int)strlen(exchange->directory) - 1,
	         exchange->directory);
	git.url = git.said = path;
	snprintf(reference, sizeof(reference), MERGE_REFS "%s/%s", request->remote, asked->name);
	snprintf(spec, sizeof(spec), "%s:%s", asked->id, reference);
	asked->verdict = SYNC_PENDING;
	asked->words[0] = '\0';
	clear_way(exchange, reference, asked->id);
	error = gitwords_push(&git, NULL, 0, &specs, 1, on_line, on_words, &hearing, fault);
	if (error == -ETIMEDOUT)
		return 0;
	if (error && (error != -EREMOTEIO || !hearing.verdict))
		return error;
	if (hearing.verdict == '!' && strstr(hearing.summary, "hook declined") &&
	    is_judged(asked->words, reference)) {
		asked->verdict = SYNC_DECLINED;
	} else if (hearing.verdict == '!') {
		return fault_set(
		        fault, -EREMOTEIO, "merge/%s cannot be handed over, and waits: %s: %.200s",
		        asked->name, hearing.summary, asked->words[0] ? asked->words : git.words);
	} else {
		bool merged = is_in_main(exchange, asked->id);

		/* It was here before, so that no hook ran; or it waits, or was refused. */
		if (!merged || !asked->words[0])
			ask(request, asked, reference);
		if (merged || is_in_main(exchange, asked->id))
			asked->verdict = SYNC_MERGED;
		if (asked->verdict == SYNC_DECLINED)
			remove_reference(exchange, reference, asked->id);
	}
	name_as_there(exchange, asked->words);
	return 0;
}

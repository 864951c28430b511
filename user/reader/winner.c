// SPDX-License-Identifier: MIT
/* Asks the merge's message for the reason, and the look-back index for the author. */
#include "reader/winner.h"

#include <stdio.h>
#include <string.h>

#include "reader/state.h"
#include "reader/value.h"

#define CHOSEN "\nChosen: "

/* "Chosen: 10.0.3.17 later since (ours)", of the agent's merges. */
static bool said(char why[WINNER_WHY], const git_commit *commit, uint32_t address)
{
	const char *at = own_commit(commit) ? git_commit_message(commit) : "";
	char text[IPV4_TEXT];
	size_t length;

	length = strlen(ipv4_format(text, address));
	while ((at = strstr(at, CHOSEN))) {
		const char *end;

		at += strlen(CHOSEN);
		end = strstr(at, " (ours)\n");
		if (strncmp(at, text, length) != 0 || at[length] != ' ' || !end ||
		    memchr(at, '\n', (size_t)(end - at)))
			continue;
		at += length + 1;
		snprintf(why, WINNER_WHY, "%.*s", (int)(end - at), at);
		return true;
	}
	return false;
}

void winner_why(char why[WINNER_WHY], const struct winner *winner, const struct entry *kept,
                const struct entry *lost)
{
	if (!said(why, winner->merge, winner->address))
		snprintf(why, WINNER_WHY, "%s", entry_merge_reason(kept, lost));
}

struct search {
	const struct winner *winner;
	struct reader *reader;
	uint32_t before; /* the merge's ordinal */
	char path[ENTRY_PATH_MAX];
	char *by;
};

static void name(char by[TASK_ID_MAX], const git_commit *commit)
{
	const char *task =
	        own_commit(commit) ? strstr(git_commit_message(commit), "\nTask: ") : NULL;
	const char *author = git_commit_author(commit)->name;

	if (task)
		task += strlen("\nTask: ");
	if (task && strncmp(task, "operator/", strlen("operator/")) != 0)
		snprintf(by, TASK_ID_MAX, "%.*s", (int)strcspn(task, "\n"), task);
	else if (strcmp(author, OWN_NAME) != 0)
		snprintf(by, TASK_ID_MAX, "%s", author);
}

static int look(void *context, const struct index_change *change)
{
	struct search *search = context;
	struct reader *reader = search->reader;
	const char *segment = index_segment_name(reader->index, change->segment);
	struct value value = {.entry = NULL};
	struct index_commit row;
	git_commit *commit = NULL;
	struct fault ignored;
	bool found = false;

	if (change->commit >= search->before || !segment ||
	    strcmp(segment, search->winner->segment) != 0 ||
	    index_commit_at(reader->index, change->commit, &row) ||
	    git_commit_lookup(&commit, reader->repository, &row.id))
		return 0;
	if (value_read(&value, reader, commit, search->path, &ignored) == 0)
		found = git_oid_equal(&value.id, search->winner->kept);
	if (found)
		name(search->by, commit);
	value_clear(&value);
	git_commit_free(commit);
	return found;
}

void winner_find(char by[TASK_ID_MAX], const struct winner *winner, struct reader *reader)
{
	struct search search = {.winner = winner, .reader = reader, .by = by};

	by[0] = '\0';
	if (git_oid_is_zero(winner->kept) || reader_index(reader, winner->merge, false) < 0 ||
	    index_find(reader->index, git_commit_id(winner->merge), &search.before) < 0)
		return;
	entry_path(search.path, winner->segment, winner->address);
	index_scan(reader->index, &winner->address, NULL, look, &search);
}

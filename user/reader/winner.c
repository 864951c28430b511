// SPDX-License-Identifier: MIT
/* Asks the merge's message for the reason, and the look-back index for the author. */
#include "reader/winner.h"

#include <stdio.h>
#include <string.h>

#include "reader/state.h"

#define CHOSEN "\nChosen: "

/* "Chosen: 10.0.3.17 later since (ours)", of the agent's merges. */
static bool said(char why[WINNER_WHY], const git_commit *commit, struct address address)
{
	const char *at = own_commit(commit) ? git_commit_message(commit) : "";
	char text[ADDRESS_TEXT];
	size_t length;

	length = strlen(address_format(text, address));
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

void winner_find(char by[TASK_ID_MAX], const struct winner *winner, struct reader *reader)
{
	struct author_query query = {.repository = reader->repository,
	                             .segment = winner->segment,
	                             .address = winner->address,
	                             .file = winner->kept};

	by[0] = '\0';
	if (reader_index(reader, winner->merge, false) == 0 &&
	    index_find(reader->index, git_commit_id(winner->merge), &query.before) == 0)
		author_find(by, reader->index, &query);
}

// SPDX-License-Identifier: MIT
/* The index says which commits changed an address; their trees say to what. */
#include "lookback/author.h"

#include <stdio.h>
#include <string.h>

#include "format/format.h"
#include "lookback/index_rows.h"

#define LOOKED_AT 64 /* commits, of one address: who made an entry is mostly the last one */

struct search {
	const struct author_query *query;
	struct index *index;
	char path[ENTRY_PATH_MAX];
	uint32_t row[LOOKED_AT];
	size_t rows;
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
	text_mend(by);
}

static bool made_it(const struct search *search, const git_commit *commit)
{
	git_tree_entry *file = NULL;
	git_tree *tree = NULL;
	bool made = git_commit_tree(&tree, commit) == 0 &&
	            git_tree_entry_bypath(&file, tree, search->path) == 0 &&
	            git_oid_equal(git_tree_entry_id(file), search->query->file);

	git_tree_entry_free(file);
	git_tree_free(tree);
	return made;
}

/* While it is scanned, the index cannot be asked for anything else. */
static int note(void *context, const struct index_change *change)
{
	struct search *search = context;
	const char *segment = index_segment_name(search->index, change->segment);

	if (change->commit < search->query->before && segment &&
	    !strcmp(segment, search->query->segment))
		search->row[search->rows++] = change->commit;
	return search->rows >= LOOKED_AT;
}

static void look(char by[TASK_ID_MAX], struct search *search, uint32_t number)
{
	struct index_commit row;
	git_commit *commit = NULL;

	if (index_commit_at(search->index, number, &row) ||
	    git_commit_lookup(&commit, search->query->repository, &row.id))
		return;
	/* A merge has it from another commit, whose row comes next. */
	if (git_commit_parentcount(commit) < 2 && made_it(search, commit))
		name(by, commit);
	git_commit_free(commit);
}

void author_find(char by[TASK_ID_MAX], struct index *index, const struct author_query *query)
{
	struct search search = {.query = query, .index = index};

	by[0] = '\0';
	if (!index || git_oid_is_zero(query->file))
		return;
	entry_path(search.path, query->segment, query->address);
	if (index_scan(index, &query->address, NULL, note, &search) < 0)
		return;
	for (size_t i = 0; i < search.rows && !by[0]; i++)
		look(by, &search, search.row[i]);
}

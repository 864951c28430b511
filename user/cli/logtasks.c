/* SPDX-License-Identifier: MIT */
/* The tasks as a table, whose second column is the drawing. */
#include "cli/logtasks.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/lanes.h"
#include "cli/table.h"
#include "cli/when.h"

#define ROWS_AT_ONCE 64

struct output {
	struct rows rows;
	struct lanes lanes;
};

/* Programs that read the output get ASCII, whatever their environment. */
static bool is_unicode(void)
{
	bool is;

	(void)setlocale(LC_CTYPE, "");
	is = isatty(STDOUT_FILENO) && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	(void)setlocale(LC_CTYPE, "C");
	return is;
}

static int print(void *context, const struct reader_task *task)
{
	struct output *output = context;
	char when[WHEN_TEXT], lanes[LANES_TEXT], count[24], by[128], commit[8];

	lanes_draw(lanes, &output->lanes, task);
	snprintf(count, sizeof(count), "%zu%s", task->changes, task->more ? "+" : "");
	snprintf(by, sizeof(by), "by %s", task->author);
	snprintf(commit, sizeof(commit), "%.7s", task->commit);
	table_row(output->rows.table, when_time(when, task->time), lanes,
	          *task->kind ? task->kind : NULL, count, task->subject,
	          *task->task && task->lane != LANE_PUSH ? task->task : by, commit);
	return rows_add(&output->rows, NULL);
}

int logtasks_print(struct reader *reader, const struct reader_tasks_query *query,
                   struct fault *fault)
{
	struct output output = {
	        .rows = {.titles = "TIME|" LANES_HEAD "|*KIND|>ADDRESSES|~WHAT|~TASK|COMMIT",
	                 .opening = "",
	                 .at_once = ROWS_AT_ONCE},
	        .lanes = {.unicode = is_unicode()}};
	struct reader_tasks_query page = *query;
	char next[41], before[41];
	int error = rows_begin(&output.rows, false);

	page.bases = true;
	while (!error) {
		error = reader_tasks(next, reader, &page, print, &output, fault);
		if (error || !next[0] || ferror(stdout) ||
		    (query->limit && output.rows.count >= query->limit))
			break;
		memcpy(before, next, sizeof(before));
		page.before = before;
		page.limit = query->limit ? query->limit - output.rows.count : 0;
	}
	return rows_end(&output.rows, error, "nothing is recorded", "", fault);
}

/* SPDX-License-Identifier: MIT */
/* Prints long lists piece by piece. It does not know what the rows are about. */
#include "cli/rows.h"

#include <errno.h>
#include <stdio.h>

int rows_begin(struct rows *rows, bool json)
{
	if (json)
		return 0;
	rows->table = table_new(rows->titles);
	return rows->table ? 0 : -ENOMEM;
}

int rows_add(struct rows *rows, json_t *member)
{
	int error = 0;

	if (!rows->table) {
		if (!member)
			return -ENOMEM;
		printf("%s\n  ", rows->count ? "," : rows->opening);
		json_dumpf(member, stdout, rows->spaced ? 0 : JSON_COMPACT);
		json_decref(member);
	}
	rows->count++;
	if (rows->table && rows->count % rows->at_once == 0)
		error = table_write(rows->table, stdout);
	return error < 0 ? error : ferror(stdout) != 0;
}

int rows_end(struct rows *rows, int error, const char *nothing, const char *tail,
             struct fault *fault)
{
	bool complete = error >= 0;

	if (!rows->table && (complete || rows->count))
		printf("%s%s%s}\n", rows->count ? "" : rows->opening, rows->count ? "\n]" : "]",
		       tail);
	else if (rows->table && rows->count && table_write(rows->table, stdout) < 0 && complete)
		error = fault_set(fault, -ENOMEM, "out of memory: the list is not complete");
	else if (rows->table && !rows->count && complete)
		line_write(stdout, "%s", nothing);
	table_free(rows->table);
	rows->table = NULL;
	return error;
}

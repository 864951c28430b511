/* SPDX-License-Identifier: MIT */
/* All that a look-back index says, to compare the one that was kept with one made from commits. */
#ifndef TESTS_UNIT_LOOKBACK_ROWS_H
#define TESTS_UNIT_LOOKBACK_ROWS_H

#include "lookback/lookback.h"

#include "../gitshell.h"

struct rows {
	char *line[16384];
	size_t count;
	uint32_t commits;
	git_oid last;
};

GITSHELL int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

GITSHELL int keep(void *context, const struct index_change *change)
{
	struct rows *rows = context;
	char before[MAC_TEXT], after[MAC_TEXT], address[ADDRESS_TEXT];

	assert_true(rows->count < sizeof(rows->line) / sizeof(*rows->line));
	assert_int_equal(change->flags, 0);
	assert_true(asprintf(&rows->line[rows->count++], "%u %s %s %s", change->commit,
	                     address_format(address, change->address),
	                     mac_format(before, change->before),
	                     mac_format(after, change->after)) > 0);
	return 0;
}

GITSHELL int keep_line(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct rows *rows = context;
	char id[GIT_OID_HEXSZ + 1];

	(void)ordinal;
	git_oid_tostr(id, sizeof(id), &commit->id);
	assert_true(asprintf(&rows->line[rows->count++], "line %s %lld", id,
	                     (long long)commit->time) > 0);
	return 0;
}

/* All there is in the index: changes by commit id, and the line. */
GITSHELL void read_rows(const char *path, struct rows *rows)
{
	struct index_commit commit;
	struct index *index;
	struct fault fault = {""};
	char directory[256], id[GIT_OID_HEXSZ + 1], *line;
	size_t changes;

	snprintf(directory, sizeof(directory), "%s/", path);
	if (index_open(&index, directory, 0, false, &fault) < 0)
		fail_msg("%s", fault.text);
	rows->count = 0;
	assert_int_equal(index_scan(index, NULL, NULL, keep, rows), 0);
	changes = rows->count;
	for (size_t i = 0; i < changes; i++) {
		char *rest;
		uint32_t ordinal = (uint32_t)strtoul(rows->line[i], &rest, 10);

		assert_int_equal(index_commit_at(index, ordinal, &commit), 0);
		assert_true(asprintf(&line, "%s%s", git_oid_tostr(id, sizeof(id), &commit.id),
		                     rest) > 0);
		free(rows->line[i]);
		rows->line[i] = line;
	}
	assert_int_equal(index_line(index, INT64_MAX, keep_line, rows), 0);
	rows->commits = index_commits(index);
	assert_int_equal(index_commit_at(index, rows->commits - 1, &commit), 0);
	rows->last = commit.id;
	index_free(index);
	qsort(rows->line, rows->count, sizeof(*rows->line), compare_lines);
}

GITSHELL void free_rows(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		free(rows->line[i]);
	free(rows);
}

/* Whether a line is of a merge. */
GITSHELL bool is_of_merge(const char *path, const char *line)
{
	char parents[256];

	gitshell_output(path, parents, sizeof(parents), "git -C $R rev-list --parents -n 1 %.40s",
	                line);
	return strlen(parents) > 2 * 41;
}

/* What the writer left is all of main, and what the commits say. Of the merges of tasks it writes
 * no rows: the tasks' commits have them. */
GITSHELL void assert_kept(const char *folder, const char *path)
{
	struct rows *kept = calloc(1, sizeof(*kept)), *made = calloc(1, sizeof(*made));
	struct fault fault = {""};
	char directory[256], main[64];
	size_t next = 0;
	git_oid tip;

	snprintf(directory, sizeof(directory), "%s/", path);
	read_rows(path, kept);
	gitshell_output(path, main, sizeof(main), "git -C $R rev-parse main");
	assert_int_equal(git_oid_fromstr(&tip, main), 0);
	assert_true(git_oid_equal(&tip, &kept->last));
	assert_int_equal(gitshell_run(folder, path, "rm $R/arpkeeper/index"), 0);
	assert_int_equal(lookback_tend(directory, &fault), 0);
	read_rows(path, made);
	assert_true(made->count > 0);
	assert_int_equal(kept->commits, made->commits);
	for (size_t i = 0; i < made->count; i++) {
		if (next < kept->count && !strcmp(kept->line[next], made->line[i]))
			next++;
		else
			assert_true(is_of_merge(path, made->line[i]));
	}
	assert_int_equal(next, kept->count);
	free_rows(made);
	free_rows(kept);
}

#endif

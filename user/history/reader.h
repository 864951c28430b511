/* SPDX-License-Identifier: MIT */
/*
 * Reading and checking a repository without an agent: `log`, `check`, and the hooks that git
 * runs on a push. Opens read-only; needs no root.
 */
#ifndef USER_HISTORY_READER_H
#define USER_HISTORY_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"
#include "log/fault.h"

struct reader;

int reader_open(struct reader **reader, const char *path, struct fault *fault);
void reader_close(struct reader *reader);
/* The control socket that the repository's configuration names (malloc'ed), for the hooks. */
int reader_control(const struct reader *reader, char **path, struct fault *fault);

/* One transition of an address, newest first. */
struct reader_event {
	char commit[41];
	int64_t time; /* committer's, Unix seconds */
	const char *segment;
	uint32_t address;
	const struct entry *before, *after; /* NULL: absent */
	const char *task;                   /* "learn/20261122-000017", or "" */
	const char *interface, *trigger;    /* or "" */
	const char *author;                 /* name */
	const char *subject;
};
/* Calls `handle` for each transition on the first-parent and merged history of main, newest first,
 * of one address (`address` not NULL), of every address that had `mac` before or after (`mac` not
 * NULL), or of all. Stops when handle returns non-zero, or after `limit` (0: none). */
int reader_log(struct reader *reader, const uint32_t *address, const struct mac *mac, size_t limit,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault);

/* What `revert` undoes: the commits of a task, or one commit (undo.h). */
struct reader_undo;
int reader_undo_find(struct reader_undo **undo, struct reader *reader, const char *name,
                     struct fault *fault);
const char *reader_undo_name(const struct reader_undo *undo);
/* Their ids in hex, oldest first; valid as long as the undo is. */
const char *const *reader_undo_commits(const struct reader_undo *undo, size_t *count);
void reader_undo_free(struct reader_undo *undo);
/* Each address that the commit `result` does not have as it was before: it was changed since, `by`
 * a task or a commit ("": not looked up, they are many). */
int reader_undo_left(struct reader *reader, const struct reader_undo *undo, const char *result,
                     void (*handle)(void *context, const char *segment, uint32_t address,
                                    const char *by),
                     void *context, struct fault *fault);

/* Checks every entry of main: calls `problem` for each invalid path; returns how many entries are
 * valid, or a negative errno. Also checks that the repository is one of ours. */
int64_t reader_check(struct reader *reader,
                     void (*problem)(void *context, const char *path, const char *reason),
                     void *context, struct fault *fault);

/* git's pre-receive hook: reads `<old> <new> <ref>` lines from standard input in the current
 * repository
 * ($GIT_DIR), prints what is wrong to standard error, and returns the exit status: 1 refuses the
 * push. */
int prereceive_run(void);

#endif

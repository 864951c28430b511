/* SPDX-License-Identifier: MIT */
/*
 * Reading and checking a repository without an agent: `log`, `at`, `diff`, `check`, and the hooks
 * that git runs on a push. Needs no root, and writes nothing but the index for looking back, that
 * only where the repository is the caller's own.
 */
#ifndef USER_READER_H
#define USER_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "entry/entry.h"
#include "wire/wire.h"

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
	bool begins;      /* the history that is kept begins here: what was before is not known */
	const char *task; /* "learn/20261122-000017", or "" */
	const char *interface, *trigger; /* or "" */
	const char *author;              /* name */
	const char *subject;
};
/* What is asked for; all that is NULL or 0 does not matter. */
struct reader_query {
	const uint32_t *address;
	const struct mac *mac; /* that an address had before or after */
	const char *segment;
	size_t limit;
};
/* Calls `handle` for each transition on the first-parent and merged history of main, newest first,
 * until it returns non-zero. Of an address or a MAC by the index (index.h), which is made if there
 * is none. A repository that is none of arpkeeper's: -EINVAL. */
int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault);

/* What main named at a time: on its line of first parents the newest commit that is not later,
 * as `git rev-list -1 --first-parent --before` says it. */
struct reader_moment {
	char commit[41];
	int64_t time; /* that commit's */
};
/* -ENODATA: nothing is recorded so early; the fault says since when. */
int reader_at(struct reader *reader, struct reader_moment *moment, int64_t time,
              struct fault *fault);

/* The table of a moment, in path order: the addresses in `prefix` (NULL: all), and in `segment`
 * (likewise). What is no entry is passed over. Stops when handle returns non-zero, and returns that
 * if it is negative. */
typedef int reader_entry_fn(void *context, const char *segment, uint32_t address,
                            const struct entry *entry);
int reader_table(struct reader *reader, const struct reader_moment *moment,
                 const struct prefix *prefix, const char *segment, reader_entry_fn *handle,
                 void *context, struct fault *fault);

/* What became of each address between two moments; `before` or `after` NULL: absent. */
typedef int reader_difference_fn(void *context, const char *segment, uint32_t address,
                                 const struct entry *before, const struct entry *after);
int reader_diff(struct reader *reader, const struct reader_moment *from,
                const struct reader_moment *to, const struct prefix *prefix, const char *segment,
                reader_difference_fn *handle, void *context, struct fault *fault);

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

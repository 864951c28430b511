/* SPDX-License-Identifier: MIT */
/*
 * The tasks of main as people think of them: what each commit of main's line brought, of which kind
 * it was, and how many addresses it changed. The line goes from main's tip along first parents, as
 * `git log --first-parent` does.
 */
#ifndef USER_READER_TASKS_H
#define USER_READER_TASKS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "reader/event.h"
#include "store/store.h"

struct reader;

/* Where a task is drawn. */
enum task_lane {
	LANE_LEARN, /* learn and resolve */
	LANE_MOVE,
	LANE_EXPIRE,
	LANE_OPERATOR, /* operator and import */
	LANE_PUSH,     /* what people committed, and the merges of it */
	LANE_OTHER
};
#define LANES 6

/* "learn", ..., "other". */
const char *task_lane_name(enum task_lane lane);

/* A count of changed addresses goes no further. */
#define TASK_CHANGES_MAX 100000

struct reader_task {
	char commit[41];
	int64_t time; /* committer's, Unix seconds */
	enum task_lane lane;
	const char *kind;   /* "learn"; READER_PUSH: of people; "": of no task */
	const char *task;   /* "learn/20261122-gateway-000017", or "" */
	const char *branch; /* what a push was merged from: "merge/rack3"; or "" */
	const char *author; /* name */
	const char *subject;
	const char *body; /* the rest of the message, with its trailers; or "" */
	char parent[STORED_PARENTS][41];
	unsigned parents; /* none where the kept history begins */
	size_t changes;   /* addresses that main has otherwise than before */
	bool more;        /* than TASK_CHANGES_MAX: not all were counted */
	/* Of a merge, if asked for: where on main its branch began. "": not known. */
	char base[41];
	int64_t base_time;
};

/* NULL or 0: does not matter. */
struct reader_tasks_query {
	const char *before;   /* only older ones than this commit of main's line, in hex */
	int64_t since, until; /* Unix seconds, both included */
	const char *kind, *by;
	size_t limit;
	bool bases; /* fill in `base` */
};

/* Calls `handle` for each task, newest first, until it returns non-zero, and returns that if it is
 * negative. `next`: what `before` of the next page is; "" at the end. A page may have fewer tasks
 * than `limit`, because it also ends after much counting. -ENOENT: `before` is not a commit. */
typedef int reader_task_fn(void *context, const struct reader_task *task);
int reader_tasks(char next[41], struct reader *reader, const struct reader_tasks_query *query,
                 reader_task_fn *handle, void *context, struct fault *fault);

/* One task by its commit's id in hex, which may be abbreviated to 7 digits: calls `handle` once,
 * and then `change` for each of its changes, as reader_log() reports them. -ENOENT: main's line
 * does not have this commit. */
int reader_task(struct reader *reader, const char *commit, reader_task_fn *handle,
                int (*change)(void *context, const struct reader_event *event), void *context,
                struct fault *fault);

#endif

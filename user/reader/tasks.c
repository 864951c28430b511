// SPDX-License-Identifier: MIT
/*
 * Goes along main's first parents, and reads of each commit what its trailers say, and by its trees
 * how many addresses it changed. Needs no index, but to begin at a time. A page costs as much as it
 * has tasks: the trees of neighbours are mostly the same, and are kept from one to the next.
 */
#include "reader/tasks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"
#include "format/format.h"
#include "reader/at.h"
#include "reader/lineage.h"

#define DAY_S 86400
#define PAGE_COUNTS                                                                                \
	200000          /* changes counted in one page: 0.2 s, for a page of nothing but imports */
#define BRANCH_MAX   64 /* commits of a branch that are looked at for its beginning */
#define SEARCH_MAX   100000 /* commits of one time among which one is looked for */
#define LEAST_DIGITS 7      /* of an abbreviated id */

struct walk {
	struct reader *reader;
	const struct reader_tasks_query *query;
	struct bulk *bulk;   /* owned */
	struct trees *trees; /* owned */
	size_t counted;
	size_t reported;
};

struct trailers {
	char task[TASK_ID_MAX], branch[256];
};

const char *task_lane_name(enum task_lane lane)
{
	static const char *const names[LANES] = {"learn",    "move", "expire",
	                                         "operator", "push", "other"};

	return names[lane];
}

/* Those of others than the agent are not believed. */
static void read_trailers(struct trailers *read, const git_commit *commit)
{
	git_message_trailer_array list = {0};

	*read = (struct trailers){.task = ""};
	if (!own_commit(commit) || git_message_trailers(&list, git_commit_message(commit)) < 0)
		return;
	for (size_t i = 0; i < list.count; i++) {
		const char *value = list.trailers[i].value;

		if (!read->task[0] && !strcmp(list.trailers[i].key, "Task"))
			snprintf(read->task, sizeof(read->task), "%s", value);
		else if (!read->branch[0] && !strcmp(list.trailers[i].key, "Branch"))
			snprintf(read->branch, sizeof(read->branch), "%s", value);
	}
	git_message_trailer_array_free(&list);
}

static enum task_lane lane_of(const char *kind)
{
	static const struct {
		const char *kind;
		enum task_lane lane;
	} lanes[] = {{"learn", LANE_LEARN},       {"resolve", LANE_LEARN},
	             {"move", LANE_MOVE},         {"expire", LANE_EXPIRE},
	             {"operator", LANE_OPERATOR}, {"import", LANE_OPERATOR},
	             {READER_PUSH, LANE_PUSH}};

	for (size_t i = 0; i < sizeof(lanes) / sizeof(*lanes); i++)
		if (!strcmp(kind, lanes[i].kind))
			return lanes[i].lane;
	return LANE_OTHER;
}

/* "operator" of a merge that took a branch of a person's is a push, too. */
static void set_kind(char kind[TASK_ID_MAX], const git_commit *commit,
                     const struct trailers *trailers)
{
	if (trailers->branch[0] || (!trailers->task[0] && !own_commit(commit)))
		snprintf(kind, TASK_ID_MAX, "%s", READER_PUSH);
	else
		snprintf(kind, TASK_ID_MAX, "%.*s", (int)strcspn(trailers->task, "/"),
		         trailers->task);
}

/* --- how many addresses, and where its branch began --------------------------------------------
 */

static int count_difference(void *context, const struct tree_difference *difference)
{
	struct reader_task *task = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct address address;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0)
		return 0;
	task->more = task->changes == TASK_CHANGES_MAX;
	task->changes += !task->more;
	return task->more ? READER_STOPPED : 0;
}

static int count_changes(struct reader_task *task, struct walk *walk, const git_commit *commit)
{
	git_commit *parent = NULL;
	int error = task->parents ? git_commit_parent(&parent, commit, 0) : 0;

	if (!error)
		error = trees_compare(walk->trees, parent ? git_commit_tree_id(parent) : NULL,
		                      git_commit_tree_id(commit), count_difference, task);
	git_commit_free(parent);
	walk->counted += task->changes;
	return error == READER_STOPPED ? 0 : error;
}

/* Whether a commit was made for the merge: a task's by the agent, a branch's by people. */
static bool is_of_branch(const git_commit *commit, const struct reader_task *merge)
{
	struct trailers trailers;

	if (merge->lane == LANE_PUSH)
		return !own_commit(commit);
	read_trailers(&trailers, commit);
	return trailers.task[0] && !strcmp(trailers.task, merge->task);
}

/* Down from the second parent, to the first commit that is not the branch's. Where that is no
 * commit of the line, its time says from which on the branch is older. */
static int find_base(struct reader_task *task, const struct walk *walk, const git_commit *merge)
{
	git_commit *commit = NULL, *parent;
	int error = git_commit_parent(&commit, merge, 1);

	for (unsigned i = 0; i < BRANCH_MAX && !error && is_of_branch(commit, task); i++) {
		if (git_commit_parentcount(commit) == 0 ||
		    shallow_has(&walk->reader->shallow, git_commit_id(commit)))
			goto out;
		error = git_commit_parent(&parent, commit, 0);
		if (error)
			break;
		git_commit_free(commit);
		commit = parent;
	}
	if (!error && !is_of_branch(commit, task)) {
		git_oid_tostr(task->base, sizeof(task->base), git_commit_id(commit));
		task->base_time = git_commit_time(commit);
	}
out:
	git_commit_free(commit);
	return error;
}

/* --- one commit of the line ------------------------------------------------------------------ */

static bool is_asked_for(const struct reader_tasks_query *query, const struct reader_task *task)
{
	if ((query->since && task->time < query->since) ||
	    (query->until && task->time > query->until))
		return false;
	if (query->kind && strcmp(query->kind, task->kind) != 0)
		return false;
	return !query->by || !strcasecmp(query->by, task->author);
}

static void set_parents(struct reader_task *task, const struct walk *walk, const git_commit *commit)
{
	if (!shallow_has(&walk->reader->shallow, git_commit_id(commit)))
		task->parents = git_commit_parentcount(commit);
	if (task->parents > STORED_PARENTS)
		task->parents = STORED_PARENTS;
	for (unsigned i = 0; i < task->parents; i++)
		git_oid_tostr(task->parent[i], sizeof(task->parent[i]),
		              git_commit_parent_id(commit, i));
}

/* 0, READER_STOPPED and `stop`, or a libgit2 error. */
static int report(struct walk *walk, git_commit *commit, reader_task_fn *handle, void *context,
                  int *stop)
{
	const char *summary = git_commit_summary(commit), *body = git_commit_body(commit);
	char kind[TASK_ID_MAX];
	struct trailers trailers;
	struct reader_task task = {.time = git_commit_time(commit),
	                           .kind = kind,
	                           .task = trailers.task,
	                           .branch = trailers.branch,
	                           .author = git_commit_author(commit)->name,
	                           .subject = summary ? summary : "",
	                           .body = body ? body : ""};
	int error = 0;

	read_trailers(&trailers, commit);
	set_kind(kind, commit, &trailers);
	task.lane = lane_of(kind);
	if (!is_asked_for(walk->query, &task))
		return 0;
	git_oid_tostr(task.commit, sizeof(task.commit), git_commit_id(commit));
	set_parents(&task, walk, commit);
	error = count_changes(&task, walk, commit);
	if (!error && walk->query->bases && task.parents > 1 && task.lane != LANE_OTHER)
		error = find_base(&task, walk, commit);
	if (error)
		return error;
	walk->reported++;
	*stop = handle(context, &task);
	return *stop ? READER_STOPPED : 0;
}

/* Replaces a commit by the one before it on the line. GIT_ITEROVER: there is none. */
static int step(git_commit **commit, const struct reader *reader)
{
	git_commit *parent;
	int error;

	if (git_commit_parentcount(*commit) == 0 ||
	    shallow_has(&reader->shallow, git_commit_id(*commit)))
		return GIT_ITEROVER;
	error = git_commit_parent(&parent, *commit, 0);
	if (error)
		return error;
	git_commit_free(*commit);
	*commit = parent;
	return 0;
}

/* Clocks may have been set back, but not by more than a day. */
static bool is_too_old(int64_t since, const git_commit *commit)
{
	return since && git_commit_time(commit) < since - DAY_S;
}

static bool is_full(const struct walk *walk)
{
	return (walk->query->limit && walk->reported >= walk->query->limit) ||
	       walk->counted >= PAGE_COUNTS;
}

static int walk_line(char next[41], struct walk *walk, git_commit **commit, reader_task_fn *handle,
                     void *context, int *stop)
{
	int error;

	do {
		error = report(walk, *commit, handle, context, stop);
		git_oid_tostr(next, 41, git_commit_id(*commit));
		if (error)
			return error;
		error = is_too_old(walk->query->since, *commit) ? GIT_ITEROVER
		                                                : step(commit, walk->reader);
	} while (!error && !is_full(walk));
	if (error == GIT_ITEROVER)
		next[0] = '\0';
	return error == GIT_ITEROVER ? 0 : error;
}

/* --- where to begin -------------------------------------------------------------------------- */

static bool is_hex(const char *text, size_t length)
{
	return length >= LEAST_DIGITS && length <= GIT_OID_HEXSZ &&
	       strspn(text, "0123456789abcdef") == length;
}

static int no_commit(const char *name, struct fault *fault)
{
	return fault_set(fault, -ENOENT,
	                 "%.80s is not a commit of main: `arpkeeper log --graph` lists them", name);
}

static int find_commit(git_commit **commit, const struct reader *reader, const char *name,
                       struct fault *fault)
{
	size_t length = strlen(name);
	git_oid id;

	if (!is_hex(name, length) || git_oid_fromstrn(&id, name, length) < 0 ||
	    git_commit_lookup_prefix(commit, reader->repository, &id, length) < 0)
		return no_commit(name, fault);
	return 0;
}

/* The newest commit of the line that is not later. */
static int find_time(git_commit **commit, struct reader *reader, int64_t time, struct fault *fault)
{
	struct reader_moment moment;
	int error = reader_at(reader, &moment, time, fault);

	return error ? error : reader_commit(commit, reader, moment.commit, fault);
}

/* Whether main's line has a commit, which is looked for from its time on. */
static int is_on_line(bool *found, struct reader *reader, const git_commit *wanted,
                      struct fault *fault)
{
	git_commit *commit = NULL;
	int error = find_time(&commit, reader, git_commit_time(wanted), fault);

	*found = false;
	if (error)
		return error == -ENODATA ? 0 : error;
	for (unsigned i = 0;
	     i < SEARCH_MAX && !error && !*found && !is_too_old(git_commit_time(wanted), commit);
	     i++) {
		*found = git_oid_equal(git_commit_id(commit), git_commit_id(wanted));
		if (!*found)
			error = step(&commit, reader);
	}
	git_commit_free(commit);
	return error && error != GIT_ITEROVER ? reader_git_fault(fault, reader) : 0;
}

/* GIT_ITEROVER: there are no tasks. Another error has a fault. */
static int begin(git_commit **commit, struct reader *reader, const struct reader_tasks_query *query,
                 struct fault *fault)
{
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);

	if (!error && query->before) {
		error = find_commit(commit, reader, query->before, fault);
		if (!error)
			error = step(commit, reader);
		if (error && error != -ENOENT && error != GIT_ITEROVER)
			error = reader_git_fault(fault, reader);
	} else if (!error && query->until && git_commit_time(tip) > query->until) {
		error = find_time(commit, reader, query->until, fault);
		error = error == -ENODATA ? GIT_ITEROVER : error;
	} else if (!error) {
		*commit = tip;
		tip = NULL;
	}
	git_commit_free(tip);
	return error;
}

static int walk_open(struct walk *walk)
{
	walk->bulk = bulk_new(walk->reader->repository, false);
	walk->trees = walk->bulk ? trees_new(walk->bulk) : NULL;
	return walk->trees ? 0 : -ENOMEM;
}

static void walk_close(struct walk *walk)
{
	trees_free(walk->trees);
	bulk_free(walk->bulk);
}

int reader_tasks(char next[41], struct reader *reader, const struct reader_tasks_query *query,
                 reader_task_fn *handle, void *context, struct fault *fault)
{
	struct walk walk = {.reader = reader, .query = query};
	const struct fault reason = {""};
	git_commit *commit = NULL;
	int stop = 0, error;

	next[0] = '\0';
	error = begin(&commit, reader, query, fault);
	if (!error && walk_open(&walk) < 0) {
		error = fault_set(fault, -ENOMEM, "out of memory");
	} else if (!error) {
		error = walk_line(next, &walk, &commit, handle, context, &stop);
		error = reader_result(reader, error, stop, &reason, fault);
	}
	walk_close(&walk);
	git_commit_free(commit);
	return error == GIT_ITEROVER ? 0 : error;
}

/* What the commit is, and what it changed. */
static int report_open(struct walk *walk, git_commit *commit, reader_task_fn *handle,
                       struct teller *teller, struct fault *fault)
{
	int stop = 0, error = report(walk, commit, handle, teller->context, &stop);
	git_oid parent;

	if (error)
		return reader_result(walk->reader, error, stop, &teller->reason, fault);
	error = lineage_tell(teller, git_commit_id(commit), &parent);
	return reader_result(walk->reader, error, teller->stop, &teller->reason, fault);
}

int reader_task(struct reader *reader, const char *name, reader_task_fn *handle,
                int (*change)(void *context, const struct reader_event *event), void *context,
                struct fault *fault)
{
	const struct reader_tasks_query all = {.limit = 1};
	struct walk walk = {.reader = reader, .query = &all};
	struct teller teller = {.reader = reader, .handle = change, .context = context};
	git_commit *commit = NULL, *tip = NULL;
	bool found = false;
	int error = reader_tip(&tip, reader, fault);

	if (!error)
		error = find_commit(&commit, reader, name, fault);
	if (!error)
		error = is_on_line(&found, reader, commit, fault);
	if (!error && !found)
		error = no_commit(name, fault);
	if (!error && walk_open(&walk) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = report_open(&walk, commit, handle, &teller, fault);
	walk_close(&walk);
	git_commit_free(commit);
	git_commit_free(tip);
	return error;
}

/* SPDX-License-Identifier: MIT */
/* Turns tasks into JSON. Bounded: a page has at most TASKS_MAX tasks, an opened task shows
 * API_LIMIT changes. */
#include "web/tasks.h"

#include <errno.h>
#include <string.h>

#include "client/client.h"
#include "reader/reader.h"
#include "web/eventjson.h"
#include "web/parameter.h"
#include "web/past.h"

#define TASKS_DEFAULT 100
#define TASKS_MAX     500

static json_t *parents_json(const struct reader_task *task)
{
	json_t *parents = json_array();

	for (unsigned i = 0; parents && i < task->parents; i++)
		json_array_append_new(parents, json_string(task->parent[i]));
	return parents;
}

static json_t *task_json(const struct reader_task *task)
{
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:I, s:b}", "commit",
	                 task->commit, "time", json_of_time(task->time), "subject",
	                 json_of_text(task->subject), "kind", json_of_text(task->kind), "task",
	                 json_of_text(task->task), "branch", json_of_text(task->branch), "author",
	                 json_of_text(task->author), "lane", task_lane_name(task->lane), "parents",
	                 parents_json(task), "changes", (json_int_t)task->changes, "more",
	                 task->more);
}

static int add_task(void *context, const struct reader_task *task)
{
	return json_array_append_new(context, task_json(task)) < 0 ? -ENOMEM : 0;
}

int api_tasks(const struct api_request *request, json_t **answer, struct fault *fault)
{
	size_t limit = TASKS_DEFAULT;
	struct reader_tasks_query query = {.before = NULL};
	struct reader *reader = NULL;
	json_t *tasks = json_array();
	char next[41] = "";
	int error = parameter_number(&limit, request, "limit", 1, TASKS_MAX, fault);

	*answer = NULL;
	query.limit = limit;
	if (!error)
		error = parameter_commit(&query.before, request, "before", fault);
	if (!error)
		error = past_open(&reader, request, fault);
	if (!error)
		error = reader_tasks(next, reader, &query, add_task, tasks, fault);
	reader_close(reader);
	if (!error)
		*answer = json_pack("{s:O, s:o}", "tasks", tasks, "next", json_of_text(next));
	json_decref(tasks);
	if (error == -ENOMEM || (!error && !*answer))
		return fault_set(fault, -ENOMEM, "out of memory");
	return error;
}

struct opened {
	json_t *task;    /* owned */
	json_t *changes; /* owned */
};

static int open_task(void *context, const struct reader_task *task)
{
	struct opened *opened = context;

	opened->task = task_json(task);
	if (json_object_set(opened->task, "total", json_object_get(opened->task, "changes")) < 0 ||
	    json_object_set_new(opened->task, "body", json_of_text(task->body)) < 0)
		return -ENOMEM;
	return 0;
}

static int add_change(void *context, const struct reader_event *event)
{
	struct opened *opened = context;

	if (json_array_size(opened->changes) >= API_LIMIT)
		return 1;
	return json_array_append_new(opened->changes, event_json(event)) < 0 ? -ENOMEM : 0;
}

int api_task(const struct api_request *request, json_t **answer, struct fault *fault)
{
	struct opened opened = {.changes = json_array()};
	struct reader *reader = NULL;
	int error = past_open(&reader, request, fault);

	*answer = NULL;
	if (!error)
		error = reader_task(reader, request->subject, open_task, add_change, &opened,
		                    fault);
	reader_close(reader);
	if (!error && json_object_set(opened.task, "changes", opened.changes) == 0)
		*answer = json_incref(opened.task);
	json_decref(opened.changes);
	json_decref(opened.task);
	if (error == -ENOMEM || (!error && !*answer))
		return fault_set(fault, -ENOMEM, "out of memory");
	return error;
}

/* SPDX-License-Identifier: MIT */
/* Answers about the tasks of main: the recent ones, and one of them with its changes. */
#ifndef USER_WEB_TASKS_H
#define USER_WEB_TASKS_H

#include "web/api.h"

/* GET /api/v1/tasks?limit&before: {"tasks": [{"commit", "time", "subject", "kind", "task",
 * "branch", "author", "lane", "parents", "changes", "more"}], "next": what `before` of the next
 * page is | null}
 */
int api_tasks(const struct api_request *request, json_t **answer, struct fault *fault);
/* GET /api/v1/task/COMMIT: the same members of one task, "body", and "changes": the first 1000 of
 * them as `log --json`; "total" counts the addresses. */
int api_task(const struct api_request *request, json_t **answer, struct fault *fault);

#endif

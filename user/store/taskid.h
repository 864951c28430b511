/* SPDX-License-Identifier: MIT */
/*
 * The id of a task: "<kind>/<date>-<node>-<number>". Older histories have "<kind>/<date>-<number>".
 * Every id has one reading: behind the date of the older form there is nothing but digits.
 */
#ifndef USER_STORE_TASKID_H
#define USER_STORE_TASKID_H

#include <stdbool.h>

#include "base/base.h"

#define TASK_ID_MAX   128 /* "operator/20261122-gateway-000017" */
#define TASK_DATE_MAX 8

struct task_id {
	char date[TASK_DATE_MAX + 1];
	char node[NODE_NAME_MAX + 1]; /* "": the older form */
	unsigned long number;
};

/* Whether a text is a task's id. */
bool task_id_parse(struct task_id *id, const char *text);
void task_id_format(char text[TASK_ID_MAX], const char *kind, const struct task_id *id);

#endif
